package io.tiefsee.eval;

/** The four operations. */
public enum Operator {
  PLUS,
  MINUS,
  TIMES,
  DIVIDE;

  /** Whether it binds like × and ÷. */
  public boolean isProduct() {
    return this == TIMES || this == DIVIDE;
  }

  /**
   * The result.
   *
   * @throws ArithmeticException if it divides by zero
   */
  public Rational apply(Rational left, Rational right) {
    return switch (this) {
      case PLUS -> left.plus(right);
      case MINUS -> left.minus(right);
      case TIMES -> left.times(right);
      case DIVIDE -> left.dividedBy(right);
    };
  }
}
