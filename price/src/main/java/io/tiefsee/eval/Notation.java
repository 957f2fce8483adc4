package io.tiefsee.eval;

/**
 * How an expression is written.
 *
 * @param minus sign of subtraction and of negative numbers
 * @param times sign of multiplication
 * @param divide sign of division
 * @param spaced whether a space stands on both sides of an operator
 */
public record Notation(String minus, String times, String divide, boolean spaced) {
  /** {@code (17 + 25) * 3 / 2 - 1}. */
  public static final Notation ASCII = new Notation("-", "*", "/", true);

  /** {@code (17 + 25) × 3 ÷ 2 − 1}. */
  public static final Notation TYPESET = new Notation("−", "×", "÷", true);

  /** The same signs without spaces, or with them. */
  public Notation spaced(boolean is) {
    return new Notation(minus, times, divide, is);
  }

  String sign(Operator operator) {
    return switch (operator) {
      case PLUS -> "+";
      case MINUS -> minus;
      case TIMES -> times;
      case DIVIDE -> divide;
    };
  }
}
