package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Strings of a JSON schema: length, {@code pattern}, and the formats that a grammar can write. */
final class StringSchema {
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final String DATE =
      "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
          + "|02-(0[1-9]|1[0-9]|2[0-8]))";
  private static final String TIME =
      "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?";

  /** Part of what each format allows; never more. */
  private static final Map<String, String> FORMATS =
      Map.of(
          "date", DATE,
          "time", TIME,
          "date-time", DATE + "T" + TIME,
          "uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
          "ipv4", OCTET + "(\\." + OCTET + "){3}",
          "hostname", LABEL + "(\\." + LABEL + "){0,5}",
          "email", "[a-z0-9]([a-z0-9_+-]{0,30}[a-z0-9])?@" + LABEL + "(\\." + LABEL + "){1,4}");

  private StringSchema() {}

  /** Strings, in quotes, that are valid against the schema. */
  static Expr of(ObjectNode schema, String where) {
    int min = JsonSchema.count(schema, "minLength", 0, where);
    int max = JsonSchema.count(schema, "maxLength", Expr.UNBOUNDED, where);
    List<String> patterns = new ArrayList<>();
    if (schema.has("pattern")) {
      patterns.add(schema.path("pattern").asString(""));
    }
    String format = FORMATS.get(schema.path("format").asString(""));
    if (format != null) {
      patterns.add("^(" + format + ")$");
    }
    if (patterns.isEmpty()) {
      return max != Expr.UNBOUNDED && max < min ? Expr.NOTHING : JsonText.string(min, max);
    }
    if (patterns.size() > 1 || min > 0 || max != Expr.UNBOUNDED) {
      throw new BadInput(
          where
              + ": pattern, format and a length cannot be enforced together: keep one of them,"
              + " a length as part of the pattern ({2,8})");
    }
    return JsonText.string(PatternReader.read(patterns.getFirst()));
  }
}
