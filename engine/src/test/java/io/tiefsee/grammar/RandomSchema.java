package io.tiefsee.grammar;

import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Schemas of all the words that the grammar keeps. */
final class RandomSchema {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Random random;
  private final ObjectNode definitions = JSON.objectNode();

  private RandomSchema(Random random) {
    this.random = random;
  }

  static JsonNode of(Random random) {
    RandomSchema maker = new RandomSchema(random);
    if (random.nextInt(3) == 0) {
      // A definition that may contain itself, in places where it can be left out.
      ObjectNode node = JSON.objectNode().put("type", "object");
      ObjectNode properties = node.putObject("properties");
      properties.set("value", maker.scalar());
      properties.putObject("next").put("$ref", "#/$defs/node");
      node.putArray("required").add("value");
      maker.definitions.set("node", node);
    }
    ObjectNode schema = maker.schema(3);
    if (!maker.definitions.isEmpty()) {
      schema.set("$defs", maker.definitions);
    }
    return schema;
  }

  private ObjectNode schema(int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 4)) {
      case 4, 5 -> object(depth);
      case 6 -> array(depth);
      case 7 -> choice(depth);
      case 8 ->
          definitions.isEmpty() ? tuple(depth) : JSON.objectNode().put("$ref", "#/$defs/node");
      default -> scalar();
    };
  }

  private ObjectNode scalar() {
    ObjectNode s = JSON.objectNode();
    switch (random.nextInt(9)) {
      case 0 -> s.put("type", "boolean");
      case 1 -> s.putArray("type").add("null").add("integer");
      case 2 -> range(s.put("type", "integer"), false);
      case 3 -> range(s.put("type", "number"), true);
      case 4 -> {
        int min = random.nextInt(4);
        s.put("type", "string").put("minLength", min).put("maxLength", min + random.nextInt(9));
      }
      case 5 -> {
        String[] patterns = {
          "^[a-z]{1,5}$",
          "^(yes|no)!?$",
          "\\d{2}",
          "^\\w+ \\w+$",
          "[^\"\\\\]x",
          "^a|b$",
          "\\\\\"",
          "^[\\s-]?$"
        };
        s.put("type", "string").put("pattern", patterns[random.nextInt(patterns.length)]);
      }
      case 6 -> {
        String[] formats = {"date", "time", "date-time", "uuid", "ipv4", "hostname"};
        s.put("type", "string").put("format", formats[random.nextInt(formats.length)]);
      }
      case 7 -> {
        ArrayNode values = s.putArray("enum");
        values.add("a").add(3).add("ä\"\\\n").addNull();
      }
      default -> s.set("const", JSON.stringNode("fixed"));
    }
    return s;
  }

  private void range(ObjectNode s, boolean decimals) {
    double scale = Math.pow(10, random.nextInt(5));
    double a = round(random.nextGaussian() * scale, decimals);
    double b = round(a + 1 + Math.abs(random.nextGaussian()) * scale, decimals);
    if (random.nextInt(4) > 0) {
      number(s, decimals && random.nextBoolean() ? "exclusiveMinimum" : "minimum", a, decimals);
    }
    if (random.nextInt(4) > 0) {
      number(s, decimals && random.nextBoolean() ? "exclusiveMaximum" : "maximum", b, decimals);
    }
  }

  private static void number(ObjectNode s, String word, double value, boolean decimals) {
    if (decimals) {
      s.put(word, value);
    } else {
      s.put(word, (long) value);
    }
  }

  private static double round(double x, boolean decimals) {
    return decimals ? Math.round(x * 100) / 100.0 : Math.round(x);
  }

  private ObjectNode object(int depth) {
    ObjectNode s = JSON.objectNode().put("type", "object");
    ObjectNode properties = s.putObject("properties");
    ArrayNode required = s.putArray("required");
    int n = random.nextInt(5);
    for (int i = 0; i < n; i++) {
      String name = i == 3 ? "n\"ä" : "n".repeat(i + 1);
      properties.set(name, schema(depth - 1));
      if (random.nextBoolean()) {
        required.add(name);
      }
    }
    switch (random.nextInt(4)) {
      case 0 -> s.put("additionalProperties", false);
      case 1 -> s.set("additionalProperties", scalar());
      case 2 -> s.put("additionalProperties", true);
      default -> {}
    }
    return s;
  }

  private ObjectNode array(int depth) {
    ObjectNode s = JSON.objectNode().put("type", "array");
    s.set("items", schema(depth - 1));
    int min = random.nextInt(3);
    if (random.nextBoolean()) {
      s.put("minItems", min);
    }
    if (random.nextBoolean()) {
      s.put("maxItems", min + random.nextInt(3));
    }
    return s;
  }

  private ObjectNode tuple(int depth) {
    ObjectNode s = JSON.objectNode().put("type", "array");
    s.putArray("prefixItems").add(schema(depth - 1)).add(scalar());
    if (random.nextBoolean()) {
      s.put("minItems", 3);
    }
    if (random.nextBoolean()) {
      s.set("items", scalar());
    }
    return s;
  }

  private ObjectNode choice(int depth) {
    ObjectNode s = JSON.objectNode();
    if (random.nextBoolean()) {
      s.putArray("anyOf").add(schema(depth - 1)).add(scalar());
    } else {
      ArrayNode options = s.putArray("oneOf");
      for (String kind : new String[] {"circle", "square"}) {
        ObjectNode o = options.addObject().put("type", "object");
        ObjectNode properties = o.putObject("properties");
        properties.putObject("kind").put("const", kind);
        properties.set("size", scalar());
        o.putArray("required").add("kind");
      }
    }
    return s;
  }
}
