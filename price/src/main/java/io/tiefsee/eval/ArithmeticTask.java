package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Work out an expression of whole numbers with + − × ÷ and brackets. Divisions come out even, and
 * the result of each step stays within a level's bound. TEST has some 1,500 different problems of
 * level 1, 40,000 of level 2 and more of the others (estimated from the overlap of two samples of
 * 20,000).
 */
final class ArithmeticTask extends DrawnTask<Content.Arithmetic> {
  /**
   * @param least fewest operations
   * @param most most operations
   * @param digits of the longest number
   * @param bound of the results of all steps
   * @param negative whether results may be negative
   */
  private record Level(int least, int most, int digits, int bound, boolean negative) {}

  private static final List<Level> LEVELS =
      List.of(
          new Level(1, 1, 2, 999, false),
          new Level(2, 2, 2, 9_999, false),
          new Level(2, 3, 3, 99_999, true),
          new Level(3, 3, 4, 9_999_999, true));

  private static final int LARGEST_DIVISOR = 99;

  private static final List<String> WORDINGS =
      List.of(
          "What is %s?",
          "What is %s",
          "Calculate %s.",
          "Work out %s.",
          "Compute %s.",
          "Evaluate %s.",
          "How much is %s?",
          "What does %s equal?",
          "Please work out %s.",
          "%s = ?",
          "%s =");

  @Override
  public String name() {
    return "arithmetic";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    Level it = LEVELS.get(level - 1);
    String operations = it.least == it.most ? "" + it.most : it.least + " to " + it.most;
    return "%s operation%s on numbers of up to %d digits"
        .formatted(operations, it.most == 1 ? "" : "s", it.digits);
  }

  @Override
  Content.Arithmetic draw(int level, Randomness random) {
    Level it = LEVELS.get(level - 1);
    for (; ; ) {
      Optional<Expression> tree = tree(it, random.between(it.least, it.most), random);
      if (tree.isPresent()) {
        return new Content.Arithmetic(tree.get());
      }
    }
  }

  /** A tree of that many operations; empty if the draw broke one of the level's bounds. */
  private static Optional<Expression> tree(Level level, int operations, Randomness random) {
    if (operations == 0) {
      return Optional.of(Expression.of(number(level, random)));
    }
    Operator operator = random.oneOf(List.of(Operator.values()));
    int onTheLeft = random.between(0, operations - 1);
    Optional<Expression> left = tree(level, onTheLeft, random);
    Optional<Expression> right =
        operator == Operator.DIVIDE && left.isPresent() && onTheLeft == operations - 1
            ? divisor(level, left.get(), random)
            : tree(level, operations - 1 - onTheLeft, random);
    if (left.isEmpty() || right.isEmpty()) {
      return Optional.empty();
    }
    Expression whole =
        operator == Operator.DIVIDE && onTheLeft == 0
            ? Expression.of(dividend(level, left.get(), right.get(), random), operator, right.get())
            : Expression.of(left.get(), operator, right.get());
    return Optional.of(whole).filter(expression -> isWithin(level, expression));
  }

  private static boolean isWithin(Level level, Expression expression) {
    return expression
        .evaluate()
        .filter(Rational::isWhole)
        .map(Rational::toLong)
        .filter(v -> Math.abs(v) <= level.bound && (v >= 0 || level.negative))
        .isPresent();
  }

  /** Short numbers are as frequent as long ones. */
  private static int number(Level level, Randomness random) {
    int most = (int) Math.pow(10, random.between(1, level.digits)) - 1;
    return random.between(most == 9 ? 1 : most / 10 + 1, most);
  }

  /** Something larger than 1 that divides the value evenly, if there is one. */
  private static Optional<Expression> divisor(Level level, Expression of, Randomness random) {
    long value = of.evaluate().orElseThrow().toLong();
    List<Integer> divisors = new ArrayList<>();
    for (int i = 2; i <= LARGEST_DIVISOR && level.digits > 1; i++) {
      if (value != 0 && value % i == 0) {
        divisors.add(i);
      }
    }
    return divisors.isEmpty()
        ? Optional.empty()
        : Optional.of(Expression.of(random.oneOf(divisors)));
  }

  /** A number that {@code divisor} divides evenly, where one has digits enough; else {@code or}. */
  private static Expression dividend(
      Level level, Expression or, Expression divisor, Randomness random) {
    long value = divisor.evaluate().orElseThrow().toLong();
    long most = (long) Math.pow(10, level.digits) - 1;
    return value < 2 || value > most
        ? or
        : Expression.of(value * random.between(1, (int) (most / value)));
  }

  @Override
  String canonical(Content.Arithmetic content) {
    return content.expression().canonical();
  }

  @Override
  String word(Content.Arithmetic content, Randomness random) {
    return random.oneOf(WORDINGS).formatted(content.expression().print(Wording.notation(random)));
  }

  @Override
  Check check(Content.Arithmetic content) {
    return new Check.Exact(content.expression().evaluate().orElseThrow());
  }
}
