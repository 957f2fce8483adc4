package io.tiefsee.eval;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;

/** The rows of a file: JSON Lines, CSV with a header, or Parquet. */
final class Rows {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private Rows() {}

  /**
   * A row.
   *
   * @param place {@code file:line}, or {@code file, row n} where there are no lines
   * @param values by the column's name; texts, numbers, lists
   */
  record Row(String place, Map<String, Object> values) {
    /** The first of these columns that the row has a value in; case does not matter. */
    Optional<Object> find(String... columns) {
      for (String column : columns) {
        for (Map.Entry<String, Object> entry : values.entrySet()) {
          if (entry.getKey().strip().equalsIgnoreCase(column) && entry.getValue() != null) {
            return Optional.of(entry.getValue());
          }
        }
      }
      return Optional.empty();
    }

    Optional<String> text(String... columns) {
      return find(columns).map(String::valueOf).map(String::strip).filter(t -> !t.isEmpty());
    }

    /**
     * @throws BadInput if it has none of them
     */
    String required(String... columns) {
      return text(columns)
          .orElseThrow(() ->
              new BadInput("%s has no '%s'".formatted(place, String.join("' or '", columns))));
    }

    /**
     * A list, or the JSON text of one.
     *
     * @throws BadInput if it is none
     */
    List<String> list(String column) {
      Object value =
          find(column).orElseThrow(() -> new BadInput("%s has no '%s'".formatted(place, column)));
      try {
        List<?> list =
            value instanceof List<?> l ? l : JSON.readValue(String.valueOf(value), List.class);
        return list.stream().map(String::valueOf).map(String::strip).toList();
      } catch (JacksonException e) {
        throw new BadInput("%s: '%s' is no list".formatted(place, column), e);
      }
    }
  }

  /**
   * Reads a file by the ending of its name: {@code .jsonl} (also {@code .json} with an object a
   * line), {@code .csv}, {@code .parquet}.
   *
   * @throws BadInput if it cannot be read, with the line where it is wrong, or if it is empty
   */
  static List<Row> read(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    List<Row> rows;
    if (name.endsWith(".parquet")) {
      rows = ParquetRows.read(file);
    } else if (name.endsWith(".csv")) {
      rows = CsvRows.read(file, text(file));
    } else if (name.endsWith(".jsonl") || name.endsWith(".json")) {
      rows = lines(file, text(file));
    } else {
      throw new BadInput(
          file + " is of no known kind: its name must end in .jsonl, .csv or .parquet");
    }
    if (rows.isEmpty()) {
      throw new BadInput(file + " holds no rows");
    }
    return rows;
  }

  private static String text(Path file) {
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      return text.startsWith("\ufeff") ? text.substring(1) : text;
    } catch (IOException e) {
      throw new BadInput(file + " cannot be read: " + BadInput.reason(e), e);
    }
  }

  private static List<Row> lines(Path file, String text) {
    List<Row> rows = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String place = file + ":" + number;
      try {
        rows.add(new Row(place, JSON.readValue(line, OBJECT)));
      } catch (JacksonException e) {
        throw new BadInput(place + " is no JSON object: " + e.getOriginalMessage(), e);
      }
    }
    return rows;
  }
}
