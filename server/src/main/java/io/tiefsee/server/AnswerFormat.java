package io.tiefsee.server;

import io.tiefsee.grammar.Gbnf;
import io.tiefsee.grammar.Grammar;
import io.tiefsee.grammar.JsonSchema;
import io.tiefsee.tensor.BadInput;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The grammars that requests hold their answers to. */
final class AnswerFormat {
  private AnswerFormat() {}

  /** OpenAI's {@code response_format}, or {@code grammar} as GBNF. */
  static Optional<Grammar> of(Fields fields) {
    Optional<Grammar> byFormat =
        fields
            .object("response_format")
            .flatMap(format -> read(format, f -> f.requiredObject("json_schema")));
    Optional<Grammar> own =
        fields.string("grammar").map(text -> named(fields, "grammar", () -> Gbnf.parse(text)));
    if (byFormat.isPresent() && own.isPresent()) {
      throw fields.invalid("grammar", "and response_format exclude each other");
    }
    return byFormat.or(() -> own);
  }

  /**
   * A format with a {@code type}: text, json_object or json_schema.
   *
   * @param schemaIn where in the format the schema is
   */
  static Optional<Grammar> read(Fields format, UnaryOperator<Fields> schemaIn) {
    String type = format.requiredString("type");
    return switch (type) {
      case "text" -> Optional.empty();
      case "json_object" ->
          Optional.of(JsonSchema.grammar(JsonMapper.shared().readTree("{\"type\":\"object\"}")));
      case "json_schema" -> Optional.of(schema(schemaIn.apply(format), "schema"));
      default -> throw format.invalid("type", "must be one of text, json_object, json_schema");
    };
  }

  /** The grammar of a schema. */
  static Grammar schema(Fields fields, String name) {
    JsonNode node =
        fields
            .value(name)
            .orElseThrow(() -> fields.invalid(name, "is missing: it must be a schema"));
    if (!SamplingFields.isSchema(node)) {
      throw fields.wrongType(name, "must be an object");
    }
    return named(fields, name, () -> JsonSchema.grammar(node));
  }

  /** Names the field where its grammar is refused. */
  private static Grammar named(Fields fields, String name, Supplier<Grammar> grammar) {
    try {
      return grammar.get();
    } catch (BadInput e) {
      throw fields.invalid(name, "cannot be kept: " + e.getMessage());
    }
  }
}
