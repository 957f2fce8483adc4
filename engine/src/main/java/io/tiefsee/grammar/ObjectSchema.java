package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Objects of a JSON schema: their members in the order of {@code properties}. */
final class ObjectSchema {
  private ObjectSchema() {}

  /**
   * Objects, in braces, that are valid against the schema; the reader reads those of the members.
   */
  static Expr of(JsonSchema reader, ObjectNode schema, String where) {
    JsonNode properties = schema.path("properties");
    if (!properties.isMissingNode() && !properties.isObject()) {
      throw new BadInput(
          where + ": properties must be an object, not " + JsonSchema.shown(properties));
    }
    Set<String> required = new LinkedHashSet<>();
    for (JsonNode name : schema.path("required")) {
      required.add(name.asString(""));
    }
    Map<String, JsonNode> members = new LinkedHashMap<>();
    properties.properties().forEach(e -> members.put(e.getKey(), e.getValue()));
    JsonNode additional = schema.path("additionalProperties");
    boolean free =
        additional.isMissingNode()
            ? members.isEmpty()
            : !additional.isBoolean() || additional.booleanValue();
    for (String name : required) {
      if (!members.containsKey(name)) {
        if (!additional.isMissingNode() && !free) {
          throw new BadInput(
              where
                  + ": '"
                  + name
                  + "' is required, but neither in properties nor allowed beside them");
        }
        members.put(
            name, additional.isObject() ? additional : JsonNodeFactory.instance.booleanNode(true));
      }
    }
    int least = JsonSchema.count(schema, "minProperties", 0, where);
    int most = JsonSchema.count(schema, "maxProperties", Integer.MAX_VALUE, where);
    if (least > required.size() || most < members.size() + (free ? 1 : 0)) {
      throw new BadInput(
          where + ": minProperties and maxProperties cannot be enforced here: use required");
    }
    return JsonSchema.bracketed(
        "{", members(reader, members, required, free, additional, where), "}");
  }

  /**
   * @param free whether members of other names are let through
   * @param additional what these are; anything where it is no schema
   */
  private static Expr members(
      JsonSchema reader,
      Map<String, JsonNode> members,
      Set<String> required,
      boolean free,
      JsonNode additional,
      String where) {
    String base = reader.newName("object-") + "-";
    List<String> names = List.copyOf(members.keySet());
    Expr end = Expr.EMPTY;
    Expr firstEnd = Expr.EMPTY;
    if (free) {
      Expr content =
          additional.isObject()
              ? reader.value(additional, where + "/additionalProperties")
              : reader.anything("value");
      if (names.isEmpty()) {
        firstEnd =
            ArraySchema.list(JsonSchema.member(JsonText.string(1, 40), content), 0, Expr.UNBOUNDED);
      } else {
        // One at most: of two, both might have the same name.
        Expr other = JsonSchema.member(JsonText.stringOtherThan(names), content);
        end = Expr.optional(Expr.seq(JsonSchema.COMMA, other));
        firstEnd = Expr.optional(other);
      }
    }
    // Two rules a member: with something before it, and with nothing.
    for (int i = names.size() - 1; i >= 0; i--) {
      String name = names.get(i);
      Expr one =
          JsonSchema.member(
              JsonSchema.literal(JsonNodeFactory.instance.stringNode(name)),
              reader.value(members.get(name), where + "/properties/" + name));
      Expr after = Expr.seq(JsonSchema.COMMA, one, end);
      Expr begin = Expr.seq(one, end);
      boolean must = required.contains(name);
      reader.define(base + i + "-next", must ? after : Expr.alt(after, end));
      reader.define(base + i + "-first", must ? begin : Expr.alt(begin, firstEnd));
      end = new Expr.Ref(base + i + "-next");
      firstEnd = new Expr.Ref(base + i + "-first");
    }
    return firstEnd;
  }
}
