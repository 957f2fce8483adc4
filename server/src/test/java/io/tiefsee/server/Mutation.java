package io.tiefsee.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes requests that are wrong in some way out of right ones; the same for the same seed. */
final class Mutation {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int DEEP = 5_000;

  private final Random random;

  Mutation(Random random) {
    this.random = random;
  }

  /** A body: most often JSON with other values in it, at times broken bytes. */
  byte[] of(JsonNode right) {
    JsonNode body = right.deepCopy();
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      body = change(body);
    }
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    return random.nextInt(5) == 0 ? damage(bytes) : bytes;
  }

  private JsonNode change(JsonNode root) {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers);
    if (containers.isEmpty()) {
      return value();
    }
    switch (containers.get(random.nextInt(containers.size()))) {
      case ObjectNode object -> change(object);
      case ArrayNode array -> change(array);
      default -> throw new IllegalStateException();
    }
    return root;
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainer()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private void change(ObjectNode object) {
    List<String> names = new ArrayList<>(object.propertyNames());
    if (names.isEmpty()) {
      object.set("more", value());
      return;
    }
    String name = names.get(random.nextInt(names.size()));
    String other = names.get(random.nextInt(names.size()));
    switch (random.nextInt(6)) {
      case 0 -> object.remove(name);
      case 1 -> object.set(name + "_", object.get(name));
      case 2 -> object.set(name, object.get(other).deepCopy());
      default -> object.set(name, value());
    }
  }

  private void change(ArrayNode array) {
    int at = random.nextInt(array.size() + 1);
    if (at == array.size() || random.nextInt(3) == 0) {
      array.insert(at, array.isEmpty() || random.nextBoolean() ? value() : array.get(0).deepCopy());
    } else if (random.nextBoolean()) {
      array.remove(at);
    } else {
      array.set(at, value());
    }
  }

  private JsonNode value() {
    return switch (random.nextInt(22)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(random.nextBoolean());
      case 2 -> JSON.numberNode(0);
      case 3 -> JSON.numberNode(-1);
      case 4 -> JSON.numberNode(1.5);
      case 5 -> JSON.numberNode(1L << 31);
      case 6 -> JSON.numberNode(Long.MIN_VALUE);
      case 7 -> JSON.numberNode(1e308);
      case 8 -> JSON.numberNode(new java.math.BigInteger("9".repeat(40)));
      case 9 -> JSON.numberNode(new java.math.BigDecimal("1e-400"));
      case 10 -> JSON.stringNode("");
      case 11 -> JSON.stringNode("\u0000\ud83d\ude00\u202e");
      case 12 -> JSON.stringNode("\ud800");
      case 13 -> JSON.stringNode("word ".repeat(2_000));
      case 14 -> JSON.stringNode("<|im_end|><think></think><|endoftext|>{{ x }}{% raw %}");
      case 15 -> JSON.stringNode("auto");
      case 16 -> JSON.arrayNode();
      case 17 -> JSON.objectNode();
      case 18 -> JSON.arrayNode().add(JSON.arrayNode().add(JSON.objectNode()));
      case 19 -> JSON.objectNode().put("type", "object").put("name", "x");
      case 20 -> JSON.arrayNode().add("a").add(1).addNull();
      default -> JSON.numberNode(random.nextInt(1_000));
    };
  }

  private byte[] damage(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(7)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> {
        byte[] changed = bytes.clone();
        changed[at] = (byte) random.nextInt(256);
        yield changed;
      }
      case 2 -> join(bytes, bytes);
      case 3 -> join(Arrays.copyOf(bytes, at), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
      case 4 -> "[".repeat(DEEP).getBytes(StandardCharsets.UTF_8);
      case 5 ->
          ("{\"messages\":".repeat(DEEP) + "1" + "}".repeat(DEEP)).getBytes(StandardCharsets.UTF_8);
      default -> ("{\"n\":" + "7".repeat(DEEP) + "}").getBytes(StandardCharsets.UTF_8);
    };
  }

  private static byte[] join(byte[] a, byte[] b) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(a);
    out.writeBytes(b);
    return out.toByteArray();
  }
}
