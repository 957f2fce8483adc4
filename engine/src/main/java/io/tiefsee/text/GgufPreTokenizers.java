package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import java.text.Normalizer;
import java.util.BitSet;
import java.util.function.IntPredicate;

/**
 * The pre-tokenisers that {@code tokenizer.ggml.pre} names. Names and their grouping are
 * llama.cpp's; a name that is not listed here is an error, as a wrong pre-tokeniser silently
 * degrades a model.
 */
final class GgufPreTokenizers {
  /**
   * A way to cut text and what goes with it.
   *
   * @param ignoreMerges whether a whole word that is a token needs no merges
   * @param addBos the default for files that do not say
   */
  record Family(
      PreTokenizer preTokenizer, TextNormalizer normalizer, boolean ignoreMerges, boolean addBos) {
    static Family of(PreTokenizer preTokenizer) {
      return new Family(preTokenizer, TextNormalizer.NONE, false, false);
    }
  }

  /** Cased letters as DeepSeek LLM and V2 list them. */
  private static final int[] CASED_LETTERS = {
    'A', 'Z', 'a', 'z', 0xB5, 0xB5, 0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x1BA, 0x1BC, 0x1BF, 0x1C4, 0x293,
    0x295, 0x2AF, 0x370, 0x373, 0x376, 0x377, 0x37B, 0x37D, 0x37F, 0x37F, 0x386, 0x386, 0x388,
    0x38A, 0x38C, 0x38C, 0x38E, 0x3A1, 0x3A3, 0x3F5, 0x3F7, 0x481, 0x48A, 0x52F, 0x531, 0x556,
    0x10A0, 0x10C5, 0x13A0, 0x13F5, 0x13F8, 0x13FD, 0x1C90, 0x1CBA, 0x1CBD, 0x1CBF, 0x1D00, 0x1D2B,
    0x1D6B, 0x1D77, 0x1D79, 0x1D9A, 0x1E00, 0x1F15, 0x1F18, 0x1F1D, 0x1F20, 0x1F45, 0x1F48, 0x1F4D,
    0x1F50, 0x1F57, 0x1F59, 0x1F59, 0x1F5B, 0x1F5B, 0x1F5D, 0x1F5D, 0x1F5F, 0x1F7D, 0x1F80, 0x1FB4,
    0x1FB6, 0x1FBC, 0x1FBE, 0x1FBE, 0x1FC2, 0x1FC4, 0x1FC6, 0x1FCC, 0x1FD0, 0x1FD3, 0x1FD6, 0x1FDB,
    0x1FE0, 0x1FEC, 0x1FF2, 0x1FF4, 0x1FF6, 0x1FFC, 0x2102, 0x2102, 0x2107, 0x2107, 0x210A, 0x2113,
    0x2115, 0x2115, 0x2119, 0x211D, 0x2124, 0x2124, 0x2126, 0x2126, 0x2128, 0x2128, 0x212A, 0x212D,
    0x212F, 0x2134, 0x2139, 0x2139, 0x213C, 0x213F, 0x2145, 0x2149, 0x214E, 0x214E, 0x2183, 0x2184,
    0x2C00, 0x2C7B, 0x2C7E, 0x2CE4, 0x2CEB, 0x2CEE, 0x2CF2, 0x2CF3, 0xA640, 0xA66D, 0xA680, 0xA69B,
    0xA722, 0xA76F, 0xA771, 0xA787, 0xA78B, 0xA78E, 0xAB70, 0xABBF, 0xFB00, 0xFB06, 0xFB13, 0xFB17,
    0xFF21, 0xFF3A, 0xFF41, 0xFF5A, 0x10400, 0x1044F, 0x104B0, 0x104D3, 0x104D8, 0x104FB, 0x10C80,
    0x10CB2, 0x10CC0, 0x10CF2, 0x118A0, 0x118DF, 0x1E900, 0x1E943
  };

  /** {@code [!-/:-~！-／：-～‘-‟　-。]}. */
  private static final int[] DEEPSEEK_PUNCTUATION = {
    '!', '/', ':', '~', 0xFF01, 0xFF0F, 0xFF1A, 0xFF5E, 0x2018, 0x201F, 0x3000, 0x3002
  };

  /** {@code [一-龥ࠀ-一가-퟿]}. */
  private static final int[] DEEPSEEK_EAST_ASIAN = {0x800, 0x9FA5, 0xAC00, 0xD7FF};

  private static final String CASED =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+%1$s"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*%1$s|\\p{N}%2$s|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private GgufPreTokenizers() {}

  static Family of(String name) {
    return switch (name) {
      case "llama3",
          "llama-v3",
          "llama-bpe",
          "falcon3",
          "falcon-h1",
          "pixtral",
          "midm-2.0",
          "lfm2" ->
          new Family(WordScanners.gpt4(3, false), TextNormalizer.NONE, true, true);
      case "dbrx", "smaug-bpe", "glm4", "chatglm-bpe" -> Family.of(WordScanners.gpt4(3, false));
      // Qwen's own tokenizer normalises; llama.cpp leaves that out, so that ids of decomposed
      // characters differ from its ids and agree with those the model was trained on.
      case "qwen2", "deepseek-r1-qwen" ->
          new Family(
              WordScanners.gpt4(1, false),
              TextNormalizer.unicode(Normalizer.Form.NFC),
              false,
              false);
      case "qwen35" ->
          new Family(
              WordScanners.gpt4(1, true),
              TextNormalizer.unicode(Normalizer.Form.NFC),
              false,
              false);
      case "stablelm2", "hunyuan", "solar-open", "megrez", "grok-2", "kormo", "f2llmv2" ->
          Family.of(WordScanners.gpt4(1, false));
      case "gpt-2",
          "phi-2",
          "mpt",
          "olmo",
          "jais",
          "gigachat",
          "a.x-4.0",
          "mellum",
          "exaone4",
          "trillion",
          "granite-docling" ->
          Family.of(WordScanners.gpt2());
      case "smollm",
          "starcoder",
          "refact",
          "command-r",
          "codeshell",
          "exaone",
          "minerva-7b",
          "mellum2" ->
          Family.of(WordScanners.runs(CharClass.NUMBER, 1).then(WordScanners.gpt2()));
      case "deepseek-v3", "hunyuan-dense", "joyai-llm" -> Family.of(deepSeek3());
      case "deepseek-llm" -> Family.of(deepSeekLlm());
      case "deepseek-coder" -> Family.of(deepSeekCoder());
      case "gpt-4o", "llama4", "kanana2" ->
          Family.of(regex(CASED.formatted("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "{1,3}")));
      case "tekken" -> new Family(regex(CASED.formatted("", "")), TextNormalizer.NONE, true, true);
      case "falcon" ->
          Family.of(
              regex("[\\p{P}\\$\\+<=>\\^~\\|`]+")
                  .then(WordScanners.gpt2())
                  .then(regex("[0-9][0-9][0-9]")));
      case "default" ->
          Family.of(
              regex("[\\p{P}\\$\\+<=>\\^~\\|]+")
                  .then(WordScanners.gpt2())
                  .then(WordScanners.runs(CharClass.NUMBER, Integer.MAX_VALUE))
                  .then(regex("[0-9][0-9][0-9]")));
      default ->
          throw new BadInput(
              "the pre-tokenizer "
                  + Vocabulary.quote(name)
                  + " (tokenizer.ggml.pre) is not supported; supported are llama-bpe, qwen2,"
                  + " qwen35, smollm, gpt-2, gpt-4o, deepseek-llm, deepseek-coder, deepseek-v3 and"
                  + " their relatives");
    };
  }

  static PreTokenizer deepSeek3() {
    return WordScanners.runs(CharClass.NUMBER, 3)
        .then(WordScanners.runs(CharClass.CJK, Integer.MAX_VALUE))
        .then(WordScanners.deepSeek3());
  }

  private static PreTokenizer deepSeekLlm() {
    return WordScanners.runs(CharClass.NEWLINE, 1)
        .then(WordScanners.spaceAndRun(ranges(CASED_LETTERS)))
        .then(WordScanners.spaceAndRun(ranges(DEEPSEEK_PUNCTUATION)))
        .then(WordScanners.trailingSpace())
        .then(WordScanners.setRuns(ranges(DEEPSEEK_EAST_ASIAN)))
        .then(WordScanners.runs(CharClass.NUMBER, Integer.MAX_VALUE));
  }

  private static PreTokenizer deepSeekCoder() {
    return WordScanners.runs(CharClass.NEWLINE, 1)
        .then(WordScanners.spaceAndRun(Character::isLetter))
        .then(regex("\\s?\\p{P}+"))
        .then(WordScanners.setRuns(ranges(DEEPSEEK_EAST_ASIAN)))
        .then(WordScanners.runs(CharClass.NUMBER, 1));
  }

  private static PreTokenizer regex(String pattern) {
    return new RegexSplitter(
        RegexSplitter.compile(pattern), RegexSplitter.Behavior.ISOLATED, false);
  }

  /** Membership in pairs of first and last code point. */
  private static IntPredicate ranges(int[] pairs) {
    BitSet set = new BitSet(1 << 17);
    for (int i = 0; i < pairs.length; i += 2) {
      set.set(pairs[i], pairs[i + 1] + 1);
    }
    return set::get;
  }
}
