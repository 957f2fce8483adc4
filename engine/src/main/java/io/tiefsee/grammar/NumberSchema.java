package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Numbers of a JSON schema: integers and decimals between bounds. */
final class NumberSchema {
  private NumberSchema() {}

  /** Numbers that are valid against the schema. */
  static Expr of(boolean integer, ObjectNode schema, String where) {
    Optional<NumberRange.Bound> min = bound(schema, "minimum", "exclusiveMinimum", 1, where);
    Optional<NumberRange.Bound> max = bound(schema, "maximum", "exclusiveMaximum", -1, where);
    if (integer) {
      return NumberRange.integers(min, max);
    }
    return min.isEmpty() && max.isEmpty() ? JsonText.NUMBER : NumberRange.numbers(min, max);
  }

  private static Optional<NumberRange.Bound> bound(
      ObjectNode schema, String closed, String open, int sign, String where) {
    JsonNode c = schema.path(closed);
    JsonNode o = schema.path(open);
    boolean draft4 = o.isBoolean(); // there it only says how the other is meant
    Optional<BigDecimal> closedAt = decimal(c, closed, where);
    Optional<BigDecimal> openAt = draft4 ? Optional.empty() : decimal(o, open, where);
    if (closedAt.isPresent() && openAt.isPresent()) {
      boolean openDecides = Integer.signum(openAt.get().compareTo(closedAt.get())) != -sign;
      return Optional.of(
          openDecides
              ? new NumberRange.Bound(openAt.get(), true)
              : new NumberRange.Bound(closedAt.get(), false));
    }
    return openAt
        .map(v -> new NumberRange.Bound(v, true))
        .or(() -> closedAt.map(v -> new NumberRange.Bound(v, draft4 && o.booleanValue())));
  }

  private static Optional<BigDecimal> decimal(JsonNode n, String word, String where) {
    if (n.isMissingNode()) {
      return Optional.empty();
    }
    if (!n.isNumber()) {
      throw new BadInput(where + ": " + word + " must be a number, not " + JsonSchema.shown(n));
    }
    return Optional.of(n.decimalValue());
  }
}
