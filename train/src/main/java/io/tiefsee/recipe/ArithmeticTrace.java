package io.tiefsee.recipe;

import io.tiefsee.eval.Expression;
import io.tiefsee.eval.Expression.Negated;
import io.tiefsee.eval.Expression.Operation;
import io.tiefsee.eval.Notation;
import io.tiefsee.eval.Rational;

/**
 * Thoughts on an expression: one operation after the other, the expression written anew with each
 * result.
 *
 * <pre>
 *  ( 1 7 + 2 5 ) * 3
 *  1 7 + 2 5 : 7 + 5 = 12 , 1 + 2 + 1 = 4 , so 4 2
 *  4 2 * 3 : 2 * 3 = 6 , 4 * 3 = 12 , so 1 2 6
 * </pre>
 */
final class ArithmeticTrace {
  private final Working working;

  private ArithmeticTrace(Working working) {
    this.working = working;
  }

  static Demonstration of(String question, Expression expression, Working working) {
    Rational result = workOut(expression, working);
    return new Demonstration(question, working.pieces(), result.toString());
  }

  /** Writes the steps; the value. */
  static Rational workOut(Expression expression, Working working) {
    ArithmeticTrace trace = new ArithmeticTrace(working);
    Expression rest = expression;
    while (!(rest instanceof Expression.Number)) {
      if (operations(rest) > 1) {
        working.line(spaced(rest));
      }
      rest = trace.reduce(rest);
    }
    return ((Expression.Number) rest).value();
  }

  /** As it stands in thoughts: every sign and number apart. */
  static String spaced(Expression expression) {
    return spaced(expression.print(Notation.ASCII));
  }

  static String spaced(String text) {
    return text.replaceAll("([()+\\-*/=.a-zA-Z0-9])", " $1 ").replaceAll(" +", " ").strip();
  }

  private static int operations(Expression expression) {
    return switch (expression) {
      case Operation it -> 1 + operations(it.left()) + operations(it.right());
      case Negated it -> operations(it.operand());
      default -> 0;
    };
  }

  /** Does the first operation whose operands are numbers. */
  private Expression reduce(Expression expression) {
    return switch (expression) {
      case Operation it when !(it.left() instanceof Expression.Number) ->
          new Operation(it.operator(), reduce(it.left()), it.right());
      case Operation it when !(it.right() instanceof Expression.Number) ->
          new Operation(it.operator(), it.left(), reduce(it.right()));
      case Operation it -> new Expression.Number(result(it));
      case Negated it when it.operand() instanceof Expression.Number n ->
          new Expression.Number(n.value().negate());
      case Negated it -> new Negated(reduce(it.operand()));
      default -> throw new IllegalArgumentException(expression + " cannot be worked out");
    };
  }

  private Rational result(Operation it) {
    Rational left = ((Expression.Number) it.left()).value();
    Rational right = ((Expression.Number) it.right()).value();
    long a = left.toLong();
    long b = right.toLong();
    return Rational.of(
        switch (it.operator()) {
          case PLUS -> working.add(a, b);
          case MINUS -> working.subtract(a, b);
          case TIMES -> working.multiply(a, b);
          case DIVIDE -> working.divide(a, b);
        });
  }
}
