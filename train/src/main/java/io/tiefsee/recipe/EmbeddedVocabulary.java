package io.tiefsee.recipe;

import io.tiefsee.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tokenizer of the models that are trained from nothing: byte-level BPE with GPT-2's
 * pre-tokenizer, so that any text has tokens and llama.cpp reads it alike, and R1's special tokens.
 *
 * <p>Numbers after a space are one token up to 99; further digits, and digits without a space
 * before them, are one token each. So small numbers are facts about tokens, which a small model
 * learns far better than facts about digits, and no number is too large. Merges of letters are
 * learnt from a list of words until each is one token.
 */
public final class EmbeddedVocabulary {
  public static final String BEGIN = "<｜begin▁of▁sentence｜>";
  public static final String END = "<｜end▁of▁sentence｜>";
  public static final String USER = "<｜User｜>";
  public static final String ASSISTANT = "<｜Assistant｜>";
  public static final String THINK = "<think>";
  public static final String THINK_END = "</think>";

  /** R1's form: the answer to every turn begins with thoughts; old thoughts are left out. */
  public static final String CHAT_TEMPLATE =
      "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
          + USER
          + "{{ message['content'] }}{% elif message['role'] == 'assistant' %}"
          + ASSISTANT
          + "{{ message['content'].split('"
          + THINK_END
          + "')[-1] }}"
          + END
          + "{% else %}{{ message['content'] }}{% endif %}{% endfor %}"
          + "{% if add_generation_prompt %}"
          + ASSISTANT
          + THINK
          + "\n{% endif %}";

  /** GPT-2's stand-in for a space. */
  private static final String SPACE = "\u0120";

  private static final String NEWLINE = "\u010A";
  private static final int NORMAL = 1;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  private record Pair(String left, String right) {}

  private final List<String> tokens = new ArrayList<>();
  private final List<Integer> types = new ArrayList<>();
  private final List<String> merges = new ArrayList<>();
  private final Set<String> known = new HashSet<>();

  /**
   * @param words each becomes one token; with the space before it where it has one
   */
  public EmbeddedVocabulary(List<String> words) {
    for (String special : List.of(BEGIN, END, USER, ASSISTANT)) {
      add(special, CONTROL);
    }
    add(THINK, USER_DEFINED);
    add(THINK_END, USER_DEFINED);
    for (int b = 0; b < 256; b++) {
      add(alphabet(new byte[] {(byte) b}), NORMAL);
    }
    for (int d = 0; d < 10; d++) {
      merge(SPACE, Integer.toString(d));
    }
    for (int n = 10; n < 100; n++) {
      merge(SPACE + n / 10, Integer.toString(n % 10));
    }
    for (char c : "+-*/=<>()[]:;,.?!\"'".toCharArray()) {
      merge(SPACE, Character.toString(c));
    }
    merge(NEWLINE, NEWLINE);
    learn(words);
  }

  private void add(String token, int type) {
    if (known.add(token)) {
      tokens.add(token);
      types.add(type);
    }
  }

  private void merge(String left, String right) {
    merges.add(left + " " + right);
    add(left + right, NORMAL);
  }

  /**
   * Byte-pair encoding (Sennrich et al., 2016): joins the most frequent pair until all is joined.
   */
  private void learn(List<String> words) {
    List<List<String>> cut = new ArrayList<>();
    for (String word : new TreeSet<>(words)) {
      cut.add(new ArrayList<>(List.of(alphabet(word.getBytes(StandardCharsets.UTF_8)).split(""))));
    }
    while (true) {
      Map<Pair, Integer> counts = new LinkedHashMap<>();
      for (List<String> word : cut) {
        for (int i = 0; i + 1 < word.size(); i++) {
          counts.merge(new Pair(word.get(i), word.get(i + 1)), 1, Integer::sum);
        }
      }
      if (counts.isEmpty()) {
        return;
      }
      Pair best =
          counts.entrySet().stream()
              .max(
                  Map.Entry.<Pair, Integer>comparingByValue()
                      .thenComparing(e -> e.getKey().left + " " + e.getKey().right))
              .orElseThrow()
              .getKey();
      merge(best.left, best.right);
      for (List<String> word : cut) {
        for (int i = 0; i + 1 < word.size(); i++) {
          if (word.get(i).equals(best.left) && word.get(i + 1).equals(best.right)) {
            word.set(i, best.left + best.right);
            word.remove(i + 1);
          }
        }
      }
    }
  }

  /** Bytes in GPT-2's alphabet: printable Latin-1 for itself, the rest from U+0100 on. */
  private static String alphabet(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte value : bytes) {
      int b = value & 0xFF;
      int before = 0; // unprintable bytes before this one
      for (int i = 0; i < b; i++) {
        before += printable(i) ? 0 : 1;
      }
      text.append((char) (printable(b) ? b : 256 + before));
    }
    return text.toString();
  }

  private static boolean printable(int b) {
    return b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
  }

  public int size() {
    return tokens.size();
  }

  /** The entries of a GGUF file: tokens, merges and the chat template. */
  public Map<String, Object> metadata() {
    Map<String, Object> entries = new LinkedHashMap<>();
    entries.put("tokenizer.ggml.model", "gpt2");
    entries.put("tokenizer.ggml.pre", "gpt-2");
    entries.put("tokenizer.ggml.tokens", tokens.toArray(String[]::new));
    entries.put("tokenizer.ggml.token_type", types.stream().mapToInt(Integer::intValue).toArray());
    entries.put("tokenizer.ggml.merges", merges.toArray(String[]::new));
    entries.put("tokenizer.ggml.bos_token_id", 0L);
    entries.put("tokenizer.ggml.eos_token_id", 1L);
    entries.put("tokenizer.ggml.padding_token_id", 1L);
    entries.put("tokenizer.ggml.add_bos_token", true);
    entries.put("tokenizer.ggml.add_eos_token", false);
    entries.put("tokenizer.chat_template", CHAT_TEMPLATE);
    return entries;
  }

  public Tokenizer tokenizer() {
    return Tokenizer.fromGguf(metadata());
  }
}
