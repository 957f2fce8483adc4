package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON files of a model: strict, duplicate names are an error. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final long MAX_BYTES = 256 << 20;

  private Json() {}

  /**
   * The object in a file.
   *
   * @throws BadInput if it cannot be read or is no JSON object
   */
  static JsonNode read(Path path) {
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw new BadInput(path + ": this JSON file is larger than " + (MAX_BYTES >> 20) + " MiB");
      }
      return parse(path + ": this is", Files.readAllBytes(path));
    } catch (IOException e) {
      throw new BadInput(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * The object in {@code bytes}.
   *
   * @param what begins the message of an error
   */
  static JsonNode parse(String what, byte[] bytes) {
    JsonNode node;
    try {
      node = MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " (line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ")";
      String why = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw new BadInput(what + " no valid JSON" + where + ": " + Quote.of(why), e);
    }
    if (!node.isObject()) {
      throw new BadInput(what + " no JSON object");
    }
    return node;
  }

  /** The members of an object as Java values; null members are left out. */
  static Map<String, Object> map(JsonNode object) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : object.properties()) {
      if (!e.getValue().isNull()) {
        map.put(e.getKey(), value(e.getValue()));
      }
    }
    return Collections.unmodifiableMap(map);
  }

  private static Object value(JsonNode n) {
    if (n.isObject()) {
      return map(n);
    }
    if (n.isArray()) {
      List<Object> list = new ArrayList<>(n.size());
      for (JsonNode e : n) {
        if (!e.isNull()) {
          list.add(value(e));
        }
      }
      return Collections.unmodifiableList(list);
    }
    if (n.isBoolean()) {
      return n.booleanValue();
    }
    if (n.isIntegralNumber() && n.canConvertToLong()) {
      return n.longValue();
    }
    return n.isNumber() ? (Object) n.doubleValue() : n.stringValue();
  }
}
