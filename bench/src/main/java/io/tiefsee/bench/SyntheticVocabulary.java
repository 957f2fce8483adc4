package io.tiefsee.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A small vocabulary of byte-level BPE, padded to any size: the 256 bytes, a few merges, and
 * numbered tokens that no text contains. It is complete: every text has tokens.
 */
final class SyntheticVocabulary {
  private static final int NORMAL = 1;
  private static final int CONTROL = 3;
  private static final int UNUSED = 5;
  private static final String[] MERGES = {
    "h e", "i n", "e r", "a n", "o n", "r e", "Ġ t", "Ġ a", "Ġ s", "Ġ w", "Ġt he", "in g", "an d"
  };

  /** Bytes, merges, beginning and end of a sequence. */
  static final int LEAST = 256 + MERGES.length + 2;

  private SyntheticVocabulary() {}

  /**
   * The entries {@code tokenizer.*} of a GGUF file.
   *
   * @param size tokens, at least {@link #LEAST}
   */
  static Map<String, Object> metadata(String architecture, int size) {
    List<String> tokens = new ArrayList<>(size);
    for (int b = 0; b < 256; b++) {
      tokens.add(Character.toString(letter(b)));
    }
    for (String merge : MERGES) {
      tokens.add(merge.replace(" ", ""));
    }
    int[] types = new int[size];
    java.util.Arrays.fill(types, 0, tokens.size(), NORMAL);
    int bos = tokens.size();
    types[bos] = CONTROL;
    types[bos + 1] = CONTROL;
    tokens.add("<bos>");
    tokens.add("<eos>");
    java.util.Arrays.fill(types, tokens.size(), size, UNUSED);
    while (tokens.size() < size) {
      tokens.add("<unused" + tokens.size() + ">");
    }
    return Map.of(
        "tokenizer.ggml.model",
        "gpt2",
        "tokenizer.ggml.pre",
        pre(architecture),
        "tokenizer.ggml.tokens",
        tokens.toArray(String[]::new),
        "tokenizer.ggml.token_type",
        types,
        "tokenizer.ggml.merges",
        MERGES,
        "tokenizer.ggml.bos_token_id",
        (long) bos,
        "tokenizer.ggml.eos_token_id",
        (long) bos + 1,
        "tokenizer.ggml.padding_token_id",
        (long) bos + 1,
        "tokenizer.ggml.add_bos_token",
        false);
  }

  private static String pre(String architecture) {
    return switch (architecture) {
      case "llama" -> "llama-bpe";
      case "deepseek2" -> "deepseek-v3";
      default -> "qwen2";
    };
  }

  /** GPT-2's printable stand-in for a byte: itself, or one of the letters from 256 on. */
  private static int letter(int b) {
    int moved = 0;
    for (int i = 0; i <= b; i++) {
      boolean printable = (i > ' ' && i <= '~') || (i >= 0xa1 && i <= 0xff && i != 0xad);
      if (i == b && printable) {
        return b;
      }
      moved += printable ? 0 : 1;
    }
    return 255 + moved;
  }
}
