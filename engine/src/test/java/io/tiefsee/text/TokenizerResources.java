package io.tiefsee.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedSet;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Real tokenizers in a compact form: where each token but the first few is what the next merge
 * makes, the vocabulary is left out of the resource and put back here.
 */
final class TokenizerResources {
  static final JsonMapper JSON = JsonMapper.builder().build();

  private TokenizerResources() {}

  static JsonNode json(String name) {
    try (InputStream file =
            TokenizerResources.class.getResourceAsStream("/text/tokenizer/" + name);
        InputStream in = name.endsWith(".gz") ? new GZIPInputStream(file) : file) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes tokenizer.json and tokenizer_config.json of {@code model} as its authors have them. */
  static Path folder(String model, Path parent) throws IOException {
    Path folder = Files.createDirectories(parent.resolve(model));
    ObjectNode tokenizer = (ObjectNode) json(model + "/tokenizer.json.gz");
    ObjectNode bpe = (ObjectNode) tokenizer.get("model");
    ObjectNode vocabulary = bpe.putObject("vocab");
    tokens(bpe.get("first_tokens"), bpe.get("merges"))
        .forEach(token -> vocabulary.put(token, vocabulary.size()));
    bpe.remove("first_tokens");
    if (tokenizer.get("pairs").asBoolean()) {
      ArrayNode pairs = JSON.createArrayNode();
      bpe.get("merges").forEach(m -> addPair(pairs.addArray(), m.asString().split(" ")));
      bpe.set("merges", pairs);
    }
    tokenizer.remove("pairs");
    JSON.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
    JSON.writeValue(
        folder.resolve("tokenizer_config.json").toFile(), json(model + "/tokenizer_config.json"));
    return folder;
  }

  private static void addPair(ArrayNode pair, String[] sides) {
    pair.add(sides[0]).add(sides[1]);
  }

  private static SequencedSet<String> tokens(JsonNode first, JsonNode merges) {
    SequencedSet<String> tokens = new LinkedHashSet<>();
    first.forEach(token -> tokens.add(token.asString()));
    merges.forEach(merge -> tokens.add(merge.asString().replace(" ", "")));
    return tokens;
  }

  /** Metadata of a GGUF file, in the types a reader of such files gives. */
  static Map<String, Object> gguf(String name) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    JsonNode json = json("gguf/" + name + ".json.gz");
    json.properties().forEach(entry -> metadata.put(entry.getKey(), value(entry.getValue())));
    if (metadata.remove("first_tokens") != null) {
      metadata.put(
          "tokenizer.ggml.tokens",
          tokens(json.get("first_tokens"), json.get("tokenizer.ggml.merges"))
              .toArray(String[]::new));
    }
    return metadata;
  }

  private static Object value(JsonNode node) {
    if (node.isArray() && node.path(0).isString()) {
      return node.valueStream().map(JsonNode::asString).toArray(String[]::new);
    }
    if (node.isArray() && node.path(0).isIntegralNumber()) {
      return ints(node);
    }
    if (node.isArray()) {
      float[] values = new float[node.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) node.get(i).asDouble();
      }
      return values;
    }
    if (node.isBoolean()) {
      return node.asBoolean();
    }
    return node.isString() ? node.asString() : (Object) node.asLong();
  }

  static int[] ints(JsonNode array) {
    return array.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  /** Texts made of what tokenizers find hard; the same for the same seed. */
  static List<String> randomTexts(long seed, int count) {
    List<String> hard =
        List.of(
            " ",
            "  ",
            "\n",
            "\r\n",
            "\t",
            "\u00A0",
            "\u3000",
            "\u2028",
            "\u0085",
            "\u000B",
            "\u200D",
            "'s",
            "'S",
            "'\u017F",
            "'LL",
            "'re",
            "'",
            "\"",
            "123",
            "1",
            "4567890",
            "\u00B2",
            "\u2163",
            "\u00E9",
            "e\u0301",
            "\u00DF",
            "\u4E2D\u6587",
            "\u65E5\u672C\u8A9E",
            "\u30AB\u30BF",
            "\uD55C\uAD6D",
            "\u0440\u0443",
            "\u0627\u0644",
            "\u0939\u093F\u0928",
            "\uD83D\uDE00",
            "\uD83D\uDC4D\uD83C\uDFFD",
            "\uFEFF",
            "\u0000",
            "\u007F",
            "\uFFFD",
            "_",
            "--",
            "...",
            "!?",
            "({[",
            "$x",
            "<",
            "<|",
            "\u3002",
            "\u30FB",
            "\u9FA5",
            "\u9FA6",
            "\uD840\uDC00",
            "\uD835\uDFD8",
            "\u0663",
            "aB",
            "hello",
            " world",
            "Token",
            "<think>",
            "</think>",
            "<|im_end|>",
            "<\uFF5CUser\uFF5C>");
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      int parts = 1 + random.nextInt(30);
      for (int p = 0; p < parts; p++) {
        switch (random.nextInt(6)) {
          case 0 -> text.append((char) (32 + random.nextInt(95)));
          case 1 -> text.append(" ".repeat(1 + random.nextInt(4)));
          case 2 -> {
            int c = random.nextInt(random.nextBoolean() ? 0x3000 : 0x110000);
            text.appendCodePoint(c >= 0xD800 && c < 0xE000 ? 'x' : c);
          }
          default -> text.append(hard.get(random.nextInt(hard.size())));
        }
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
