package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Several JSON schemas that hold at once, as one: for {@code allOf}, and for words beside {@code
 * anyOf}, {@code oneOf} and {@code $ref}.
 */
final class Merge {
  private static final Set<String> LARGER =
      Set.of("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties");
  private static final Set<String> SMALLER =
      Set.of("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties");
  private static final Set<String> NOTES =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "$comment",
          "$schema",
          "$id",
          "$defs",
          "definitions",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$anchor");

  private Merge() {}

  /** A schema whose {@code allOf} has become part of it. */
  static JsonNode all(ObjectNode schema, String where, Function<String, JsonNode> resolve) {
    if (!schema.get("allOf").isArray()) {
      throw new BadInput(where + ": allOf must be a list of schemas");
    }
    ObjectNode rest = schema.deepCopy();
    rest.remove("allOf");
    JsonNode merged = rest;
    for (JsonNode part : schema.get("allOf")) {
      merged = two(merged, part, where, resolve);
    }
    return merged;
  }

  /** A schema whose {@code $ref} has become part of it. */
  static JsonNode withReference(
      ObjectNode schema, String where, Function<String, JsonNode> resolve) {
    ObjectNode rest = schema.deepCopy();
    rest.remove("$ref");
    return two(rest, resolve.apply(schema.path("$ref").asString("")), where, resolve);
  }

  /** What is valid against both. */
  static JsonNode two(JsonNode a, JsonNode b, String where, Function<String, JsonNode> resolve) {
    if (a.isBoolean() || b.isBoolean()) {
      boolean never = a.isBoolean() && !a.booleanValue() || b.isBoolean() && !b.booleanValue();
      return never ? JsonNodeFactory.instance.booleanNode(false) : a.isBoolean() ? b : a;
    }
    if (!a.isObject() || !b.isObject()) {
      throw new BadInput(where + ": a schema must be an object or a boolean");
    }
    if (a.properties().stream().allMatch(e -> NOTES.contains(e.getKey()))) {
      return b;
    }
    if (b.has("$ref")) {
      return two(a, withReference((ObjectNode) b, where, resolve), where, resolve);
    }
    ObjectNode merged = ((ObjectNode) a).deepCopy();
    for (Map.Entry<String, JsonNode> e : b.properties()) {
      String word = e.getKey();
      JsonNode mine = merged.path(word);
      merged.set(
          word,
          mine.isMissingNode() ? e.getValue() : both(word, mine, e.getValue(), where, resolve));
    }
    return merged;
  }

  private static JsonNode both(
      String word, JsonNode a, JsonNode b, String where, Function<String, JsonNode> resolve) {
    if (a.equals(b) || NOTES.contains(word)) {
      return b;
    }
    if (LARGER.contains(word) && a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue()) >= 0 ? a : b;
    }
    if (SMALLER.contains(word) && a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue()) <= 0 ? a : b;
    }
    switch (word) {
      case "properties" -> {
        ObjectNode merged = ((ObjectNode) a).deepCopy();
        for (Map.Entry<String, JsonNode> e : b.properties()) {
          JsonNode mine = merged.path(e.getKey());
          merged.set(
              e.getKey(),
              mine.isMissingNode() ? e.getValue() : two(mine, e.getValue(), where, resolve));
        }
        return merged;
      }
      case "required" -> {
        return list(union(elements(a), elements(b)));
      }
      case "enum" -> {
        Set<JsonNode> common = new LinkedHashSet<>(elements(a));
        common.retainAll(elements(b));
        return list(common);
      }
      case "type" -> {
        Set<JsonNode> common = new LinkedHashSet<>(elements(a));
        common.retainAll(elements(b));
        if (!common.isEmpty()) {
          return list(common);
        }
      }
      case "items", "additionalProperties" -> {
        return two(a, b, where, resolve);
      }
      default -> {}
    }
    throw new BadInput(
        where + ": two different '" + word + "' for the same value cannot be enforced together");
  }

  private static Set<JsonNode> elements(JsonNode n) {
    Set<JsonNode> all = new LinkedHashSet<>();
    if (n.isArray()) {
      n.forEach(all::add);
    } else {
      all.add(n);
    }
    return all;
  }

  private static Set<JsonNode> union(Set<JsonNode> a, Set<JsonNode> b) {
    Set<JsonNode> all = new LinkedHashSet<>(a);
    all.addAll(b);
    return all;
  }

  private static ArrayNode list(Set<JsonNode> elements) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    elements.forEach(list::add);
    return list;
  }

  /**
   * Checks that no value can be valid against two of the schemas, as {@code oneOf} wants it: their
   * types differ, or their values, or those of a member that both require.
   */
  static void checkDistinct(
      List<JsonNode> schemas, String where, Function<String, JsonNode> resolve) {
    List<JsonNode> resolved = new ArrayList<>();
    for (JsonNode s : schemas) {
      resolved.add(s.has("$ref") ? withReference((ObjectNode) s, where, resolve) : s);
    }
    for (int i = 0; i < resolved.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (!distinct(resolved.get(i), resolved.get(j), resolve)) {
          throw new BadInput(
              where
                  + ": a value could be valid against two alternatives of oneOf, which cannot be"
                  + " enforced: use anyOf, or give each a required member with a const");
        }
      }
    }
  }

  private static boolean distinct(JsonNode a, JsonNode b, Function<String, JsonNode> resolve) {
    if (a.has("$ref")) {
      return distinct(resolve.apply(a.path("$ref").asString("")), b, resolve);
    }
    if (b.has("$ref")) {
      return distinct(a, resolve.apply(b.path("$ref").asString("")), resolve);
    }
    if (a.has("type") && b.has("type")) {
      Set<JsonNode> common = types(a);
      common.retainAll(types(b));
      if (common.isEmpty()) {
        return true;
      }
    }
    Set<JsonNode> values = values(a);
    Set<JsonNode> others = values(b);
    if (!values.isEmpty() && !others.isEmpty()) {
      values.retainAll(others);
      return values.isEmpty();
    }
    for (JsonNode name : elements(a.path("required"))) {
      String member = name.asString("");
      if (elements(b.path("required")).contains(name)
          && a.path("properties").has(member)
          && b.path("properties").has(member)
          && distinct(
              a.path("properties").get(member), b.path("properties").get(member), resolve)) {
        return true;
      }
    }
    return false;
  }

  private static Set<JsonNode> types(JsonNode schema) {
    Set<JsonNode> types = new HashSet<>(elements(schema.path("type")));
    if (types.contains(JsonNodeFactory.instance.stringNode("number"))) {
      types.add(JsonNodeFactory.instance.stringNode("integer"));
    }
    return types;
  }

  private static Set<JsonNode> values(JsonNode schema) {
    if (schema.has("const")) {
      return new HashSet<>(Set.of(schema.get("const")));
    }
    return schema.has("enum") ? new HashSet<>(elements(schema.get("enum"))) : new HashSet<>();
  }
}
