package io.tiefsee.eval;

import io.tiefsee.eval.Units.Dimension;
import io.tiefsee.eval.Units.Unit;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;

/**
 * Say a quantity in another unit. Results are decimals of at most six places, to be given exactly.
 */
final class UnitsTask extends DrawnTask<Content.Conversion> {
  /**
   * @param dimensions which quantities
   * @param places most decimals of the number given
   * @param imperial whether inches, pounds and their like take part
   */
  private record Level(List<Dimension> dimensions, int places, boolean imperial) {}

  private static final List<Level> LEVELS =
      List.of(
          new Level(List.of(Dimension.LENGTH, Dimension.MASS, Dimension.TIME), 0, false),
          new Level(
              List.of(Dimension.LENGTH, Dimension.MASS, Dimension.TIME, Dimension.VOLUME),
              2,
              false),
          new Level(
              List.of(Dimension.AREA, Dimension.SPEED, Dimension.VOLUME, Dimension.DATA), 2, false),
          new Level(List.of(Dimension.LENGTH, Dimension.MASS, Dimension.SPEED), 1, true));

  private static final List<String> IMPERIAL =
      List.of("inches", "feet", "yards", "miles", "ounces", "pounds", "miles per hour");

  private static final int MAX_PLACES = 6;
  private static final Rational LARGEST = Rational.of(100_000_000);

  /** With %1$s for the number, %2$s and %3$s for the units. */
  private static final List<String> WORDINGS =
      List.of(
          "Convert %1$s %2$s to %3$s.",
          "How many %3$s are %1$s %2$s?",
          "What is %1$s %2$s in %3$s?",
          "Express %1$s %2$s in %3$s.",
          "%1$s %2$s: how much is that in %3$s?",
          "Give %1$s %2$s in %3$s, exactly.",
          "Change %1$s %2$s into %3$s.");

  @Override
  public String name() {
    return "units";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    Level it = LEVELS.get(level - 1);
    return "%s, numbers of up to %d decimals%s"
        .formatted(
            String.join(", ", it.dimensions.stream().map(d -> word(d)).toList()),
            it.places,
            it.imperial ? ", between imperial and metric units" : "");
  }

  private static String word(Dimension dimension) {
    return dimension.name().toLowerCase(Locale.ROOT);
  }

  @Override
  Content.Conversion draw(int level, Randomness random) {
    Level it = LEVELS.get(level - 1);
    for (; ; ) {
      List<Unit> units = Units.of(random.oneOf(it.dimensions));
      Unit from = random.oneOf(units);
      Unit to = random.oneOf(units);
      boolean imperial = isImperial(from) || isImperial(to);
      long scale = (long) Math.pow(10, random.between(0, it.places));
      Rational value = Rational.of(random.between(1, 999), scale);
      Rational result = value.times(from.factor()).dividedBy(to.factor());
      if (!from.equals(to) && imperial == it.imperial && isPlain(result)) {
        return new Content.Conversion(value, from.name(), to.name(), result);
      }
    }
  }

  private static boolean isImperial(Unit unit) {
    return IMPERIAL.contains(unit.name());
  }

  /** Not too large, and a decimal that ends soon. */
  private static boolean isPlain(Rational result) {
    return result.compareTo(LARGEST) <= 0
        && result.times(Rational.of((long) Math.pow(10, MAX_PLACES))).isWhole();
  }

  @Override
  String canonical(Content.Conversion content) {
    return "%s %s in %s".formatted(content.value(), content.from(), content.to());
  }

  @Override
  String word(Content.Conversion content, Randomness random) {
    Unit from = Units.find(content.from()).orElseThrow();
    Unit to = Units.find(content.to()).orElseThrow();
    boolean symbols = random.between(0, 2) == 0;
    String number = new Expression.Number(content.value()).print(Notation.ASCII);
    return random
        .oneOf(WORDINGS)
        .formatted(
            number, symbols ? from.symbol() : from.name(), symbols ? to.symbol() : to.name());
  }

  @Override
  Check check(Content.Conversion content) {
    return new Check.Quantity(content.result(), content.to());
  }

  /** The decimal that a reference answer gives. */
  static String decimal(Rational value) {
    return new BigDecimal(value.numerator())
        .divide(new BigDecimal(value.denominator()))
        .toPlainString();
  }
}
