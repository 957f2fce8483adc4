package io.tiefsee.eval;

import io.tiefsee.eval.Expression.Negated;
import io.tiefsee.eval.Expression.Operation;
import io.tiefsee.eval.Expression.Unknown;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One text for all expressions that differ in order and brackets of sums and products only. */
final class Canonical {
  private Canonical() {}

  static String of(Expression expression) {
    return switch (expression) {
      case Expression.Number number -> number.value().toString();
      case Unknown unknown -> unknown.name();
      case Negated negated -> sum(negated);
      case Operation operation ->
          operation.operator().isProduct() ? product(operation) : sum(operation);
    };
  }

  private static String sum(Expression expression) {
    List<String> parts = new ArrayList<>();
    summands(expression, '+', parts);
    return joined(parts);
  }

  private static String product(Expression expression) {
    List<String> parts = new ArrayList<>();
    factors(expression, '*', parts);
    return joined(parts);
  }

  private static String joined(List<String> parts) {
    Collections.sort(parts);
    return "(" + String.join("", parts) + ")";
  }

  private static void summands(Expression expression, char sign, List<String> into) {
    char other = sign == '+' ? '-' : '+';
    switch (expression) {
      case Negated negated -> summands(negated.operand(), other, into);
      case Operation it when !it.operator().isProduct() -> {
        summands(it.left(), sign, into);
        summands(it.right(), it.operator() == Operator.PLUS ? sign : other, into);
      }
      default -> into.add(sign + of(expression));
    }
  }

  private static void factors(Expression expression, char sign, List<String> into) {
    char other = sign == '*' ? '/' : '*';
    if (expression instanceof Operation it && it.operator().isProduct()) {
      factors(it.left(), sign, into);
      factors(it.right(), it.operator() == Operator.TIMES ? sign : other, into);
    } else {
      into.add(sign + of(expression));
    }
  }
}
