package io.tiefsee.recipe;

import io.tiefsee.eval.Content;
import io.tiefsee.eval.Expression;
import io.tiefsee.eval.Notation;
import io.tiefsee.eval.Rational;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Thoughts on a comparison: work out the options, then keep the better of two at a time, digit by
 * digit from the left.
 *
 * <pre>
 *  larger of 9 8 7 , 9 7 9
 *  9 8 7 or 9 7 9 : 9 = 9 , 8 > 7 , so 9 8 7
 * </pre>
 */
final class CompareTrace {
  private final Working working;
  private final boolean largest;

  private CompareTrace(boolean largest, Working working) {
    this.largest = largest;
    this.working = working;
  }

  static Demonstration of(String question, Content.Comparison problem, Working working) {
    CompareTrace trace = new CompareTrace(problem.largest(), working);
    String answer = trace.compare(problem.options());
    return new Demonstration(question, working.pieces(), answer);
  }

  private String compare(List<Expression> options) {
    List<String> items = options.stream().map(ArithmeticTrace::spaced).toList();
    working.line((largest ? "larger of " : "smaller of ") + String.join(" , ", items));
    List<Rational> values = new ArrayList<>();
    for (Expression option : options) {
      values.add(
          option instanceof Expression.Number n
              ? n.value()
              : ArithmeticTrace.workOut(option, working));
    }
    int best = 0;
    for (int i = 1; i < values.size(); i++) {
      best = better(values.get(best), values.get(i)) ? best : i;
    }
    Expression right = options.get(best);
    String text = right.print(Notation.ASCII);
    return right instanceof Expression.Number ? text : text + " = " + values.get(best);
  }

  /** Writes the comparison; whether the first is what is sought. */
  private boolean better(Rational first, Rational second) {
    boolean isFirst = first.compareTo(second) > 0 == largest;
    String a = decimal(first);
    String b = decimal(second);
    String why = String.join(" , ", reasons(a, b));
    working.line(
        ArithmeticTrace.spaced(a)
            + " or "
            + ArithmeticTrace.spaced(b)
            + " : "
            + why
            + " , so "
            + ArithmeticTrace.spaced(isFirst ? a : b));
    return isFirst;
  }

  private static String decimal(Rational value) {
    return new BigDecimal(value.numerator())
        .divide(new BigDecimal(value.denominator()))
        .toPlainString();
  }

  /** Lengths of the whole parts, or digits from the left up to the first difference. */
  private static List<String> reasons(String a, String b) {
    String[] x = a.split("\\.");
    String[] y = b.split("\\.");
    List<String> reasons = new ArrayList<>();
    if (x[0].length() != y[0].length()) {
      reasons.add(sign(x[0].length(), y[0].length()) + " digits");
      return reasons;
    }
    String s = x[0] + (x.length > 1 ? x[1] : "");
    String t = y[0] + (y.length > 1 ? y[1] : "");
    for (int i = 0; i < Math.max(s.length(), t.length()); i++) {
      int left = i < s.length() ? s.charAt(i) - '0' : 0;
      int right = i < t.length() ? t.charAt(i) - '0' : 0;
      reasons.add(sign(left, right));
      if (left != right) {
        break;
      }
    }
    return reasons;
  }

  private static String sign(int a, int b) {
    return a + (a > b ? " > " : a < b ? " < " : " = ") + b;
  }
}
