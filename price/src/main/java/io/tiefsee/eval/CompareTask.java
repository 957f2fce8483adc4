package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which of two or three numbers or sums is the largest, or the smallest. */
final class CompareTask extends DrawnTask<Content.Comparison> {
  private static final List<String> LEVELS =
      List.of(
          "two whole numbers up to 999",
          "three whole numbers up to 9999",
          "two decimals up to 99.999",
          "two sums or differences of numbers up to 99",
          "three sums, differences or products of numbers up to 99");

  /** With %1$s for larger, %2$s for the items joined by "or", %3$s for them joined by "and". */
  private static final List<String> WORDINGS =
      List.of(
          "Which is %1$s, %2$s?",
          "Which is %1$s: %2$s?",
          "What is %1$s, %2$s?",
          "Which of %3$s is %1$s?",
          "Which one is %1$s: %2$s?",
          "Is %2$s %1$s?",
          "Name the one that is %1$s: %2$s.",
          "Compare %3$s. Which is %1$s?");

  @Override
  public String name() {
    return "compare";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    return "the larger or the smaller of " + LEVELS.get(level - 1);
  }

  @Override
  Content.Comparison draw(int level, Randomness random) {
    int count = level == 2 || level == 5 ? 3 : 2;
    for (; ; ) {
      List<Expression> options = new ArrayList<>();
      options.add(option(level, random));
      while (options.size() < count) {
        options.add(
            level <= 3 && random.coin() ? near(options.getFirst(), random) : option(level, random));
      }
      Set<Rational> values = new HashSet<>();
      options.forEach(option -> values.add(option.evaluate().orElseThrow()));
      if (values.size() == count) {
        random.shuffle(options);
        return new Content.Comparison(options, random.coin());
      }
    }
  }

  private static Expression option(int level, Randomness random) {
    return switch (level) {
      case 1 -> Expression.of(random.between(1, 999));
      case 2 -> Expression.of(random.between(1, 9999));
      case 3 -> decimal(random.between(0, 99) + "", random);
      case 4 -> operation(List.of(Operator.PLUS, Operator.MINUS), random);
      default -> operation(List.of(Operator.PLUS, Operator.MINUS, Operator.TIMES), random);
    };
  }

  private static Expression operation(List<Operator> operators, Randomness random) {
    Operator operator = random.oneOf(operators);
    int left = random.between(1, 99);
    int right = operator == Operator.TIMES ? random.between(2, 12) : random.between(1, 99);
    return operator == Operator.MINUS && left < right
        ? Expression.of(Expression.of(right), operator, Expression.of(left))
        : Expression.of(Expression.of(left), operator, Expression.of(right));
  }

  /** One to three decimals after a whole part, so that 9.11 and 9.9 come up. */
  private static Expression decimal(String whole, Randomness random) {
    int places = random.between(1, 3);
    long scale = (long) Math.pow(10, places);
    long decimals = random.between(1, (int) scale - 1);
    return new Expression.Number(Rational.of(Long.parseLong(whole) * scale + decimals, scale));
  }

  /** A number that differs little: the same whole part, or the digits in another order. */
  private static Expression near(Expression of, Randomness random) {
    Rational value = of.evaluate().orElseThrow();
    if (!value.isWhole()) {
      return decimal(value.numerator().divide(value.denominator()).toString(), random);
    }
    List<String> digits = new ArrayList<>(List.of(value.toString().split("")));
    random.shuffle(digits);
    long other = Long.parseLong(String.join("", digits));
    return Expression.of(other == value.toLong() ? other + 1 : other);
  }

  @Override
  String canonical(Content.Comparison content) {
    return content.options().stream()
        .map(Expression::canonical)
        .sorted()
        .collect(Collectors.joining(",", content.largest() ? "largest:" : "smallest:", ""));
  }

  @Override
  String word(Content.Comparison content, Randomness random) {
    boolean two = content.options().size() == 2;
    String sought =
        content.largest()
            ? random.oneOf(
                two
                    ? List.of("larger", "greater", "bigger")
                    : List.of("the largest", "the biggest"))
            : random.oneOf(two ? List.of("smaller", "less") : List.of("the smallest", "the least"));
    Notation notation = Wording.notation(random);
    List<String> items = content.options().stream().map(o -> o.print(notation)).toList();
    String either = two ? String.join(" or ", items) : Wording.list(items, "or");
    String both = two ? String.join(" and ", items) : Wording.list(items, "and");
    return random.oneOf(WORDINGS).formatted(sought, either, both);
  }

  @Override
  Check check(Content.Comparison content) {
    List<Rational> values =
        content.options().stream().map(option -> option.evaluate().orElseThrow()).toList();
    List<Rational> sorted = values.stream().sorted().toList();
    Rational right = content.largest() ? sorted.getLast() : sorted.getFirst();
    return new Check.Choice(content.options(), values.indexOf(right));
  }
}
