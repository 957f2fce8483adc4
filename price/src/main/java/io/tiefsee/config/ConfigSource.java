package io.tiefsee.config;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * A TOML document with what the command line sets over it, and where each key stands.
 *
 * @param root the document
 * @param places by dotted key: {@code file:line} or {@code --set …}
 */
public record ConfigSource(String name, ObjectNode root, Map<String, String> places) {
  private static final TomlMapper TOML = new TomlMapper();
  private static final Pattern TABLE = Pattern.compile("\\s*\\[\\[?\\s*([^]]+?)\\s*]]?\\s*(#.*)?");
  private static final Pattern KEY = Pattern.compile("\\s*([A-Za-z0-9_.\"' -]+?)\\s*=.*");

  public static ConfigSource of(Path file, List<String> overrides) {
    try {
      return of(file.toString(), Files.readString(file), overrides);
    } catch (IOException e) {
      throw new BadInput(file + " cannot be read: " + BadInput.reason(e), e);
    }
  }

  /**
   * @param name begins the message of an error
   * @param overrides {@code key=value} each
   * @throws BadInput if the text is no TOML or an override is none
   */
  public static ConfigSource of(String name, String text, List<String> overrides) {
    ObjectNode root;
    try {
      root = (ObjectNode) TOML.readTree(text.getBytes(StandardCharsets.UTF_8));
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      String what = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw new BadInput(name + (line > 0 ? ":" + line : "") + " is no valid TOML: " + what, e);
    }
    ConfigSource source = new ConfigSource(name, root, places(name, text));
    overrides.forEach(source::override);
    return source;
  }

  /**
   * The parser keeps no positions, so the lines of keys are looked for; multi-line strings, which
   * no configuration needs, might deceive it, and then a message names a wrong line.
   */
  private static Map<String, String> places(String name, String text) {
    Map<String, String> places = new HashMap<>();
    Map<String, Integer> arrays = new HashMap<>();
    String table = "";
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      Matcher header = TABLE.matcher(line);
      Matcher key = KEY.matcher(line);
      if (header.matches()) {
        table = resolve(header.group(1), line.strip().startsWith("[["), arrays);
        places.putIfAbsent(table, name + ":" + number);
        table += ".";
      } else if (key.matches()) {
        places.putIfAbsent(table + key.group(1), name + ":" + number);
      }
    }
    return places;
  }

  /**
   * The path of a header: {@code lists.prices} within the third of {@code [[lists]]} is {@code
   * lists[2].prices}.
   *
   * @param opens whether the header opens a new element of an array
   * @param elements of each array so far, by its path
   */
  private static String resolve(String header, boolean opens, Map<String, Integer> elements) {
    String[] parts = header.split("\\s*\\.\\s*");
    String path = "";
    for (int i = 0; i < parts.length; i++) {
      path += (path.isEmpty() ? "" : ".") + parts[i];
      if (opens && i == parts.length - 1) {
        elements.merge(path, 1, Integer::sum);
      }
      path += elements.containsKey(path) ? "[" + (elements.get(path) - 1) + "]" : "";
    }
    return path;
  }

  private void override(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new BadInput("--set " + assignment + " is not KEY=VALUE, like grpo.steps=60");
    }
    String key = assignment.substring(0, equals).strip();
    String place = "--set " + assignment;
    set(key.split("\\."), value(assignment.substring(equals + 1).strip()), place);
  }

  /**
   * Sets a key, whatever the document says.
   *
   * @param place where the value comes from, for messages: {@code --port}
   */
  public void set(String key, Object value, String place) {
    set(key.split("\\."), TOML.valueToTree(value), place);
  }

  private void set(String[] path, JsonNode value, String place) {
    ObjectNode table = root;
    for (int i = 0; i + 1 < path.length; i++) {
      JsonNode next = table.get(path[i]);
      if (next != null && !next.isObject()) {
        throw new BadInput(place + ": " + path[i] + " is no table");
      }
      table = next == null ? table.putObject(path[i]) : (ObjectNode) next;
    }
    table.set(path[path.length - 1], value);
    places.put(String.join(".", path), place);
  }

  /** TOML where it is some; else a string, so that nobody has to quote within quotes. */
  private static JsonNode value(String text) {
    try {
      return TOML.readTree("v = " + text).path("v");
    } catch (JacksonException e) {
      return TOML.getNodeFactory().stringNode(text);
    }
  }

  /** Where a key stands, or the table around it, or the whole. */
  public String place(String key) {
    for (String k = key; ; k = k.substring(0, Math.max(k.lastIndexOf('.'), 0))) {
      Optional<String> place = Optional.ofNullable(places.get(k));
      if (place.isPresent()) {
        return place.get();
      }
      if (k.isEmpty()) {
        return name;
      }
    }
  }

  public BadInput bad(String key, String what) {
    return new BadInput(place(key) + ": " + what);
  }
}
