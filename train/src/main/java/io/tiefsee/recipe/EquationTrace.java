package io.tiefsee.recipe;

import io.tiefsee.eval.Content;
import io.tiefsee.eval.Expression;
import io.tiefsee.eval.Expression.Negated;
import io.tiefsee.eval.Expression.Operation;
import io.tiefsee.eval.Expression.Unknown;
import io.tiefsee.eval.Rational;

/**
 * Thoughts on a linear equation: work out both sides, turn them round if the right one has more of
 * the unknown, move what has the unknown to the left and the rest to the right, divide.
 *
 * <pre>
 *  5 x + 3 = 2 x + 1 8
 *  5 x - 2 x = 1 8 - 3
 *  5 - 2 = 3
 *  1 8 - 3 : 8 - 3 = 5 , 1 = 1 , so 1 5
 *  3 x = 1 5
 *  1 5 / 3 : 15 / 3 = 5 , so 5
 *  x = 5
 * </pre>
 */
final class EquationTrace {
  /** slope · unknown + constant. */
  private record Linear(long slope, long constant) {
    boolean isNumber() {
      return slope == 0;
    }
  }

  private final Working working;
  private final String name;

  private EquationTrace(String name, Working working) {
    this.name = name;
    this.working = working;
  }

  static Demonstration of(String question, Content.Equation problem, Working working) {
    EquationTrace trace = new EquationTrace(problem.unknown(), working);
    Rational solution = trace.solve(problem.left(), problem.right());
    return new Demonstration(question, working.pieces(), problem.unknown() + " = " + solution);
  }

  private Rational solve(Expression left, Expression right) {
    String asked = ArithmeticTrace.spaced(left) + " = " + ArithmeticTrace.spaced(right);
    working.line(asked);
    Linear l = linear(left);
    Linear r = linear(right);
    String simple = show(l) + " = " + show(r);
    if (!simple.equals(asked)) {
      working.line(simple);
    }
    if (l.slope < r.slope) { // more of the unknown on the left: nothing is divided by less than 0
      Linear swapped = l;
      l = r;
      r = swapped;
      working.line(show(l) + " = " + show(r));
    }
    if (r.slope != 0 || l.constant != 0) {
      String moved =
          leftTerms(l.slope, r.slope)
              + " = "
              + (r.constant == 0 && l.constant != 0 ? "" : Working.show(r.constant))
              + (l.constant == 0
                  ? ""
                  : (l.constant < 0 ? " + " : " - ") + Working.show(Math.abs(l.constant)));
      working.line(moved.strip().replaceAll(" +", " "));
    }
    long slope = l.slope - r.slope;
    long constant = r.constant;
    if (l.slope != 0 && r.slope != 0) {
      slope = r.slope < 0 ? working.add(l.slope, -r.slope) : working.subtract(l.slope, r.slope);
    }
    if (l.constant != 0 && r.constant != 0) {
      constant =
          l.constant < 0
              ? working.add(r.constant, -l.constant)
              : working.subtract(r.constant, l.constant);
    } else if (l.constant != 0) {
      constant = -l.constant;
    }
    return divide(slope, constant);
  }

  /** The terms with the unknown, when those of the right side have come to the left. */
  private String leftTerms(long left, long right) {
    if (left == 0) {
      return term(-right);
    }
    String moved = right == 0 ? "" : right < 0 ? " + " + term(-right) : " - " + term(right);
    return term(left) + moved;
  }

  private Rational divide(long slope, long constant) {
    Rational solution = Rational.of(constant, slope);
    if (slope != 1) {
      working.line(term(slope) + " = " + Working.show(constant));
      if (solution.isWhole()) {
        working.divide(constant, slope);
      }
    }
    working.line(name + " = " + ArithmeticTrace.spaced(solution.toString()));
    return solution;
  }

  private String term(long slope) {
    String sign = slope < 0 ? "- " : "";
    return sign + (Math.abs(slope) == 1 ? "" : Working.show(Math.abs(slope)) + " ") + name;
  }

  private String show(Linear l) {
    if (l.slope == 0) {
      return Working.show(l.constant);
    }
    return term(l.slope)
        + (l.constant == 0
            ? ""
            : (l.constant < 0 ? " - " : " + ") + Working.show(Math.abs(l.constant)));
  }

  /** Works out a side; only what is a product of two numbers or a like term takes a line. */
  private Linear linear(Expression expression) {
    return switch (expression) {
      case Expression.Number n -> new Linear(0, n.value().toLong());
      case Unknown u -> new Linear(1, 0);
      case Negated it -> {
        Linear l = linear(it.operand());
        yield new Linear(-l.slope, -l.constant);
      }
      case Operation it -> operation(it, linear(it.left()), linear(it.right()));
    };
  }

  private Linear operation(Operation it, Linear a, Linear b) {
    return switch (it.operator()) {
      case PLUS -> new Linear(sum(a.slope, b.slope), sum(a.constant, b.constant));
      case MINUS -> new Linear(sum(a.slope, -b.slope), sum(a.constant, -b.constant));
      case TIMES ->
          a.isNumber()
              ? new Linear(product(a.constant, b.slope), product(a.constant, b.constant))
              : new Linear(product(b.constant, a.slope), product(b.constant, a.constant));
      case DIVIDE -> new Linear(quotient(a.slope, b.constant), quotient(a.constant, b.constant));
    };
  }

  private long sum(long a, long b) {
    if (a == 0 || b == 0) {
      return a + b;
    }
    return b < 0 ? working.subtract(a, -b) : working.add(a, b);
  }

  private long product(long a, long b) {
    return a == 0 || b == 0 ? 0 : b == 1 ? a : a == 1 ? b : working.multiply(a, b);
  }

  private long quotient(long a, long b) {
    return a == 0 ? 0 : working.divide(a, b);
  }
}
