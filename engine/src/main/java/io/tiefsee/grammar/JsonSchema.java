package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON schema (draft 2020-12, and the older words still in use) as a grammar of the JSON texts
 * that are valid against it.
 *
 * <p>The grammar lets through a part of the valid texts, never an invalid one: members come in the
 * order of {@code properties}; others only where {@code additionalProperties} asks for them, or
 * where there are no {@code properties}. What a grammar cannot keep ({@code uniqueItems}, {@code
 * multipleOf}, {@code not}, …) is refused, not ignored.
 */
public final class JsonSchema {
  private static final int MAX_DEPTH = 100;

  /** Words that limit what is valid, and that no grammar of ours keeps. */
  private static final Set<String> REFUSED =
      Set.of(
          "not",
          "if",
          "then",
          "else",
          "dependentRequired",
          "dependentSchemas",
          "dependencies",
          "patternProperties",
          "propertyNames",
          "unevaluatedProperties",
          "unevaluatedItems",
          "contains",
          "minContains",
          "maxContains",
          "multipleOf",
          "$dynamicRef",
          "$recursiveRef");

  /** Words of one type, from which a missing {@code type} is guessed. */
  private static final Map<String, String> TELLING =
      Map.ofEntries(
          Map.entry("properties", "object"),
          Map.entry("required", "object"),
          Map.entry("additionalProperties", "object"),
          Map.entry("items", "array"),
          Map.entry("prefixItems", "array"),
          Map.entry("minItems", "array"),
          Map.entry("maxItems", "array"),
          Map.entry("minLength", "string"),
          Map.entry("maxLength", "string"),
          Map.entry("pattern", "string"),
          Map.entry("format", "string"),
          Map.entry("minimum", "number"),
          Map.entry("maximum", "number"),
          Map.entry("exclusiveMinimum", "number"),
          Map.entry("exclusiveMaximum", "number"));

  /** Between members or items. */
  static final Expr COMMA = Expr.seq(Expr.text(","), JsonText.SPACE);

  private static final List<String> TYPES =
      List.of("string", "number", "integer", "boolean", "null", "object", "array");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final JsonNode root;
  private final Map<String, Expr> rules = new LinkedHashMap<>();
  private final Map<String, String> references = new LinkedHashMap<>();
  private int depth;
  private int names;

  private JsonSchema(JsonNode root) {
    this.root = root;
  }

  /**
   * The grammar of a schema.
   *
   * @throws BadInput if the schema is broken, lets nothing through, or uses what a grammar cannot
   *     keep
   */
  public static Grammar grammar(JsonNode schema) {
    JsonSchema reader = new JsonSchema(schema);
    reader.rules.put("root", reader.value(schema, "the schema"));
    return Grammar.of("root", reader.rules);
  }

  /** The grammar of any JSON object: {@code response_format: {"type": "json_object"}}. */
  public static Grammar anyObject() {
    JsonSchema reader = new JsonSchema(JSON.nullNode());
    reader.rules.put("root", reader.anything("object"));
    return Grammar.of("root", reader.rules);
  }

  /** A rule name that was not given out before. */
  String newName(String prefix) {
    return prefix + names++;
  }

  void define(String name, Expr body) {
    rules.put(name, body);
  }

  private Expr rule(String name, Supplier<Expr> body) {
    if (!rules.containsKey(name)) {
      rules.put(name, Expr.NOTHING); // so that rules may name themselves
      rules.put(name, body.get());
    }
    return new Expr.Ref(name);
  }

  Expr value(JsonNode schema, String where) {
    if (schema.isBoolean()) {
      return schema.booleanValue() ? anything("value") : Expr.NOTHING;
    }
    if (!schema.isObject()) {
      throw new BadInput(where + " must be an object or a boolean, not " + shown(schema));
    }
    if (++depth > MAX_DEPTH) {
      throw new BadInput("the schema is nested deeper than " + MAX_DEPTH + " levels");
    }
    try {
      return ofObject((ObjectNode) schema, where);
    } finally {
      depth--;
    }
  }

  private Expr ofObject(ObjectNode schema, String where) {
    for (Map.Entry<String, JsonNode> e : schema.properties()) {
      if (REFUSED.contains(e.getKey())) {
        throw new BadInput(where + ": '" + e.getKey() + "' cannot be enforced: leave it out");
      }
    }
    if (schema.has("$ref")) {
      return reference(schema, where);
    }
    if (schema.has("allOf")) {
      return value(Merge.all(schema, where, this::resolve), where);
    }
    for (String choice : List.of("anyOf", "oneOf")) {
      if (schema.has(choice)) {
        return choice(schema, choice, where);
      }
    }
    if (schema.has("const")) {
      return literal(schema.get("const"));
    }
    if (schema.has("enum")) {
      return enumeration(schema, where);
    }
    List<Expr> options = new ArrayList<>();
    for (String type : types(schema, where)) {
      options.add(ofType(type, schema, where));
    }
    return options.size() == 1 ? options.getFirst() : new Expr.Alt(options);
  }

  private Expr ofType(String type, ObjectNode schema, String where) {
    return switch (type) {
      case "string" -> StringSchema.of(schema, where);
      case "integer", "number" -> NumberSchema.of(type.equals("integer"), schema, where);
      case "boolean" -> Expr.alt(Expr.text("true"), Expr.text("false"));
      case "null" -> Expr.text("null");
      case "object" -> ObjectSchema.of(this, schema, where);
      case "array" -> ArraySchema.of(this, schema, where);
      default -> anything("value");
    };
  }

  private static List<String> types(ObjectNode schema, String where) {
    JsonNode type = schema.path("type");
    if (type.isMissingNode()) {
      return schema.properties().stream()
          .map(e -> TELLING.get(e.getKey()))
          .filter(java.util.Objects::nonNull)
          .findFirst()
          .map(List::of)
          .orElse(List.of("any"));
    }
    List<String> names = new ArrayList<>();
    for (JsonNode name : type.isArray() ? type : List.of(type)) {
      if (!name.isString() || !TYPES.contains(name.stringValue())) {
        throw new BadInput(where + ": unknown type " + shown(name) + " (there are " + TYPES + ")");
      }
      names.add(name.stringValue());
    }
    if (names.contains("number")) {
      names.remove("integer");
    }
    return names;
  }

  private Expr reference(ObjectNode schema, String where) {
    for (Map.Entry<String, JsonNode> e : schema.properties()) {
      if (TELLING.containsKey(e.getKey()) || e.getKey().equals("type")) {
        return value(Merge.withReference(schema, where, this::resolve), where);
      }
    }
    String pointer = schema.path("$ref").asString("");
    JsonNode target = resolve(pointer);
    String known = references.get(pointer);
    if (known == null) {
      known = "ref-" + references.size();
      references.put(pointer, known);
      rules.put(known, Expr.NOTHING);
      rules.put(known, value(target, pointer));
    }
    return new Expr.Ref(known);
  }

  private JsonNode resolve(String pointer) {
    if (!pointer.startsWith("#")) {
      throw new BadInput(
          "$ref " + pointer + ": only references within the schema (#/…) can be used");
    }
    try {
      JsonNode target = root.at(pointer.substring(1));
      if (!target.isMissingNode()) {
        return target;
      }
    } catch (IllegalArgumentException e) {
      throw new BadInput("$ref " + pointer + " is no JSON pointer", e);
    }
    throw new BadInput("$ref " + pointer + " leads nowhere");
  }

  private Expr choice(ObjectNode schema, String word, String where) {
    JsonNode options = schema.get(word);
    if (!options.isArray() || options.isEmpty()) {
      throw new BadInput(where + ": " + word + " must be a list with at least one schema");
    }
    ObjectNode rest = schema.deepCopy();
    rest.remove(word);
    List<JsonNode> merged = new ArrayList<>();
    for (JsonNode option : options) {
      merged.add(Merge.two(rest, option, where, this::resolve));
    }
    if (word.equals("oneOf")) {
      Merge.checkDistinct(merged, where, this::resolve);
    }
    List<Expr> result = new ArrayList<>();
    for (int i = 0; i < merged.size(); i++) {
      result.add(value(merged.get(i), where + "/" + word + "/" + i));
    }
    return new Expr.Alt(result);
  }

  static Expr literal(JsonNode value) {
    return Expr.text(value.toString());
  }

  private Expr enumeration(ObjectNode schema, String where) {
    JsonNode values = schema.get("enum");
    if (!values.isArray() || values.isEmpty()) {
      throw new BadInput(where + ": enum must be a list with at least one value");
    }
    List<String> types = schema.has("type") ? types(schema, where) : List.of("any");
    List<Expr> options = new ArrayList<>();
    for (JsonNode v : values) {
      if (types.contains("any") || types.stream().anyMatch(t -> isOfType(v, t))) {
        options.add(literal(v));
      }
    }
    return new Expr.Alt(options);
  }

  private static boolean isOfType(JsonNode v, String type) {
    return switch (type) {
      case "string" -> v.isString();
      case "integer" -> v.isNumber() && v.decimalValue().stripTrailingZeros().scale() <= 0;
      case "number" -> v.isNumber();
      case "boolean" -> v.isBoolean();
      case "null" -> v.isNull();
      case "object" -> v.isObject();
      default -> v.isArray();
    };
  }

  static int count(ObjectNode schema, String word, int otherwise, String where) {
    JsonNode n = schema.path(word);
    if (n.isMissingNode()) {
      return otherwise;
    }
    if (!n.isNumber()
        || n.decimalValue().stripTrailingZeros().scale() > 0
        || n.decimalValue().signum() < 0) {
      throw new BadInput(
          where + ": " + word + " must be a whole number from 0 on, not " + shown(n));
    }
    return n.decimalValue().min(BigDecimal.valueOf(1 << 20)).intValue();
  }

  static Expr bracketed(String open, Expr content, String close) {
    return Expr.seq(Expr.text(open), JsonText.SPACE, content, JsonText.SPACE, Expr.text(close));
  }

  static Expr member(Expr name, Expr content) {
    return Expr.seq(name, Expr.text(":"), JsonText.BLANK, content);
  }

  /** Any JSON "value", or any "object". */
  Expr anything(String what) {
    rule(
        "value",
        () ->
            Expr.alt(
                new Expr.Ref("object"),
                new Expr.Ref("array"),
                JsonText.string(0, Expr.UNBOUNDED),
                JsonText.NUMBER,
                Expr.text("true"),
                Expr.text("false"),
                Expr.text("null")));
    Expr value = new Expr.Ref("value");
    rule("array", () -> bracketed("[", ArraySchema.list(value, 0, Expr.UNBOUNDED), "]"));
    Expr member = member(JsonText.string(0, Expr.UNBOUNDED), value);
    rule("object", () -> bracketed("{", ArraySchema.list(member, 0, Expr.UNBOUNDED), "}"));
    return new Expr.Ref(what);
  }

  static String shown(JsonNode n) {
    String text = n.toString();
    return text.length() > 60 ? text.substring(0, 57) + "…" : text;
  }
}
