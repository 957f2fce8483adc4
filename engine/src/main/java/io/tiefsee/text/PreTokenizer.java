package io.tiefsee.text;

/**
 * Cuts text into the pieces ("words") that byte-pair encoding works on separately. Implementations
 * are stateless and thread-safe, never pass an empty piece, and take time linear in the text.
 */
@FunctionalInterface
interface PreTokenizer {
  /** Takes the pieces in order. */
  @FunctionalInterface
  interface Pieces {
    void accept(char[] text, int from, int to);
  }

  /**
   * Says where the piece that starts at {@code from} (below {@code to}) ends; above {@code from}.
   */
  @FunctionalInterface
  interface Scanner {
    int end(char[] text, int from, int to);
  }

  /** Leaves the text in one piece. */
  PreTokenizer WHOLE =
      (text, from, to, out) -> {
        if (from < to) {
          out.accept(text, from, to);
        }
      };

  /** Cuts {@code text[from..to)}, as if nothing were before and after it. */
  void split(char[] text, int from, int to, Pieces out);

  /** This one, then {@code next} on each of the pieces. */
  default PreTokenizer then(PreTokenizer next) {
    return (text, from, to, out) -> split(text, from, to, (t, a, b) -> next.split(t, a, b, out));
  }

  /** Pieces one after the other, each as long as the scanner says. */
  static PreTokenizer scanning(Scanner scanner) {
    return (text, from, to, out) -> {
      int at = from;
      while (at < to) {
        int end = scanner.end(text, at, to);
        out.accept(text, at, end);
        at = end;
      }
    };
  }

  /** Puts a space before each piece that does not begin with one. */
  static PreTokenizer prefixSpace() {
    return (text, from, to, out) -> {
      if (from >= to || text[from] == ' ') {
        WHOLE.split(text, from, to, out);
        return;
      }
      char[] longer = new char[to - from + 1];
      longer[0] = ' ';
      System.arraycopy(text, from, longer, 1, to - from);
      out.accept(longer, 0, longer.length);
    };
  }
}
