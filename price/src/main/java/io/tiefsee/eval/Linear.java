package io.tiefsee.eval;

import io.tiefsee.eval.Expression.Negated;
import io.tiefsee.eval.Expression.Operation;
import io.tiefsee.eval.Expression.Unknown;

/** {@code coefficient · x + constant}. */
public record Linear(Rational coefficient, Rational constant) {
  /**
   * An expression in one unknown, multiplied out.
   *
   * @throws ArithmeticException if it is not linear, or divides by zero
   */
  public static Linear of(Expression expression) {
    return switch (expression) {
      case Expression.Number number -> new Linear(Rational.of(0), number.value());
      case Unknown unknown -> new Linear(Rational.of(1), Rational.of(0));
      case Negated negated -> of(negated.operand()).times(Rational.of(-1));
      case Operation(Operator operator, Expression left, Expression right) ->
          switch (operator) {
            case PLUS -> of(left).plus(of(right));
            case MINUS -> of(left).plus(of(right).times(Rational.of(-1)));
            case TIMES -> product(of(left), of(right));
            case DIVIDE -> of(left).times(Rational.of(1).dividedBy(of(right).onlyConstant()));
          };
    };
  }

  private static Linear product(Linear left, Linear right) {
    return left.coefficient.isZero()
        ? right.times(left.constant)
        : left.times(right.onlyConstant());
  }

  private Linear plus(Linear other) {
    return new Linear(coefficient.plus(other.coefficient), constant.plus(other.constant));
  }

  private Linear times(Rational factor) {
    return new Linear(coefficient.times(factor), constant.times(factor));
  }

  private Rational onlyConstant() {
    if (!coefficient.isZero()) {
      throw new ArithmeticException("not linear");
    }
    return constant;
  }
}
