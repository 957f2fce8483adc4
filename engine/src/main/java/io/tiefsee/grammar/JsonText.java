package io.tiefsee.grammar;

import java.util.ArrayList;
import java.util.List;

/** The pieces that JSON texts (RFC 8259) are made of. */
final class JsonText {
  static final Expr DIGIT = Expr.range('0', '9');
  static final Expr DIGIT_1_9 = Expr.range('1', '9');

  private static final Expr.Chars HEX =
      Expr.chars(
          List.of(new Expr.Range('0', '9'), new Expr.Range('A', 'F'), new Expr.Range('a', 'f')));

  /** Four hexadecimal digits that are no surrogate. */
  private static final Expr CODE =
      Expr.alt(
          Expr.seq(
              Expr.chars(
                  List.of(
                      new Expr.Range('0', '9'),
                      new Expr.Range('A', 'C'),
                      new Expr.Range('E', 'F'),
                      new Expr.Range('a', 'c'),
                      new Expr.Range('e', 'f'))),
              Expr.repeat(HEX, 3, 3)),
          Expr.seq(
              Expr.chars(List.of(new Expr.Range('D', 'D'), new Expr.Range('d', 'd'))),
              Expr.range('0', '7'),
              Expr.repeat(HEX, 2, 2)));

  /** Characters that stand for themselves in a string. */
  private static final Expr.Chars PLAIN =
      Expr.not(
          Expr.chars(
              List.of(
                  new Expr.Range(0, 0x1F), new Expr.Range('"', '"'), new Expr.Range('\\', '\\'))));

  /** One character of a string, escaped or not. */
  static final Expr CHARACTER =
      Expr.alt(
          PLAIN,
          Expr.seq(
              Expr.text("\\"),
              Expr.alt(
                  Expr.chars("\"\\/bfnrt".chars().mapToObj(c -> new Expr.Range(c, c)).toList()),
                  Expr.seq(Expr.text("u"), CODE))));

  /** A JSON number that a double holds. */
  static final Expr NUMBER =
      Expr.seq(
          Expr.optional(Expr.text("-")),
          Expr.alt(Expr.text("0"), Expr.seq(DIGIT_1_9, Expr.repeat(DIGIT, 0, 15))),
          Expr.optional(Expr.seq(Expr.text("."), Expr.repeat(DIGIT, 1, 15))),
          Expr.optional(
              Expr.seq(
                  Expr.chars(List.of(new Expr.Range('E', 'E'), new Expr.Range('e', 'e'))),
                  Expr.optional(Expr.alt(Expr.text("+"), Expr.text("-"))),
                  Expr.repeat(DIGIT, 1, 2))));

  /**
   * White space between the parts of a text: none, a blank, or a line end and an indentation. More
   * would be valid, but models can lose themselves in it.
   */
  static final Expr SPACE =
      Expr.alt(
          Expr.EMPTY,
          Expr.text(" "),
          Expr.seq(Expr.text("\n"), Expr.repeat(Expr.text(" "), 0, 20)));

  /** White space behind a colon. */
  static final Expr BLANK = Expr.optional(Expr.text(" "));

  private JsonText() {}

  static Expr string(Expr content) {
    return Expr.seq(Expr.text("\""), content, Expr.text("\""));
  }

  /** A string of a number of characters. */
  static Expr string(int min, int max) {
    return string(Expr.repeat(CHARACTER, min, max));
  }

  /**
   * One character of a set, as a string may write it: quotes, backslashes and control characters
   * escaped, all others as they are.
   */
  static Expr character(Expr.Chars set) {
    List<Expr> options = new ArrayList<>();
    for (Expr.Range r : set.ranges()) {
      escape(r, '"', "\\\"", options);
      escape(r, '\\', "\\\\", options);
      escape(r, '\n', "\\n", options);
      escape(r, '\r', "\\r", options);
      escape(r, '\t', "\\t", options);
      escape(r, '\b', "\\b", options);
      escape(r, '\f', "\\f", options);
    }
    options.add(plain(set));
    return new Expr.Alt(options);
  }

  private static void escape(Expr.Range r, char c, String written, List<Expr> options) {
    if (r.first() <= c && c <= r.last()) {
      options.add(Expr.text(written));
    }
  }

  /**
   * A string, without escapes, that is none of {@code names}: a tree over the names' characters
   * that leaves it at the first difference.
   */
  static Expr stringOtherThan(List<String> names) {
    return string(other(names.stream().map(s -> s.codePoints().toArray()).toList(), 0));
  }

  private static Expr other(List<int[]> names, int depth) {
    List<Expr> options = new ArrayList<>();
    List<Expr.Range> taken = new ArrayList<>();
    boolean endTaken = false;
    List<int[]> rest = new ArrayList<>(names);
    while (!rest.isEmpty()) {
      int[] name = rest.getFirst();
      if (name.length == depth) {
        endTaken = true;
        rest.removeFirst();
        continue;
      }
      int c = name[depth];
      List<int[]> same = rest.stream().filter(n -> n.length > depth && n[depth] == c).toList();
      rest.removeAll(same);
      taken.add(new Expr.Range(c, c));
      if (PLAIN.ranges().stream().anyMatch(r -> r.first() <= c && c <= r.last())) {
        options.add(Expr.seq(Expr.range(c, c), other(same, depth + 1)));
      }
    }
    if (!endTaken) {
      options.add(Expr.EMPTY);
    }
    Expr.Chars others = plain(Expr.not(Expr.chars(taken)));
    options.add(Expr.seq(others, Expr.repeat(PLAIN, 0, Expr.UNBOUNDED)));
    return new Expr.Alt(options);
  }

  /** Those characters of a set that stand for themselves. */
  private static Expr.Chars plain(Expr.Chars set) {
    List<Expr.Range> plain = new ArrayList<>();
    for (Expr.Range r : set.ranges()) {
      for (Expr.Range p : PLAIN.ranges()) {
        int first = Math.max(r.first(), p.first());
        int last = Math.min(r.last(), p.last());
        if (first <= last) {
          plain.add(new Expr.Range(first, last));
        }
      }
    }
    return new Expr.Chars(plain);
  }
}
