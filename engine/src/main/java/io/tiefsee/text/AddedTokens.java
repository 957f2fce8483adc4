package io.tiefsee.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds added tokens (such as {@code <|im_start|>} and {@code <think>}) in text before it is
 * pre-tokenised: leftmost first, of those the longest. Immutable and thread-safe.
 */
final class AddedTokens {
  /**
   * An added token and how tokenizer.json says it is matched.
   *
   * @param special whether it is matched only where special tokens are asked for
   * @param singleWord whether it is matched only where no word character touches it
   * @param lstrip whether white space before it belongs to it
   * @param rstrip whether white space after it belongs to it
   * @param normalized whether it is looked for in normalised text
   */
  record AddedToken(
      int id,
      String content,
      boolean special,
      boolean singleWord,
      boolean lstrip,
      boolean rstrip,
      boolean normalized) {
    static AddedToken plain(int id, String content, boolean special) {
      return new AddedToken(id, content, special, false, false, false, false);
    }
  }

  /** Takes text between tokens, and tokens, in order. */
  interface Sink {
    void text(String text);

    void token(int id);
  }

  private static final class Node {
    private final Map<Character, Node> next = new HashMap<>(2);
    private final int depth;
    private Optional<AddedToken> token = Optional.empty();

    Node(int depth) {
      this.depth = depth;
    }
  }

  private final Node root = new Node(0);
  // First characters of the tokens: most positions of a text are ruled out by one look.
  private final long[] starts = new long[1024];

  /** {@code contents[i]} is what is looked for in the text for {@code tokens[i]}. */
  AddedTokens(List<AddedToken> tokens, List<String> contents) {
    for (int t = 0; t < tokens.size(); t++) {
      String content = contents.get(t);
      if (content.isEmpty()) {
        continue;
      }
      Node node = root;
      for (int i = 0; i < content.length(); i++) {
        int depth = i + 1;
        node = node.next.computeIfAbsent(content.charAt(i), c -> new Node(depth));
      }
      node.token = Optional.of(tokens.get(t));
      starts[content.charAt(0) >>> 6] |= 1L << content.charAt(0);
    }
  }

  boolean isEmpty() {
    return Arrays.stream(starts).allMatch(word -> word == 0);
  }

  /** Cuts {@code text} at tokens; special ones only with {@code parseSpecial}. */
  void split(String text, boolean parseSpecial, Sink sink) {
    int done = 0;
    int at = 0;
    while (at < text.length()) {
      Node match = longestMatch(text, at, parseSpecial);
      if (match == root) {
        at++;
        continue;
      }
      AddedToken token = match.token.orElseThrow();
      int start = at;
      int end = at + match.depth;
      if (token.singleWord && (wordEndsAt(text, start) || wordStartsAt(text, end))) {
        at = end;
        continue;
      }
      while (token.lstrip && start > done && CharClass.isSpace(text.charAt(start - 1))) {
        start--;
      }
      while (token.rstrip && end < text.length() && CharClass.isSpace(text.charAt(end))) {
        end++;
      }
      if (start > done) {
        sink.text(text.substring(done, start));
      }
      sink.token(token.id);
      done = end;
      at = end;
    }
    if (done < text.length()) {
      sink.text(done == 0 ? text : text.substring(done));
    }
  }

  /** The node of the longest token at {@code from}, or the root where there is none. */
  private Node longestMatch(String text, int from, boolean parseSpecial) {
    char first = text.charAt(from);
    if ((starts[first >>> 6] & 1L << first) == 0) {
      return root;
    }
    Node found = root;
    Node node = root;
    for (int i = from; i < text.length(); i++) {
      node = node.next.get(text.charAt(i));
      if (node == null) {
        break;
      }
      if (node.token.isPresent() && (parseSpecial || !node.token.get().special)) {
        found = node;
      }
    }
    return found;
  }

  private static boolean wordEndsAt(String text, int at) {
    return at > 0 && isWord(text.codePointBefore(at));
  }

  private static boolean wordStartsAt(String text, int at) {
    return at < text.length() && isWord(text.codePointAt(at));
  }

  /** {@code \w} in Unicode: letters, marks, decimal digits, connectors, joiners. */
  private static boolean isWord(int codePoint) {
    return Character.isAlphabetic(codePoint)
        || switch (Character.getType(codePoint)) {
          case Character.NON_SPACING_MARK,
              Character.ENCLOSING_MARK,
              Character.COMBINING_SPACING_MARK,
              Character.DECIMAL_DIGIT_NUMBER,
              Character.CONNECTOR_PUNCTUATION ->
              true;
          default -> codePoint == 0x200C || codePoint == 0x200D;
        };
  }
}
