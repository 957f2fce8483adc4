package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Arrays of a JSON schema: items, first items by place, and how many there are. */
final class ArraySchema {
  private ArraySchema() {}

  /**
   * Arrays, in brackets, that are valid against the schema; the reader reads those of the items.
   */
  static Expr of(JsonSchema reader, ObjectNode schema, String where) {
    if (schema.path("uniqueItems").asBoolean(false)) {
      throw new BadInput(where + ": 'uniqueItems' cannot be enforced: leave it out");
    }
    int min = JsonSchema.count(schema, "minItems", 0, where);
    int max = JsonSchema.count(schema, "maxItems", Expr.UNBOUNDED, where);
    JsonNode items = schema.path("items");
    JsonNode prefix = items.isArray() ? items : schema.path("prefixItems");
    JsonNode rest = items.isArray() ? schema.path("additionalItems") : items;
    List<Expr> first = new ArrayList<>();
    for (int i = 0; i < prefix.size(); i++) {
      first.add(reader.value(prefix.get(i), where + "/prefixItems/" + i));
    }
    if (first.isEmpty()) {
      Expr item =
          rest.isMissingNode() ? reader.anything("value") : reader.value(rest, where + "/items");
      return JsonSchema.bracketed("[", list(item, min, max), "]");
    }
    return JsonSchema.bracketed("[", tuple(reader, first, rest, min, max, where), "]");
  }

  /**
   * All of the first items, as far as {@code max} allows, then as many others as are asked for.
   *
   * @param reader of the schemas of the others
   * @param tail what the others are; missing where they may be anything
   */
  private static Expr tuple(
      JsonSchema reader, List<Expr> first, JsonNode tail, int min, int max, String where) {
    int most = max == Expr.UNBOUNDED ? Integer.MAX_VALUE : max;
    int n = Math.min(first.size(), most);
    boolean closed = tail.isBoolean() && !tail.booleanValue();
    if (most < min || closed && n < min) {
      return Expr.NOTHING;
    }
    List<Expr> parts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      if (i > 0) {
        parts.add(JsonSchema.COMMA);
      }
      parts.add(first.get(i));
    }
    if (!closed && most > first.size()) {
      int least = Math.max(0, min - n);
      int limit = tail.isMissingNode() ? least : max == Expr.UNBOUNDED ? max : max - n;
      Expr item =
          tail.isMissingNode() ? reader.anything("value") : reader.value(tail, where + "/items");
      parts.add(Expr.repeat(Expr.seq(JsonSchema.COMMA, item), least, limit));
    }
    return new Expr.Seq(parts);
  }

  /** Items with commas between them. */
  static Expr list(Expr item, int min, int max) {
    if (max == 0) {
      return Expr.EMPTY;
    }
    Expr more =
        Expr.repeat(
            Expr.seq(JsonSchema.COMMA, item),
            Math.max(0, min - 1),
            max == Expr.UNBOUNDED ? max : max - 1);
    Expr some = Expr.seq(item, more);
    return min == 0
        ? Expr.optional(some)
        : max != Expr.UNBOUNDED && max < min ? Expr.NOTHING : some;
  }
}
