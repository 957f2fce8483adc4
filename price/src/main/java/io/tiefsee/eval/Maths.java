package io.tiefsee.eval;

import java.util.List;

/** A mathematical answer as a tree, as {@link MathsParser} reads it. */
sealed interface Maths {
  /**
   * A number as it was written.
   *
   * @param places digits after the decimal point; 0 for a whole number
   * @param decimal whether it has a decimal point
   */
  record Number(Rational value, boolean decimal, int places) implements Maths {}

  /** Digits in another base: {@code 1011_2}. */
  record Based(String digits, int base) implements Maths {}

  /** What has a name of its own. */
  enum Constant implements Maths {
    PI,
    E,
    I,
    INFINITY
  }

  /** A letter. */
  record Variable(String name) implements Maths {}

  /** A leading minus sign. */
  record Negated(Maths operand) implements Maths {}

  /** The signs between two operands. */
  enum Sign {
    PLUS,
    MINUS,
    PLUS_MINUS,
    MINUS_PLUS,
    TIMES,
    DIVIDE,
    POWER
  }

  /** Two operands and the sign between them. */
  record Binary(Sign sign, Maths left, Maths right) implements Maths {}

  /** Functions of one argument, but for ROOT (degree, radicand), LOG (base, x), BINOMIAL (n, k). */
  enum Function {
    SIN,
    COS,
    TAN,
    COT,
    SEC,
    CSC,
    ARCSIN,
    ARCCOS,
    ARCTAN,
    SINH,
    COSH,
    TANH,
    LN,
    EXP,
    ABS,
    FLOOR,
    CEIL,
    FACTORIAL,
    ROOT,
    LOG,
    BINOMIAL
  }

  /** A function and its arguments. */
  record Call(Function function, List<Maths> arguments) implements Maths {
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  /** {@code 12%}. */
  record Percent(Maths operand) implements Maths {}

  /** {@code 45°}. */
  record Degrees(Maths operand) implements Maths {}

  /**
   * Several things between brackets: a tuple, an interval or, in braces, a set; a bare list has the
   * brackets {@code ' '}.
   */
  record Group(char open, char close, List<Maths> items) implements Maths {
    public Group {
      items = List.copyOf(items);
    }

    boolean isOrdered() {
      return open != '{' && open != ' ';
    }
  }

  /**
   * {@code 3:1}, of two parts or more.
   *
   * @param clock whether it may be a time of day: {@code 2:15}
   */
  record Ratio(List<Maths> parts, boolean clock) implements Maths {
    public Ratio {
      parts = List.copyOf(parts);
    }
  }

  /** Rows of a matrix, of the same length. */
  record Matrix(List<List<Maths>> rows) implements Maths {
    public Matrix {
      rows = List.copyOf(rows);
    }
  }

  /** Parts between {@code ∪}. */
  record Union(List<Maths> parts) implements Maths {
    public Union {
      parts = List.copyOf(parts);
    }
  }

  /**
   * {@code a = b}, {@code a < b ≤ c}.
   *
   * @param signs between the sides, one fewer: of {@code =<>≤≥≠∈}; what follows {@code ≈} is left
   *     out
   */
  record Relation(List<Maths> sides, String signs) implements Maths {
    public Relation {
      sides = List.copyOf(sides);
    }
  }

  /** An answer in words, in lower case. */
  record Words(String text) implements Maths {}

  static Maths number(long value) {
    return new Number(Rational.of(value), false, 0);
  }
}
