package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.RegexSplitter.Behavior;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The steps of tokenizer.json: normalizer, pre_tokenizer, post_processor and decoder. */
final class HuggingFaceSteps {
  /**
   * How text is cut.
   *
   * @param byteLevel whether the pieces are then written in {@link ByteAlphabet}
   */
  record PreTokenization(PreTokenizer splitter, boolean byteLevel) {}

  private HuggingFaceSteps() {}

  static TextNormalizer normalizer(JsonNode node) {
    if (!node.isObject()) {
      return TextNormalizer.NONE;
    }
    String type = type(node);
    return switch (type) {
      case "NFC", "NFD", "NFKC", "NFKD" -> TextNormalizer.unicode(Normalizer.Form.valueOf(type));
      case "Sequence" -> {
        List<TextNormalizer> steps = new ArrayList<>();
        node.path("normalizers").forEach(step -> steps.add(normalizer(step)));
        yield TextNormalizer.sequence(steps);
      }
      case "Prepend" -> TextNormalizer.prepend(node.path("prepend").asString(""));
      case "Replace" -> {
        String content = node.path("content").asString("");
        JsonNode pattern = node.path("pattern");
        yield pattern.has("String")
            ? TextNormalizer.replace(pattern.path("String").asString(""), content)
            : TextNormalizer.replace(regex(pattern), content);
      }
      case "Lowercase" -> TextNormalizer.lowercase();
      case "Strip" ->
          TextNormalizer.strip(
              node.path("strip_left").asBoolean(true), node.path("strip_right").asBoolean(true));
      default -> throw unsupported("normalizer", type);
    };
  }

  static PreTokenization preTokenizer(JsonNode node) {
    if (!node.isObject()) {
      return new PreTokenization(PreTokenizer.WHOLE, false);
    }
    String type = type(node);
    return switch (type) {
      case "Sequence" -> {
        PreTokenizer splitter = PreTokenizer.WHOLE;
        boolean byteLevel = false;
        boolean first = true;
        for (JsonNode step : node.path("pretokenizers")) {
          PreTokenization next = preTokenizer(step);
          byteLevel |= next.byteLevel;
          if (next.splitter != PreTokenizer.WHOLE) {
            splitter = first ? next.splitter : splitter.then(next.splitter);
            first = false;
          }
        }
        yield new PreTokenization(splitter, byteLevel);
      }
      case "ByteLevel" -> new PreTokenization(byteLevel(node), true);
      default -> new PreTokenization(splitter(node, type), false);
    };
  }

  private static PreTokenizer byteLevel(JsonNode node) {
    PreTokenizer words =
        node.path("use_regex").asBoolean(true) ? WordScanners.gpt2() : PreTokenizer.WHOLE;
    boolean prefix = node.path("add_prefix_space").asBoolean(true);
    if (!prefix) {
      return words;
    }
    return words == PreTokenizer.WHOLE
        ? PreTokenizer.prefixSpace()
        : PreTokenizer.prefixSpace().then(words);
  }

  private static PreTokenizer splitter(JsonNode node, String type) {
    return switch (type) {
      case "Split" -> split(node);
      case "Digits" ->
          WordScanners.runs(
              CharClass.NUMBER,
              node.path("individual_digits").asBoolean(false) ? 1 : Integer.MAX_VALUE);
      case "Whitespace" -> regexSplitter("\\w+|[^\\w\\s]+", Behavior.REMOVED, true);
      case "WhitespaceSplit" -> regexSplitter("\\s", Behavior.REMOVED, false);
      case "Punctuation" ->
          regexSplitter(
              "[\\p{P}!-/:-@\\[-`{-~]",
              Behavior.of(node.path("behavior").asString("Isolated")),
              false);
      case "Metaspace" -> metaspace(node);
      default -> throw unsupported("pre_tokenizer", type);
    };
  }

  private static PreTokenizer split(JsonNode node) {
    Behavior behavior = Behavior.of(node.path("behavior").asString(""));
    boolean invert = node.path("invert").asBoolean(false);
    JsonNode pattern = node.path("pattern");
    Optional<PreTokenizer> known =
        RegexSplitter.wellKnown(pattern.path("Regex").asString(""), behavior, invert);
    return known.orElseGet(() -> new RegexSplitter(regex(pattern), behavior, invert));
  }

  /** {"Regex": "…"} or {"String": "…"}. */
  private static Pattern regex(JsonNode pattern) {
    if (pattern.path("String").isString()) {
      return Pattern.compile(pattern.path("String").asString(), Pattern.LITERAL);
    }
    if (pattern.path("Regex").isString()) {
      return RegexSplitter.compile(pattern.path("Regex").asString());
    }
    throw new BadInput("tokenizer.json is broken: expected a pattern (Regex or String)");
  }

  private static PreTokenizer regexSplitter(String regex, Behavior behavior, boolean invert) {
    return new RegexSplitter(RegexSplitter.compile(regex), behavior, invert);
  }

  private static PreTokenizer metaspace(JsonNode node) {
    String replacement = node.path("replacement").asString("\u2581");
    String scheme =
        node.path("prepend_scheme")
            .asString(node.path("add_prefix_space").asBoolean(true) ? "always" : "never");
    if (scheme.equals("first")) {
      throw unsupported("Metaspace prepend_scheme", scheme);
    }
    PreTokenizer mark =
        (text, from, to, out) -> {
          String marked = new String(text, from, to - from).replace(" ", replacement);
          if (scheme.equals("always") && !marked.startsWith(replacement)) {
            marked = replacement + marked;
          }
          PreTokenizer.WHOLE.split(marked.toCharArray(), 0, marked.length(), out);
        };
    if (!node.path("split").asBoolean(true)) {
      return mark;
    }
    return mark.then(
        new RegexSplitter(
            Pattern.compile(replacement, Pattern.LITERAL), Behavior.MERGED_WITH_NEXT, false));
  }

  static Tokenizer.TextForm textForm(JsonNode decoder, boolean byteLevel) {
    if (!decoder.isObject()) {
      return byteLevel ? Tokenizer.TextForm.BYTE_LEVEL : Tokenizer.TextForm.SENTENCE_PIECE;
    }
    String type = type(decoder);
    return switch (type) {
      case "ByteLevel" -> Tokenizer.TextForm.BYTE_LEVEL;
      case "Replace", "ByteFallback", "Fuse", "Strip", "Metaspace" ->
          Tokenizer.TextForm.SENTENCE_PIECE;
      case "Sequence" -> {
        Tokenizer.TextForm form = Tokenizer.TextForm.SENTENCE_PIECE;
        for (JsonNode step : decoder.path("decoders")) {
          if (textForm(step, false) == Tokenizer.TextForm.BYTE_LEVEL) {
            form = Tokenizer.TextForm.BYTE_LEVEL;
          }
        }
        yield form;
      }
      default -> throw unsupported("decoder", type);
    };
  }

  /** Whether decoding takes a space off the beginning of the text. */
  static boolean stripsLeadingSpace(JsonNode decoder) {
    return switch (decoder.path("type").asString("")) {
      case "Strip" ->
          decoder.path("content").asString("").equals(" ") && decoder.path("start").asInt(0) > 0;
      case "Metaspace" -> !decoder.path("prepend_scheme").asString("always").equals("never");
      case "Sequence" -> {
        boolean strips = false;
        for (JsonNode step : decoder.path("decoders")) {
          strips |= stripsLeadingSpace(step);
        }
        yield strips;
      }
      default -> false;
    };
  }

  /** Whether a TemplateProcessing step puts a special token before a single text. */
  static boolean beginsWithSpecialToken(JsonNode processor) {
    if (processor.path("type").asString("").equals("Sequence")) {
      for (JsonNode step : processor.path("processors")) {
        if (beginsWithSpecialToken(step)) {
          return true;
        }
      }
      return false;
    }
    return processor.path("single").path(0).has("SpecialToken");
  }

  private static String type(JsonNode node) {
    return node.path("type").asString("");
  }

  private static BadInput unsupported(String what, String type) {
    return new BadInput(
        "tokenizer.json has the "
            + what
            + " "
            + Vocabulary.quote(type)
            + ", which is not supported");
  }
}
