package io.tiefsee.eval;

import io.tiefsee.eval.Expression.Negated;
import io.tiefsee.eval.Expression.Operation;
import io.tiefsee.eval.Expression.Unknown;
import java.math.BigDecimal;

/** Writes expressions. */
final class Printer {
  private Printer() {}

  static String print(Expression expression, Notation notation) {
    return switch (expression) {
      case Expression.Number number -> number(number.value(), notation);
      case Unknown unknown -> unknown.name();
      case Negated negated ->
          notation.minus() + bracketIf(isSum(negated.operand()), negated.operand(), notation);
      case Operation operation -> operation(operation, notation);
    };
  }

  private static String number(Rational value, Notation notation) {
    return value.signum() < 0 ? notation.minus() + unsigned(value.negate()) : unsigned(value);
  }

  /** A decimal where there is one that ends, else a fraction. */
  private static String unsigned(Rational value) {
    if (value.isWhole()) {
      return value.toString();
    }
    try {
      return new BigDecimal(value.numerator())
          .divide(new BigDecimal(value.denominator()))
          .toPlainString();
    } catch (ArithmeticException neverEnds) {
      return value.toString();
    }
  }

  private static String operation(Operation it, Notation notation) {
    boolean product = it.operator().isProduct();
    String left = bracketIf(product && isSum(it.left()), it.left(), notation);
    if (it.operator() == Operator.TIMES
        && it.left() instanceof Expression.Number
        && hasUnknown(it.right())) {
      return left + bracketIf(!(it.right() instanceof Unknown), it.right(), notation);
    }
    String right =
        bracketIf(
            isSum(it.right()) || (product && it.right() instanceof Operation),
            it.right(),
            notation);
    String space = notation.spaced() ? " " : "";
    return left + space + notation.sign(it.operator()) + space + right;
  }

  private static boolean hasUnknown(Expression expression) {
    return switch (expression) {
      case Expression.Number number -> false;
      case Unknown unknown -> true;
      case Negated negated -> hasUnknown(negated.operand());
      case Operation operation -> hasUnknown(operation.left()) || hasUnknown(operation.right());
    };
  }

  /** Binds no stronger than + and −, or begins with a sign. */
  private static boolean isSum(Expression expression) {
    return switch (expression) {
      case Expression.Number number ->
          number.value().signum() < 0 || number(number.value(), Notation.ASCII).contains("/");
      case Unknown unknown -> false;
      case Negated negated -> true;
      case Operation operation -> !operation.operator().isProduct();
    };
  }

  private static String bracketIf(boolean needed, Expression expression, Notation notation) {
    String text = print(expression, notation);
    return needed ? "(" + text + ")" : text;
  }
}
