package io.tiefsee.grammar;

import java.util.ArrayList;
import java.util.List;

/** The right side of a rule: what texts it lets through. */
public sealed interface Expr {
  /** No limit, as {@link Repeat#max}. */
  int UNBOUNDED = -1;

  /** The empty text. */
  Expr EMPTY = new Text("");

  /** No text at all. */
  Expr NOTHING = new Alt(List.of());

  /**
   * One character of a set.
   *
   * @param ranges pairs of first and last code point, ascending, without overlap
   */
  record Chars(List<Range> ranges) implements Expr {
    public Chars {
      ranges = List.copyOf(ranges);
    }
  }

  /** Code points from {@code first} to {@code last}. */
  record Range(int first, int last) {}

  /** Exactly this text. */
  record Text(String text) implements Expr {}

  /** One after the other. */
  record Seq(List<Expr> parts) implements Expr {
    public Seq {
      parts = List.copyOf(parts);
    }
  }

  /** One of several; none of them if there are none. */
  record Alt(List<Expr> options) implements Expr {
    public Alt {
      options = List.copyOf(options);
    }
  }

  /**
   * @param min times at least
   * @param max times at most, or {@link #UNBOUNDED}
   */
  record Repeat(Expr body, int min, int max) implements Expr {}

  /** What the rule of this name lets through. */
  record Ref(String rule) implements Expr {}

  static Expr text(String text) {
    return new Text(text);
  }

  static Expr seq(Expr... parts) {
    return new Seq(List.of(parts));
  }

  static Expr alt(Expr... options) {
    return new Alt(List.of(options));
  }

  static Expr optional(Expr body) {
    return new Repeat(body, 0, 1);
  }

  static Expr repeat(Expr body, int min, int max) {
    return new Repeat(body, min, max);
  }

  /** One character from {@code first} to {@code last}. */
  static Expr range(int first, int last) {
    return first > last ? NOTHING : new Chars(List.of(new Range(first, last)));
  }

  /** The characters of all ranges, sorted and joined. */
  static Chars chars(List<Range> ranges) {
    List<Range> sorted = new ArrayList<>(ranges);
    sorted.sort((a, b) -> Integer.compare(a.first, b.first));
    List<Range> joined = new ArrayList<>();
    for (Range r : sorted) {
      if (!joined.isEmpty() && r.first <= joined.getLast().last + 1) {
        Range before = joined.removeLast();
        joined.add(new Range(before.first, Math.max(before.last, r.last)));
      } else {
        joined.add(r);
      }
    }
    return new Chars(joined);
  }

  /** All characters that are not in {@code set}. */
  static Chars not(Chars set) {
    List<Range> rest = new ArrayList<>();
    int next = 0;
    for (Range r : set.ranges) {
      if (r.first > next) {
        rest.add(new Range(next, r.first - 1));
      }
      next = r.last + 1;
    }
    if (next <= Character.MAX_CODE_POINT) {
      rest.add(new Range(next, Character.MAX_CODE_POINT));
    }
    return new Chars(rest);
  }
}
