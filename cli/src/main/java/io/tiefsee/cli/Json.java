package io.tiefsee.cli;

import io.tiefsee.tensor.BadInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON that programs exchange with the commands. Loaded only where JSON is asked for. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Amounts of money are read by people too.
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .build();

  private Json() {}

  /** Maps, lists, arrays, numbers, strings and booleans as one line. */
  static String write(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** An object whose members keep this order: name, value, name, value … */
  static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  /**
   * The array in a text.
   *
   * @param what begins the message of an error
   * @throws BadInput if it is none
   */
  static JsonNode readArray(String what, String text) {
    JsonNode node = read(what, text);
    if (!node.isArray()) {
      throw new BadInput(what + " is no JSON array");
    }
    return node;
  }

  /**
   * Any JSON value.
   *
   * @throws BadInput if it is none
   */
  static JsonNode read(String what, String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " (line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ")";
      throw new BadInput(what + " is no valid JSON" + where + ": " + e.getOriginalMessage(), e);
    }
  }

  /** A list of objects as Java maps; empty where there is none. */
  static List<Map<String, Object>> objects(String what, JsonNode array) {
    if (array.isMissingNode() || array.isNull()) {
      return List.of();
    }
    for (JsonNode n : array) {
      if (!n.isObject()) {
        throw new BadInput(what + " has an element that is no JSON object");
      }
    }
    if (!array.isArray()) {
      throw new BadInput(what + " is no JSON array");
    }
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> list = MAPPER.convertValue(array, List.class);
    return list;
  }

  /** An object as a Java map. */
  static Map<String, Object> map(JsonNode object) {
    @SuppressWarnings("unchecked")
    Map<String, Object> map = MAPPER.convertValue(object, Map.class);
    return map;
  }
}
