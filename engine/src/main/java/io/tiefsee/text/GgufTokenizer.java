package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Utf8Strings;
import io.tiefsee.text.AddedTokens.AddedToken;
import io.tiefsee.text.BytePairEncoder.MergeTable;
import io.tiefsee.text.BytePairEncoder.Options;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads a {@link Tokenizer} from GGUF metadata: {@code tokenizer.ggml.model} "gpt2" (byte-level
 * BPE; the pre-tokeniser is named by {@code tokenizer.ggml.pre}) or "llama" (SentencePiece BPE with
 * scores). Token types, names of pre-tokenisers and defaults are llama.cpp's.
 */
final class GgufTokenizer {
  private static final String PREFIX = "tokenizer.ggml.";
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  private final Map<String, ?> metadata;
  private final Vocabulary vocabulary;
  private final int[] types;
  private final Set<Integer> endOfGeneration;

  private GgufTokenizer(Map<String, ?> metadata) {
    this.metadata = metadata;
    Utf8Strings tokens = strings("tokens");
    if (tokens.isEmpty()) {
      throw new BadInput("the file has no vocabulary (tokenizer.ggml.tokens)");
    }
    vocabulary = new Vocabulary(tokens.size());
    for (int id = 0; id < tokens.size(); id++) {
      if (tokens.start(id) == tokens.end(id)) {
        vocabulary.add("[EMPTY_" + id + "]", id);
      } else {
        vocabulary.add(tokens.bytes(), tokens.start(id), tokens.end(id), id);
      }
    }
    types = types(tokens.size());
    endOfGeneration = endOfGeneration();
    // Old conversions marked even these as ordinary tokens.
    for (int id : endOfGeneration) {
      if (types[id] != UNKNOWN) {
        types[id] = CONTROL;
      }
    }
  }

  static Tokenizer read(Map<String, ?> metadata) {
    Object named = metadata.get(PREFIX + "model");
    if (named == null) {
      throw new BadInput("the file has no tokenizer (tokenizer.ggml.model)");
    }
    String model = string(named, "model");
    return switch (model) {
      case "gpt2" -> new GgufTokenizer(metadata).byteLevel();
      case "llama" -> new GgufTokenizer(metadata).sentencePiece();
      default ->
          throw new BadInput(
              "the tokenizer type "
                  + Vocabulary.quote(model)
                  + " is not supported; supported are gpt2 (BPE) and llama (SentencePiece)");
    };
  }

  private Tokenizer byteLevel() {
    Object pre = metadata.get(PREFIX + "pre");
    GgufPreTokenizers.Family family =
        GgufPreTokenizers.of(pre == null ? "default" : string(pre, "pre"));
    MergeTable merges = merges();
    PreTokenizer preTokenizer =
        flag("add_space_prefix", false)
            ? PreTokenizer.prefixSpace().then(family.preTokenizer())
            : family.preTokenizer();
    return build(
        new BytePairEncoder(vocabulary, merges, Options.byteLevel(family.ignoreMerges())),
        family.normalizer(),
        preTokenizer,
        Tokenizer.TextForm.BYTE_LEVEL,
        false,
        family.addBos());
  }

  /** Each rule is two tokens with a space between them. */
  private MergeTable merges() {
    Utf8Strings rules = strings("merges");
    byte[] bytes = rules.bytes();
    MergeTable merges = new MergeTable(rules.size());
    for (int rank = 0; rank < rules.size(); rank++) {
      int start = rules.start(rank);
      int end = rules.end(rank);
      int space = start + 1;
      while (space < end && bytes[space] != ' ') {
        space++;
      }
      if (space + 1 >= end) {
        throw new BadInput(
            "the merge " + Vocabulary.quote(rules.get(rank)) + " is not a pair of tokens");
      }
      byte[] joined = new byte[end - start - 1];
      System.arraycopy(bytes, start, joined, 0, space - start);
      System.arraycopy(bytes, space + 1, joined, space - start, end - space - 1);
      merges.put(vocabulary, joined, space - start, rank);
    }
    return merges;
  }

  private Tokenizer sentencePiece() {
    boolean prefix = flag("add_space_prefix", true);
    TextNormalizer escape = TextNormalizer.replace(" ", "\u2581");
    return build(
        new BytePairEncoder(
            vocabulary,
            scoredMerges(),
            new Options(false, true, false, id("unknown_token_id").orElse(-1), false)),
        prefix ? TextNormalizer.sequence(List.of(TextNormalizer.prepend(" "), escape)) : escape,
        PreTokenizer.WHOLE,
        Tokenizer.TextForm.SENTENCE_PIECE,
        prefix,
        true);
  }

  /**
   * SentencePiece joins any two neighbours whose text is a token, the highest score first: the same
   * as a rule for each way to cut each token in two, ranked by score.
   */
  private MergeTable scoredMerges() {
    List<?> scores = list("scores");
    int n = vocabulary.size();
    if (scores.size() < n) {
      throw new BadInput("the vocabulary has " + n + " tokens but " + scores.size() + " scores");
    }
    float[] score = new float[n];
    for (int id = 0; id < n; id++) {
      score[id] = (float) number(scores.get(id), "scores").doubleValue();
    }
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparing((Integer id) -> -score[id]))
            .mapToInt(Integer::intValue)
            .toArray();
    MergeTable merges = new MergeTable(4 * n);
    int rank = 0;
    for (int i = 0; i < n; i++) {
      rank += i > 0 && score[order[i]] != score[order[i - 1]] ? 1 : 0;
      if (types[order[i]] == CONTROL || types[order[i]] == USER_DEFINED) {
        continue;
      }
      byte[] text = vocabulary.text(order[i]).getBytes(StandardCharsets.UTF_8);
      for (int cut = 1; cut < text.length; cut++) {
        int left = vocabulary.idOrMinus(text, 0, cut);
        int right = left < 0 ? -1 : vocabulary.idOrMinus(text, cut, text.length);
        if (right >= 0) {
          merges.put(left, right, rank, order[i]);
        }
      }
    }
    return merges;
  }

  private Tokenizer build(
      BytePairEncoder encoder,
      TextNormalizer normalizer,
      PreTokenizer preTokenizer,
      Tokenizer.TextForm form,
      boolean leadingSpace,
      boolean addBos) {
    List<AddedToken> added = new ArrayList<>();
    BitSet special = new BitSet();
    for (int id = 0; id < types.length; id++) {
      boolean control = types[id] == CONTROL || types[id] == UNKNOWN;
      if (control) {
        special.set(id);
      }
      if (control || types[id] == USER_DEFINED) {
        added.add(AddedToken.plain(id, vocabulary.text(id), control));
      }
    }
    return new Tokenizer(
        new Tokenizer.Parts(
            vocabulary,
            encoder,
            normalizer,
            preTokenizer,
            added,
            special,
            form,
            leadingSpace,
            id("bos_token_id"),
            id("eos_token_id"),
            Set.copyOf(endOfGeneration),
            flag("add_bos_token", addBos)));
  }

  private int[] types(int tokens) {
    if (!metadata.containsKey(PREFIX + "token_type")) {
      int[] ordinary = new int[tokens];
      Arrays.fill(ordinary, 1);
      return ordinary;
    }
    int[] values =
        metadata.get(PREFIX + "token_type") instanceof int[] numbers
            ? numbers
            : list("token_type").stream()
                .mapToInt(value -> number(value, "token_type").intValue())
                .toArray();
    if (values.length < tokens) {
      throw new BadInput(
          "the vocabulary has " + tokens + " tokens but " + values.length + " token types");
    }
    return Arrays.copyOf(values, tokens);
  }

  private Set<Integer> endOfGeneration() {
    Set<Integer> ids = new HashSet<>(EndOfGeneration.in(vocabulary, id -> types[id] != 1));
    for (String key : List.of("eos_token_id", "eot_token_id", "eom_token_id")) {
      id(key).ifPresent(ids::add);
    }
    return ids;
  }

  /** A token id from the metadata; empty where it is absent or stands for no token. */
  private OptionalInt id(String key) {
    Optional<?> value = Optional.ofNullable(metadata.get(PREFIX + key));
    return value
        .map(found -> number(found, key).longValue())
        .filter(id -> id >= 0 && id < vocabulary.size())
        .map(id -> OptionalInt.of(id.intValue()))
        .orElse(OptionalInt.empty());
  }

  private boolean flag(String key, boolean otherwise) {
    Optional<?> value = Optional.ofNullable(metadata.get(PREFIX + key));
    if (value.isEmpty()) {
      return otherwise;
    }
    if (value.get() instanceof Boolean flag) {
      return flag;
    }
    if (value.get() instanceof Number number) {
      return number.intValue() != 0;
    }
    throw wrongType(key, "true or false");
  }

  private static String string(Object value, String key) {
    if (value instanceof String string) {
      return string;
    }
    throw wrongType(key, "text");
  }

  private static Number number(Object value, String key) {
    if (value instanceof Number number) {
      return number;
    }
    throw wrongType(key, "a number");
  }

  private Utf8Strings strings(String key) {
    return metadata.get(PREFIX + key) instanceof Utf8Strings strings
        ? strings
        : Utf8Strings.of(list(key).stream().map(value -> string(value, key)).toList());
  }

  private List<?> list(String key) {
    Optional<?> value = Optional.ofNullable(metadata.get(PREFIX + key));
    if (value.isEmpty()) {
      throw new BadInput("the file's tokenizer lacks " + PREFIX + key);
    }
    Object found = value.get();
    if (found instanceof List<?> list) {
      return list;
    }
    if (found instanceof Object[] array) {
      return Arrays.asList(array);
    }
    if (!found.getClass().isArray()) {
      throw wrongType(key, "an array");
    }
    return IntStream.range(0, Array.getLength(found)).mapToObj(i -> Array.get(found, i)).toList();
  }

  private static BadInput wrongType(String key, String expected) {
    return new BadInput("the file's " + PREFIX + key + " is not " + expected);
  }
}
