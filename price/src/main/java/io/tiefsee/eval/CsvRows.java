package io.tiefsee.eval;

import io.tiefsee.eval.Rows.Row;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads CSV as RFC 4180 has it: fields in quotes may hold commas, line ends and doubled quotes. */
final class CsvRows {
  private final Path file;
  private final String text;
  private int at;
  private int line = 1;

  private CsvRows(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * The rows after the header.
   *
   * @throws BadInput if a row has more or fewer fields than the header, or a quote is not closed
   */
  static List<Row> read(Path file, String text) {
    return new CsvRows(file, text).read();
  }

  private List<Row> read() {
    List<String> header = record();
    List<Row> rows = new ArrayList<>();
    while (at < text.length()) {
      int first = line;
      List<String> fields = record();
      if (fields.size() == 1 && fields.getFirst().isBlank()) {
        continue;
      }
      if (fields.size() != header.size()) {
        throw new BadInput(
            "%s:%d has %d fields, but the header has %d"
                .formatted(file, first, fields.size(), header.size()));
      }
      Map<String, Object> values = new LinkedHashMap<>();
      for (int i = 0; i < fields.size(); i++) {
        values.put(header.get(i), fields.get(i));
      }
      rows.add(new Row(file + ":" + first, values));
    }
    return rows;
  }

  /** Up to the end of the line, which is taken too. */
  private List<String> record() {
    List<String> fields = new ArrayList<>();
    for (; ; ) {
      fields.add(at < text.length() && text.charAt(at) == '"' ? quoted() : plain());
      if (at < text.length() && text.charAt(at) == ',') {
        at++;
        continue;
      }
      at += text.startsWith("\r\n", at) ? 2 : 1;
      line++;
      return fields;
    }
  }

  private String plain() {
    int start = at;
    while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(start, at);
  }

  private String quoted() {
    int first = line;
    StringBuilder field = new StringBuilder();
    for (at++; ; at++) {
      if (at >= text.length()) {
        throw new BadInput("%s:%d: the quote is never closed".formatted(file, first));
      }
      char c = text.charAt(at);
      if (c == '"') {
        if (!text.startsWith("\"\"", at)) {
          break;
        }
        at++;
      }
      line += c == '\n' ? 1 : 0;
      field.append(c);
    }
    at++;
    if (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      throw new BadInput("%s:%d: text follows a closing quote".formatted(file, line));
    }
    return field.toString();
  }
}
