package io.tiefsee.eval;

import io.tiefsee.eval.MathsText.Measured;
import io.tiefsee.eval.Verifier.Reading;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Whether two mathematical answers have the same value, however they are written: {@code 0.5},
 * {@code 1/2}, {@code \frac12}, {@code 50\%}; {@code \sqrt{8}} and {@code 2\sqrt2}; {@code (x+1)^2}
 * and {@code x^2+2x+1}; {@code x=1, x=-1} and {@code \{-1, 1\}} and {@code \pm 1}.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>Fractions of whole numbers are compared exactly; roots, π, e and functions to 40 digits;
 *       formulas with variables at several points (an identity that holds there is taken to hold).
 *   <li>A decimal stands for an irrational number or an endless fraction if it is that number
 *       rounded to its last digit and has at least four significant digits: 0.3333 for 1/3, but not
 *       0.333.
 *   <li>Where the reference is a plain number, the answer must be worked out: digits, a fraction, a
 *       power, a multiple of a power of ten, but not {@code 42 * 3}.
 *   <li>A percent sign on both sides counts. On one side, {@code 28%} is 0.28 and, since questions
 *       ask for per cents, also 28 (a number below one is a share, though: {@code 0.5%} is not
 *       0.5).
 *   <li>Units count where both sides have one that is known: 5 km is 5000 m but not 5 m. A unit
 *       that only one side has is passed over; so are words such as "apples" after a number.
 *   <li>A base that only one side names is passed over: {@code 1011} for {@code 1011_2}.
 *   <li>Lists with commas and sets have no order; tuples, intervals and matrices have. Brackets of
 *       intervals count. Inequalities are intervals.
 *   <li>{@code x = 5} is 5, but is not {@code y = 5} if the reference names x. Equations are equal
 *       if one is a multiple of the other.
 *   <li>What cannot be read as a formula is equal only if it is written the same, but for case and
 *       spaces.
 * </ul>
 *
 * <p>Never throws; the time is bounded for any text.
 */
public final class MathsEquality {
  private static final int MAX_WORDS = 4;

  /** Three digits after the comma would be thousands. */
  private static final Pattern COMMA = Pattern.compile("-?\\d+,(?:\\d{1,2}|\\d{4,})");

  private MathsEquality() {}

  /** Whether the answer has the value of the reference. */
  public static boolean equal(String reference, String answer) {
    return read(reference, answer) instanceof Reading.Right;
  }

  /** As {@link #equal}, with what is wrong. */
  static Reading read(String reference, String answer) {
    String expected = MathsText.clean(reference);
    String given = MathsText.clean(answer);
    if (given.isEmpty()) {
      return new Reading.Other("there is no answer");
    }
    if (!expected.isEmpty() && MathsText.skeleton(expected).equals(MathsText.skeleton(given))) {
      return Readers.RIGHT;
    }
    try {
      return compare(expected, given);
    } catch (MathsEvaluator.TooLong e) {
      return new Reading.Wrong("'%s' takes too long to work out".formatted(Readers.quote(answer)));
    }
  }

  private static Reading compare(String expected, String given) {
    Measured reference = MathsText.measured(expected, true);
    Optional<Maths> right = parse(reference.body());
    if (right.isEmpty()) {
      return new Reading.Wrong("it is not written as " + Readers.quote(expected));
    }
    boolean letters = hasVariables(right.get());
    if (letters) {
      // What looked like a unit may have been variables.
      reference = MathsText.measured(expected, false);
      right = parse(reference.body());
    }
    Measured answer = MathsText.measured(given, !letters);
    Optional<Maths> left = parse(answer.body());
    if (right.isEmpty() || left.isEmpty()) {
      return new Reading.Other("'%s' cannot be read as a formula".formatted(Readers.quote(given)));
    }
    if (same(right.get(), left.get(), reference.unit(), answer.unit())
        || sameUngrouped(right.get(), answer)
        || sameWithComma(right.get(), answer)) {
      return Readers.RIGHT;
    }
    return isSentence(right.get(), left.get())
        ? new Reading.Other("'%s' is no answer".formatted(Readers.quote(given)))
        : new Reading.Wrong("it is not " + Readers.quote(given));
  }

  /** Words where a formula is expected, or many words: the answer may stand elsewhere. */
  private static boolean isSentence(Maths reference, Maths answer) {
    return answer instanceof Maths.Words words
        && (!(reference instanceof Maths.Words) || words.text().split(" ").length > MAX_WORDS);
  }

  private static Optional<Maths> parse(String text) {
    return MathsParser.parse(text, true);
  }

  private static boolean hasVariables(Maths maths) {
    TreeSet<String> names = new TreeSet<>();
    MathsEvaluator.variables(maths, names);
    return !names.isEmpty();
  }

  /** Where a list is expected, {@code 1,234} may be two numbers. */
  private static boolean sameUngrouped(Maths reference, Measured answer) {
    return reference instanceof Maths.Group
        && MathsParser.parse(answer.body(), false)
            .filter(it -> same(reference, it, "", ""))
            .isPresent();
  }

  /** Where a decimal is expected, {@code 12,5} may be one. */
  private static boolean sameWithComma(Maths reference, Measured answer) {
    return reference instanceof Maths.Number number
        && number.decimal()
        && COMMA.matcher(answer.body()).matches()
        && parse(answer.body().replace(',', '.'))
            .filter(it -> same(reference, it, "", ""))
            .isPresent();
  }

  private static boolean same(Maths reference, Maths answer, String expected, String given) {
    MathsComparison comparison = new MathsComparison();
    Optional<Units.Unit> a = unit(reference, expected);
    Optional<Units.Unit> b = unit(answer, given);
    if (a.isEmpty() || b.isEmpty() || a.get().equals(b.get())) {
      return comparison.same(reference, answer);
    }
    return a.get().dimension() == b.get().dimension()
        && (MathsNumbers.isWorkedOut(answer) || !MathsNumbers.isWorkedOut(reference))
        && comparison.same(times(reference, a.get()), times(answer, b.get()));
  }

  private static Optional<Units.Unit> unit(Maths maths, String name) {
    return Units.find(maths instanceof Maths.Degrees ? "degrees" : name);
  }

  private static Maths times(Maths maths, Units.Unit unit) {
    Optional<Rational> exact = MathsNumbers.exact(maths).map(v -> v.times(unit.factor()));
    return exact.isPresent()
        ? new Maths.Number(exact.get(), false, 0)
        : new Maths.Binary(Maths.Sign.TIMES, maths, new Maths.Number(unit.factor(), false, 0));
  }
}
