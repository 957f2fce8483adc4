package io.tiefsee.eval;

import io.tiefsee.eval.Maths.Function;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The part of {@link MathsParser} that reads what brackets and bars hold, and matrices. */
final class MathsBrackets {
  private final MathsCursor cursor;
  private final Supplier<List<Maths>> items;
  private final Supplier<Maths> sum;
  private int bars;

  MathsBrackets(MathsCursor cursor, Supplier<List<Maths>> items, Supplier<Maths> sum) {
    this.cursor = cursor;
    this.items = items;
    this.sum = sum;
  }

  /** Whether a bar closes rather than opens. */
  boolean withinBars() {
    return bars > 0;
  }

  /** After {@code (}: a tuple, an interval or one thing. */
  Maths round() {
    return bracketed('(');
  }

  /** After {@code [}, as {@link #round}. */
  Maths square() {
    return bracketed('[');
  }

  private Maths bracketed(char open) {
    List<Maths> inner = items.get();
    if (cursor.takeSign(")")) {
      return inner.size() == 1 && open == '('
          ? inner.getFirst()
          : new Maths.Group(open, ')', inner);
    }
    cursor.expect("]");
    return inner.size() == 1 && open == '[' ? inner.getFirst() : new Maths.Group(open, ']', inner);
  }

  /**
   * A set or, in LaTeX's own braces around one thing, nothing but that.
   *
   * @param set whether a backslash stands before the brace
   */
  Maths braces(boolean set) {
    if (takeClosing(set)) {
      return new Maths.Group('{', '}', List.of());
    }
    boolean described = cursor.takeDescribed();
    List<Maths> inner = items.get();
    if (!takeClosing(set)) {
      throw new MathsCursor.NoFormula();
    }
    return inner.size() == 1 && (described || !set)
        ? inner.getFirst()
        : new Maths.Group('{', '}', inner);
  }

  private boolean takeClosing(boolean set) {
    return set ? cursor.takeCommand("}") : cursor.takeSign("}");
  }

  /** After {@code |}. */
  Maths bars() {
    bars++;
    Maths inner = sum.get();
    cursor.expect("|");
    bars--;
    return MathsTerms.call(Function.ABS, inner);
  }

  /** After an opening command, up to the command that closes. */
  Maths enclosed(Function function, String end) {
    Maths inner = sum.get();
    if (!cursor.takeCommand(end)) {
      throw new MathsCursor.NoFormula();
    }
    return MathsTerms.call(function, inner);
  }

  /** After {@code \\begin}: any kind of matrix, or an array. */
  Maths matrix() {
    String name = cursor.environment();
    if (name.equals("array")) {
      cursor.environment();
    }
    List<List<Maths>> rows = new ArrayList<>();
    List<Maths> row = new ArrayList<>();
    while (!cursor.takeCommand("end")) {
      row.add(sum.get());
      if (cursor.takeSign("&")) {
        continue;
      }
      rows.add(List.copyOf(row));
      row.clear();
      if (!cursor.takeCommand("newline") && !cursor.peek().isCommand("end")) {
        throw new MathsCursor.NoFormula();
      }
    }
    boolean known = name.endsWith("matrix") || name.equals("array");
    boolean even = rows.stream().allMatch(r -> r.size() == rows.getFirst().size());
    if (!cursor.environment().equals(name) || !known || rows.isEmpty() || !even) {
      throw new MathsCursor.NoFormula();
    }
    return new Maths.Matrix(rows);
  }
}
