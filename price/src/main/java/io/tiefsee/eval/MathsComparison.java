package io.tiefsee.eval;

import ch.obermuhlner.math.big.BigComplex;
import io.tiefsee.eval.Maths.Sign;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Compares two trees by value; see {@link MathsEquality} for the rules. One comparison only. */
final class MathsComparison {
  private static final int MAX_ITEMS = 60;

  /** Points at which formulas with variables are compared; the last are small whole numbers. */
  private static final int POINTS = 7;

  private static final int WHOLE_POINTS = 3;
  private static final int LEAST_POINTS = 2;
  private static final int LEAST_DIGITS = 4;
  private static final MathContext MC = new MathContext(MathsEvaluator.DIGITS);

  private final MathsEvaluator evaluator = new MathsEvaluator();

  boolean same(Maths reference, Maths answer) {
    List<Maths> either = MathsSigns.both(reference);
    List<Maths> given = MathsSigns.both(answer);
    if (either.size() > 1 || given.size() > 1) {
      return sameSet(flat(either), flat(given));
    }
    Maths value =
        reference instanceof Maths.Relation ? answer : MathsSigns.solved(answer, Optional.empty());
    return switch (reference) {
      case Maths.Words words -> words.equals(value);
      case Maths.Relation relation -> sameRelation(relation, answer);
      case Maths.Group group -> sameGroup(group, value);
      case Maths.Union union ->
          asInterval(value) instanceof Maths.Union other && sameSet(union.parts(), other.parts());
      case Maths.Matrix matrix ->
          value instanceof Maths.Matrix other
              ? sameRows(matrix.rows(), other.rows())
              : value instanceof Maths.Group group
                  && group.open() == '('
                  && sameInOrder(vector(matrix), group.items());
      case Maths.Ratio ratio -> sameRatio(ratio, value);
      default -> sameScalar(reference, value instanceof Maths.Ratio r ? quotient(r) : value);
    };
  }

  /** {@code 3:1} is 3, and 6:2 where it is no time of day. */
  private boolean sameRatio(Maths.Ratio reference, Maths answer) {
    if (!(answer instanceof Maths.Ratio other)) {
      return reference.parts().size() == 2 && sameScalar(quotient(reference), answer);
    }
    List<Maths> left = reference.parts();
    List<Maths> right = other.parts();
    if (left.size() != right.size() || reference.clock()) {
      return sameInOrder(left, right);
    }
    return IntStream.range(1, left.size())
        .allMatch(i ->
            sameValue(
                new Maths.Binary(Sign.DIVIDE, left.getFirst(), left.get(i)),
                new Maths.Binary(Sign.DIVIDE, right.getFirst(), right.get(i))));
  }

  private static Maths quotient(Maths.Ratio ratio) {
    return ratio.parts().size() == 2
        ? new Maths.Binary(Sign.DIVIDE, ratio.parts().getFirst(), ratio.parts().getLast())
        : ratio;
  }

  private static List<Maths> flat(List<Maths> items) {
    List<Maths> flat = new ArrayList<>();
    for (Maths item : items) {
      if (item instanceof Maths.Group group && !group.isOrdered()) {
        flat.addAll(group.items());
      } else {
        flat.add(item);
      }
    }
    return flat;
  }

  /** Each of one list has a partner in the other, and the other way round. */
  private boolean sameSet(List<Maths> reference, List<Maths> answer) {
    if (reference.size() > MAX_ITEMS || answer.size() > MAX_ITEMS) {
      return false;
    }
    List<Maths> left = new ArrayList<>(distinct(answer));
    List<Maths> expected = distinct(reference);
    if (expected.size() != left.size()) {
      return false;
    }
    for (Maths item : expected) {
      Optional<Maths> partner = left.stream().filter(it -> same(item, it)).findFirst();
      if (partner.isEmpty()) {
        return false;
      }
      left.remove(partner.get());
    }
    return true;
  }

  private List<Maths> distinct(List<Maths> items) {
    List<Maths> distinct = new ArrayList<>();
    for (Maths item : items) {
      if (distinct.stream().noneMatch(it -> it.equals(item) || sameScalar(it, item))) {
        distinct.add(item);
      }
    }
    return distinct;
  }

  private boolean sameGroup(Maths.Group reference, Maths answer) {
    Maths other = reference.isOrdered() ? asInterval(answer) : answer;
    if (!reference.isOrdered()) {
      Maths bare = MathsSigns.membership(other);
      return sameSet(reference.items(), flat(List.of(bare)));
    }
    if (other instanceof Maths.Matrix matrix && reference.open() == '(') {
      return sameInOrder(reference.items(), vector(matrix));
    }
    return other instanceof Maths.Group group
        && group.open() == reference.open()
        && group.close() == reference.close()
        && sameInOrder(reference.items(), group.items());
  }

  private boolean sameInOrder(List<Maths> reference, List<Maths> answer) {
    if (reference.size() != answer.size()) {
      return false;
    }
    for (int i = 0; i < reference.size(); i++) {
      if (!same(reference.get(i), answer.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The elements of a single row or column; empty if it has more of both. */
  private static List<Maths> vector(Maths.Matrix matrix) {
    boolean line = matrix.rows().size() == 1 || matrix.rows().getFirst().size() == 1;
    return line ? matrix.rows().stream().flatMap(List::stream).toList() : List.of();
  }

  private boolean sameRows(List<List<Maths>> reference, List<List<Maths>> answer) {
    if (reference.size() != answer.size()
        || reference.getFirst().size() != answer.getFirst().size()) {
      return false;
    }
    for (int i = 0; i < reference.size(); i++) {
      if (!sameInOrder(reference.get(i), answer.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static Maths asInterval(Maths maths) {
    return maths instanceof Maths.Relation relation ? MathsSigns.interval(relation) : maths;
  }

  private boolean sameRelation(Maths.Relation reference, Maths answer) {
    if (answer instanceof Maths.Relation other && sameSides(reference, other)) {
      return true;
    }
    Maths interval = MathsSigns.interval(reference);
    if (!(interval instanceof Maths.Relation)) {
      return sameGroupOrUnion(interval, answer);
    }
    Optional<Maths> name = MathsSigns.name(reference);
    // x = 5: the name may be left out, but not be another one.
    boolean named =
        name.isPresent()
            && (!(answer instanceof Maths.Relation r) || MathsSigns.hasName(r, name.get()));
    return named && same(reference.sides().getLast(), MathsSigns.solved(answer, name));
  }

  /** The same but for a factor of both sides, turned round or not; longer chains side by side. */
  private boolean sameSides(Maths.Relation reference, Maths.Relation answer) {
    Maths.Relation a = MathsSigns.ascending(reference);
    Maths.Relation b = MathsSigns.ascending(answer);
    if (!a.signs().equals(b.signs())) {
      return false;
    }
    return a.signs().matches("[=≠<≤]")
        ? isMultiple(difference(a), difference(b), a.signs().matches("[<≤]"))
        : sameInOrder(a.sides(), b.sides());
  }

  private boolean sameGroupOrUnion(Maths interval, Maths answer) {
    return interval instanceof Maths.Group group
        ? sameGroup(group, answer)
        : same(interval, answer);
  }

  private static Maths difference(Maths.Relation equation) {
    return new Maths.Binary(Sign.MINUS, equation.sides().getFirst(), equation.sides().getLast());
  }

  /**
   * Whether two formulas have the same ratio, not zero, at all points.
   *
   * @param positive whether a ratio below zero would turn the sign between them
   */
  private boolean isMultiple(Maths a, Maths b, boolean positive) {
    Optional<BigComplex> ratio = Optional.empty();
    int points = 0;
    for (Map<String, BigDecimal> point : points(a, b)) {
      Optional<BigComplex> left = value(a, point);
      Optional<BigComplex> right = value(b, point);
      if (left.isEmpty() && right.isEmpty()) {
        continue;
      }
      if (left.isEmpty() || right.isEmpty()) {
        return false;
      }
      boolean zero = MathsEvaluator.isSame(left.get(), BigComplex.ZERO);
      if (zero != MathsEvaluator.isSame(right.get(), BigComplex.ZERO)) {
        return false;
      }
      if (!zero) {
        BigComplex here = left.get().divide(right.get(), MC);
        boolean turned = positive && here.re.signum() < 0;
        if (turned || (ratio.isPresent() && !MathsEvaluator.isSame(ratio.get(), here))) {
          return false;
        }
        ratio = Optional.of(here);
        points++;
      }
    }
    return points >= LEAST_POINTS;
  }

  private boolean sameScalar(Maths reference, Maths answer) {
    if (reference.equals(answer)) {
      return true;
    }
    if (reference instanceof Maths.Percent != answer instanceof Maths.Percent) {
      return samePercent(reference, answer);
    }
    Maths expected = MathsSigns.withoutDegrees(reference);
    Maths given = MathsSigns.withoutDegrees(answer);
    if (expected instanceof Maths.Based != given instanceof Maths.Based) {
      Optional<String> digits = digits(expected);
      return digits.isPresent() && digits.equals(digits(given));
    }
    if (MathsSigns.isInfinite(expected) || MathsSigns.isInfinite(given)) {
      return expected.equals(given);
    }
    if (MathsNumbers.isWorkedOut(expected) && !MathsNumbers.isWorkedOut(given)) {
      return MathsNumbers.exact(given).isEmpty() && isRoundedFrom(expected, given);
    }
    return sameValue(expected, given);
  }

  /** Whether the number is what a closed form without variables rounds to. */
  private boolean isRoundedFrom(Maths number, Maths form) {
    TreeSet<String> names = new TreeSet<>();
    MathsEvaluator.variables(form, names);
    Optional<BigComplex> value = names.isEmpty() ? value(form, Map.of()) : Optional.empty();
    return value.filter(v -> isRounded(number, v)).isPresent();
  }

  private static Optional<String> digits(Maths maths) {
    return switch (maths) {
      case Maths.Based based -> Optional.of(based.digits());
      case Maths.Number number when number.value().isWhole() ->
          Optional.of(number.value().toString());
      default -> Optional.empty();
    };
  }

  /** One side has a percent sign: p % is p / 100, or p itself unless the other is a share. */
  private boolean samePercent(Maths reference, Maths answer) {
    Maths percent = reference instanceof Maths.Percent ? reference : answer;
    Maths other = reference instanceof Maths.Percent ? answer : reference;
    Maths number = ((Maths.Percent) percent).operand();
    Optional<Rational> plain = MathsNumbers.exact(other);
    boolean share =
        plain.isPresent()
            && !plain.get().isZero()
            && plain.get().times(plain.get()).compareTo(Rational.of(1)) < 0;
    boolean worked = MathsNumbers.isWorkedOut(answer) || !MathsNumbers.isWorkedOut(reference);
    return worked && (sameValue(percent, other) || (!share && sameValue(number, other)));
  }

  private boolean sameValue(Maths a, Maths b) {
    Optional<Rational> exactA = MathsNumbers.exact(a);
    Optional<Rational> exactB = MathsNumbers.exact(b);
    if (exactA.isPresent() && exactB.isPresent()) {
      return exactA.equals(exactB) || isRounded(a, exactB.get()) || isRounded(b, exactA.get());
    }
    int points = 0;
    for (Map<String, BigDecimal> point : points(a, b)) {
      Optional<BigComplex> left = value(a, point);
      Optional<BigComplex> right = value(b, point);
      if (left.isEmpty() && right.isEmpty()) {
        continue;
      }
      if (left.isEmpty() || right.isEmpty()) {
        return false;
      }
      if (!MathsEvaluator.isSame(left.get(), right.get())) {
        return point.isEmpty() && (isRounded(a, right.get()) || isRounded(b, left.get()));
      }
      points++;
    }
    return points >= LEAST_POINTS;
  }

  private Optional<BigComplex> value(Maths maths, Map<String, BigDecimal> point) {
    try {
      return Optional.of(evaluator.value(maths, point));
    } catch (MathsEvaluator.Undefined e) {
      return Optional.empty();
    }
  }

  /** Values for all variables; where there are none, points without any. */
  private static List<Map<String, BigDecimal>> points(Maths a, Maths b) {
    TreeSet<String> names = new TreeSet<>();
    MathsEvaluator.variables(a, names);
    MathsEvaluator.variables(b, names);
    List<Map<String, BigDecimal>> points = new ArrayList<>();
    for (int i = 0; i < (names.isEmpty() ? LEAST_POINTS : POINTS); i++) {
      Randomness random = new Randomness(Randomness.mix(i, Split.hash(names.toString())));
      Map<String, BigDecimal> point = new HashMap<>();
      for (String name : names) {
        boolean whole = i >= POINTS - WHOLE_POINTS;
        BigDecimal value =
            whole
                ? BigDecimal.valueOf(random.between(2, 9))
                : BigDecimal.valueOf(random.between(200, 2999), 3);
        point.put(name, !whole && i % 2 == 1 ? value.negate() : value);
      }
      points.add(point);
    }
    return points;
  }

  /** Whether the number is a decimal that rounds an endless fraction. */
  private static boolean isRounded(Maths decimal, Rational exact) {
    BigInteger rest = exact.denominator();
    for (long prime : new long[] {2, 5}) {
      BigInteger p = BigInteger.valueOf(prime);
      while (rest.mod(p).signum() == 0) {
        rest = rest.divide(p);
      }
    }
    return !rest.equals(BigInteger.ONE) && isRounded(decimal, MathsEvaluator.decimal(exact));
  }

  /** Whether the number is a decimal that rounds this value to its last digit. */
  private static boolean isRounded(Maths decimal, BigComplex value) {
    Maths unsigned = decimal instanceof Maths.Negated(Maths operand) ? operand : decimal;
    boolean short_ =
        !(unsigned instanceof Maths.Number n)
            || !n.decimal()
            || n.places() > MathsEvaluator.DIGITS / 2
            || significant(n) < LEAST_DIGITS;
    if (short_ || value.im.signum() != 0) {
      return false;
    }
    Maths.Number number = (Maths.Number) unsigned;
    BigDecimal rounded = value.re.setScale(number.places(), RoundingMode.HALF_UP);
    BigDecimal given = MathsEvaluator.decimal(number.value()).re;
    return rounded.compareTo(unsigned == decimal ? given : given.negate()) == 0;
  }

  private static int significant(Maths.Number number) {
    return new BigDecimal(number.value().numerator())
        .divide(new BigDecimal(number.value().denominator()), MC)
        .setScale(number.places(), RoundingMode.HALF_UP)
        .precision();
  }
}
