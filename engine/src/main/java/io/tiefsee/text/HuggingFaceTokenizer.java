package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.AddedTokens.AddedToken;
import io.tiefsee.text.BytePairEncoder.MergeTable;
import io.tiefsee.text.BytePairEncoder.Options;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a {@link Tokenizer} from a Hugging Face folder. The vocabulary and the merges, which are
 * nearly all of tokenizer.json, are read as a stream; the rest as trees.
 */
final class HuggingFaceTokenizer {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FILE = "tokenizer.json";

  private Vocabulary vocabulary = new Vocabulary(0);
  private List<String> merges = new ArrayList<>();
  // The parts of tokenizer.json and of its "model" that are small.
  private final TreeMap<String, JsonNode> top = new TreeMap<>();
  private final TreeMap<String, JsonNode> model = new TreeMap<>();
  private final TreeMap<Integer, AddedToken> added = new TreeMap<>();

  private HuggingFaceTokenizer() {}

  static Tokenizer read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new BadInput(
          "there is no tokenizer.json in " + folder + ": give a folder in Hugging Face's format");
    }
    HuggingFaceTokenizer reader = new HuggingFaceTokenizer();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      reader.parse(in);
    } catch (IOException e) {
      throw new BadInput("cannot read " + file + ": " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw invalid(file, e);
    }
    return reader.build(
        optional(folder.resolve("tokenizer_config.json")),
        List.of(
            optional(folder.resolve("generation_config.json")),
            optional(folder.resolve("config.json"))));
  }

  private static JsonNode optional(Path file) {
    if (!Files.isRegularFile(file)) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(file);
    } catch (JacksonException e) {
      throw invalid(file, e);
    }
  }

  private static BadInput invalid(Path file, JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    return new BadInput(
        file + " is not valid JSON" + (at == null ? "" : " (line " + at.getLineNr() + ")"), e);
  }

  private void parse(InputStream in) {
    try (JsonParser json = JSON.createParser(in)) {
      expect(json.nextToken() == JsonToken.START_OBJECT, "an object");
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        if (json.nextToken() == JsonToken.START_OBJECT && name.equals("model")) {
          parseModel(json);
        } else {
          top.put(name, json.readValueAsTree());
        }
      }
    }
  }

  private void parseModel(JsonParser json) {
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      JsonToken first = json.nextToken();
      if (first == JsonToken.START_OBJECT && name.equals("vocab")) {
        vocabulary = new Vocabulary(1 << 12);
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
          String token = json.currentName();
          expect(json.nextToken() == JsonToken.VALUE_NUMBER_INT, "a token id");
          vocabulary.add(token, json.getLongValue());
        }
      } else if (first == JsonToken.START_ARRAY && name.equals("merges")) {
        merges = new ArrayList<>(1 << 18);
        parseMerges(json);
      } else {
        model.put(name, json.readValueAsTree());
      }
    }
  }

  /** Left and right of each merge, alternating; the file has "left right" or ["left", "right"]. */
  private void parseMerges(JsonParser json) {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() == JsonToken.START_ARRAY) {
        for (int side = 0; side < 2; side++) {
          expect(json.nextToken() == JsonToken.VALUE_STRING, "a merge of two tokens");
          merges.add(json.getString());
        }
        expect(json.nextToken() == JsonToken.END_ARRAY, "a merge of two tokens");
        continue;
      }
      expect(json.currentToken() == JsonToken.VALUE_STRING, "a merge of two tokens");
      String rule = json.getString();
      if (rule.startsWith("#version")) {
        continue;
      }
      int space = rule.indexOf(' ');
      expect(space > 0 && space == rule.lastIndexOf(' '), "a merge of two tokens");
      merges.add(rule.substring(0, space));
      merges.add(rule.substring(space + 1));
    }
  }

  private static void expect(boolean holds, String what) {
    if (!holds) {
      throw new BadInput("tokenizer.json is broken: expected " + what);
    }
  }

  private Tokenizer build(JsonNode config, List<JsonNode> models) {
    String type = model.containsKey("type") ? model.get("type").asString("") : "BPE";
    if (!type.equals("BPE")) {
      throw new BadInput(
          "tokenizer.json has a model of type "
              + Vocabulary.quote(type)
              + "; only BPE is supported");
    }
    if (vocabulary.size() == 0) {
      throw new BadInput("tokenizer.json is broken: it has no vocabulary");
    }
    expect(text(model("continuing_subword_prefix")).isEmpty(), "no continuing_subword_prefix");
    expect(text(model("end_of_word_suffix")).isEmpty(), "no end_of_word_suffix");
    MergeTable table = new MergeTable(merges.size() / 2);
    for (int i = 0; i < merges.size(); i += 2) {
      table.put(vocabulary, merges.get(i), merges.get(i + 1), i / 2);
    }
    HuggingFaceSteps.PreTokenization pre = HuggingFaceSteps.preTokenizer(top("pre_tokenizer"));
    boolean byteLevel = pre.byteLevel();
    BytePairEncoder encoder =
        new BytePairEncoder(
            vocabulary,
            table,
            new Options(
                byteLevel,
                model("byte_fallback").asBoolean(false),
                model("ignore_merges").asBoolean(false),
                vocabulary.idOrMinus(text(model("unk_token"))),
                model("fuse_unk").asBoolean(false)));
    readAdded(top("added_tokens"));
    readAddedDecoder(config.path("added_tokens_decoder"));
    final OptionalInt bos = named(config.path("bos_token"));
    final OptionalInt eos = named(config.path("eos_token"));
    BitSet special = new BitSet();
    added.values().stream().filter(AddedToken::special).forEach(t -> special.set(t.id()));
    Set<Integer> ends = new HashSet<>(EndOfGeneration.in(vocabulary, added::containsKey));
    eos.ifPresent(ends::add);
    models.forEach(node -> addIds(node.path("eos_token_id"), ends));
    return new Tokenizer(
        new Tokenizer.Parts(
            vocabulary,
            encoder,
            HuggingFaceSteps.normalizer(top("normalizer")),
            pre.splitter(),
            List.copyOf(added.values()),
            special,
            HuggingFaceSteps.textForm(top("decoder"), byteLevel),
            HuggingFaceSteps.stripsLeadingSpace(top("decoder")),
            bos,
            eos.isPresent() ? eos : firstId(models),
            Set.copyOf(ends),
            bos.isPresent() && addBos(config.path("add_bos_token"))));
  }

  private JsonNode top(String name) {
    return top.getOrDefault(name, JSON.nullNode());
  }

  private JsonNode model(String name) {
    return model.getOrDefault(name, JSON.nullNode());
  }

  private static String text(JsonNode node) {
    return node.isString() ? node.asString() : "";
  }

  private void readAdded(JsonNode tokens) {
    for (JsonNode token : tokens) {
      expect(token.path("id").isIntegralNumber(), "ids of added_tokens");
      add(token.path("id").asLong(-1), token);
    }
  }

  /** tokenizer_config.json may add tokens; where both files know an id tokenizer.json counts. */
  private void readAddedDecoder(JsonNode tokens) {
    for (var entry : tokens.properties()) {
      long id;
      try {
        id = Long.parseLong(entry.getKey());
      } catch (NumberFormatException e) {
        throw new BadInput(
            "tokenizer_config.json is broken: "
                + Vocabulary.quote(entry.getKey())
                + " in added_tokens_decoder is not a token id",
            e);
      }
      String content = text(entry.getValue().path("content"));
      boolean known = id >= 0 && id < vocabulary.size() && vocabulary.has((int) id);
      if (known
          ? vocabulary.text((int) id).equals(content) && !added.containsKey((int) id)
          : vocabulary.id(content).isEmpty()) {
        add(id, entry.getValue());
      }
    }
  }

  private void add(long id, JsonNode token) {
    String content = text(token.path("content"));
    if (content.isEmpty()) {
      return;
    }
    int known = vocabulary.idOrMinus(content);
    if (known < 0) {
      vocabulary.add(content, id);
    } else if (known != id) {
      throw new BadInput(
          "tokenizer.json gives "
              + Vocabulary.quote(content)
              + " both ids "
              + known
              + " and "
              + id);
    }
    added.put(
        (int) id,
        new AddedToken(
            (int) id,
            content,
            token.path("special").asBoolean(false),
            token.path("single_word").asBoolean(false),
            token.path("lstrip").asBoolean(false),
            token.path("rstrip").asBoolean(false),
            token.path("normalized").asBoolean(false)));
  }

  /** The token tokenizer_config.json names, as text or as an object with "content". */
  private OptionalInt named(JsonNode node) {
    String content = text(node.isObject() ? node.path("content") : node);
    OptionalInt id = content.isEmpty() ? OptionalInt.empty() : vocabulary.id(content);
    id.ifPresent(i -> added.putIfAbsent(i, AddedToken.plain(i, content, true)));
    return id;
  }

  private static void addIds(JsonNode node, Set<Integer> ids) {
    if (node.isArray()) {
      node.forEach(id -> addIds(id, ids));
    } else if (node.canConvertToInt() && node.asInt() >= 0) {
      ids.add(node.asInt());
    }
  }

  private static OptionalInt firstId(List<JsonNode> models) {
    for (JsonNode node : models) {
      JsonNode id = node.path("eos_token_id");
      Optional<JsonNode> first = Optional.of(id.isArray() ? id.path(0) : id);
      if (first.get().canConvertToInt() && first.get().asInt() >= 0) {
        return OptionalInt.of(first.get().asInt());
      }
    }
    return OptionalInt.empty();
  }

  /** tokenizer_config.json decides; else whether the post-processor puts a token first. */
  private boolean addBos(JsonNode configured) {
    if (configured.isBoolean()) {
      return configured.asBoolean();
    }
    return HuggingFaceSteps.beginsWithSpecialToken(top("post_processor"));
  }
}
