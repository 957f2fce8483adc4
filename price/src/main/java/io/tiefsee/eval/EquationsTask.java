package io.tiefsee.eval;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Solve a linear equation in one unknown; the solution is a whole number. TEST has some 800
 * different problems of level 1, 8,000 of level 2 and more of the others (estimated from the
 * overlap of two samples of 20,000).
 */
final class EquationsTask extends DrawnTask<Content.Equation> {
  /** An example of each level. */
  private static final List<String> LEVELS =
      List.of("x + 7 = 12", "3x - 5 = 16", "5x - 9 = 2x + 6", "2(x + 3) = 5x - 9");

  /** Solutions and constants of levels 1 and 2 are not negative. */
  private static final int LAST_WITHOUT_NEGATIVES = 2;

  /** The largest constant that may come out on the right. */
  private static final int LARGEST = 500;

  private static final List<String> NAMES = List.of("x", "x", "x", "y", "n", "a", "z", "t");

  private static final List<String> WORDINGS =
      List.of(
          "Solve %1$s",
          "Solve %1$s for %2$s.",
          "Solve the equation %1$s.",
          "What is %2$s if %1$s?",
          "If %1$s, what is %2$s?",
          "Find %2$s: %1$s",
          "Find %2$s such that %1$s.",
          "%1$s. What is %2$s?");

  @Override
  public String name() {
    return "equations";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    return "equations like "
        + LEVELS.get(level - 1)
        + (level > LAST_WITHOUT_NEGATIVES ? ", also with negative solutions" : "");
  }

  @Override
  Content.Equation draw(int level, Randomness random) {
    String name = random.oneOf(NAMES);
    Expression x = new Expression.Unknown(name);
    for (; ; ) {
      int solution =
          level <= LAST_WITHOUT_NEGATIVES ? random.between(0, 50) : random.between(-20, 20);
      Expression left = left(level, x, random);
      Expression right = right(level, x, random);
      // What makes the solution hold goes to the end of the right side.
      int missing = at(left, solution) - at(right, solution);
      boolean one = !Linear.of(left).coefficient().equals(Linear.of(right).coefficient());
      if (one && Math.abs(missing) <= LARGEST && (level > LAST_WITHOUT_NEGATIVES || missing >= 0)) {
        right = right.equals(Expression.of(0)) ? Expression.of(missing) : plus(right, missing);
        return random.between(0, 4) == 0
            ? new Content.Equation(name, right, left, solution)
            : new Content.Equation(name, left, right, solution);
      }
    }
  }

  private static Expression left(int level, Expression x, Randomness random) {
    return switch (level) {
      case 1 -> random.between(0, 2) == 0 ? times(random.between(2, 12), x) : shifted(x, random);
      case 2 -> shifted(times(random.between(2, 12), x), random);
      case 3 -> shifted(times(random.between(1, 12), x), random);
      default -> bracket(x, random);
    };
  }

  /** The right side but for its constant. */
  private static Expression right(int level, Expression x, Randomness random) {
    return switch (level) {
      case 1, 2 -> Expression.of(0);
      case 3 -> times(random.between(1, 12), x);
      default -> random.between(0, 2) == 0 ? bracket(x, random) : times(random.between(1, 9), x);
    };
  }

  private static Expression times(int factor, Expression x) {
    return factor == 1 ? x : Expression.of(Expression.of(factor), Operator.TIMES, x);
  }

  /** {@code 2(x + 3)} or {@code 2(x - 3)}. */
  private static Expression bracket(Expression x, Randomness random) {
    int shift = random.between(1, 12);
    return times(random.between(2, 9), plus(x, random.coin() ? shift : -shift));
  }

  /** The term with a constant: after it or, less often, before it. */
  private static Expression shifted(Expression term, Randomness random) {
    int shift = random.between(1, 60);
    Operator operator = random.coin() ? Operator.PLUS : Operator.MINUS;
    return random.between(0, 4) == 0
        ? Expression.of(Expression.of(shift), operator, term)
        : Expression.of(term, operator, Expression.of(shift));
  }

  private static Expression plus(Expression term, int constant) {
    return switch (Integer.signum(constant)) {
      case 1 -> Expression.of(term, Operator.PLUS, Expression.of(constant));
      case -1 -> Expression.of(term, Operator.MINUS, Expression.of(-constant));
      default -> term;
    };
  }

  private static int at(Expression side, int x) {
    Linear linear = Linear.of(side);
    return (int) linear.coefficient().times(Rational.of(x)).plus(linear.constant()).toLong();
  }

  @Override
  String canonical(Content.Equation content) {
    return Stream.of(content.left(), content.right())
        .map(side -> side.canonical().replace(content.unknown(), "x"))
        .sorted()
        .collect(Collectors.joining("="));
  }

  @Override
  String word(Content.Equation content, Randomness random) {
    Notation notation = Wording.notation(random);
    String equation = content.left().print(notation) + " = " + content.right().print(notation);
    return random
        .oneOf(WORDINGS)
        .formatted(notation.spaced() ? equation : equation.replace(" ", ""), content.unknown());
  }

  @Override
  Check check(Content.Equation content) {
    return new Check.Exact(Rational.of(content.solution()));
  }
}
