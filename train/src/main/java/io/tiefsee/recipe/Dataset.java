package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Examples in a file of JSON lines: {@code prompt}, {@code thinking} and {@code answer}, as
 * rejection sampling writes them. Blank lines and further members are passed over.
 */
public final class Dataset {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Dataset() {}

  /**
   * Reads a file.
   *
   * @throws BadInput naming file and line, if a line is not such an object or the file is empty
   */
  public static List<Demonstration> read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new BadInput(file + " does not exist: give a file of JSON lines", e);
    } catch (MalformedInputException e) {
      throw new BadInput(file + " is not UTF-8 text: give a file of JSON lines", e);
    } catch (IOException e) {
      throw new BadInput(file + " cannot be read: " + BadInput.reason(e), e);
    }
    List<Demonstration> rows = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        rows.add(row(file + ", line " + (i + 1), lines.get(i)));
      }
    }
    if (rows.isEmpty()) {
      throw new BadInput(file + " has no examples");
    }
    return rows;
  }

  private static Demonstration row(String where, String line) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JacksonException e) {
      throw new BadInput(
          where + " is no JSON object; one line is {\"prompt\": …, \"thinking\": …, \"answer\": …}",
          e);
    }
    return Demonstration.of(
        text(node, "prompt", where), text(node, "thinking", where), text(node, "answer", where));
  }

  private static String text(JsonNode node, String member, String where) {
    JsonNode value = node.path(member);
    if (!value.isString()) {
      throw new BadInput(where + " lacks the text \"" + member + "\"");
    }
    return value.asString();
  }
}
