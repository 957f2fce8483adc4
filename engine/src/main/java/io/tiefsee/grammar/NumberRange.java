package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The decimal numbers between two bounds, as a grammar: digit by digit, those that are already
 * between the bounds are free, those that equal a bound so far stay tied to it.
 */
final class NumberRange {
  /** A bound; {@code open}: the number itself does not belong. */
  record Bound(BigDecimal value, boolean open) {
    private static final BigDecimal LARGEST = BigDecimal.TEN.pow(15);

    Bound {
      if (value.abs().compareTo(LARGEST) >= 0 || value.stripTrailingZeros().scale() > 15) {
        throw new BadInput("a bound of numbers has more than 15 digits: " + value);
      }
    }

    Bound negated() {
      return new Bound(value.negate(), open);
    }
  }

  private static final int DIGITS = 15;
  private static final Expr ANY_FRACTION =
      Expr.optional(Expr.seq(Expr.text("."), Expr.repeat(JsonText.DIGIT, 1, DIGITS)));
  private static final Bound ZERO = new Bound(BigDecimal.ZERO, false);

  private NumberRange() {}

  /** Integers between two bounds. */
  static Expr integers(Optional<Bound> min, Optional<Bound> max) {
    Optional<BigInteger> low = min.map(b -> integer(b, RoundingMode.CEILING, 1));
    Optional<BigInteger> high = max.map(b -> integer(b, RoundingMode.FLOOR, -1));
    List<Expr> options = new ArrayList<>();
    BigInteger zero = BigInteger.ZERO;
    if (high.isEmpty() || high.get().signum() >= 0) {
      options.add(wholes(low.orElse(zero).max(zero), high));
    }
    if (low.isEmpty() || low.get().signum() < 0) {
      BigInteger from = high.map(BigInteger::negate).orElse(zero).max(BigInteger.ONE);
      options.add(Expr.seq(Expr.text("-"), wholes(from, low.map(BigInteger::negate))));
    }
    return new Expr.Alt(options);
  }

  private static BigInteger integer(Bound b, RoundingMode mode, int step) {
    BigInteger i = b.value.setScale(0, mode).toBigInteger();
    boolean itself = new BigDecimal(i).compareTo(b.value) == 0;
    return b.open && itself ? i.add(BigInteger.valueOf(step)) : i;
  }

  /** Whole numbers from {@code low} ≥ 0 to {@code high}; nothing if there are none. */
  private static Expr wholes(BigInteger low, Optional<BigInteger> high) {
    if (high.isPresent() && high.get().compareTo(low) < 0) {
      return Expr.NOTHING;
    }
    List<Expr> options = new ArrayList<>();
    int longest = high.map(h -> h.toString().length()).orElse(DIGITS);
    for (int n = low.toString().length(); n <= longest; n++) {
      BigInteger least = n == 1 ? BigInteger.ZERO : BigInteger.TEN.pow(n - 1);
      BigInteger most = BigInteger.TEN.pow(n).subtract(BigInteger.ONE);
      String from = low.max(least).toString();
      String to = high.isPresent() ? high.get().min(most).toString() : most.toString();
      options.add(between(from, to));
    }
    return new Expr.Alt(options);
  }

  private static Expr digits(char first, char last) {
    return Expr.range(first, last);
  }

  private static Expr free(int n) {
    return Expr.repeat(JsonText.DIGIT, n, n);
  }

  /** Numbers of as many digits as both bounds have, the bounds included. */
  private static Expr between(String from, String to) {
    int length = from.length();
    if (from.equals("0".repeat(length)) && to.equals("9".repeat(length))) {
      return free(length);
    }
    char a = from.charAt(0);
    char b = to.charAt(0);
    String fromRest = from.substring(1);
    String toRest = to.substring(1);
    if (a == b) {
      return Expr.seq(digits(a, a), between(fromRest, toRest));
    }
    int n = fromRest.length();
    return Expr.alt(
        Expr.seq(digits(a, a), between(fromRest, "9".repeat(n))),
        Expr.seq(digits((char) (a + 1), (char) (b - 1)), free(n)),
        Expr.seq(digits(b, b), between("0".repeat(n), toRest)));
  }

  /** Decimal numbers between two bounds, without exponents. */
  static Expr numbers(Optional<Bound> min, Optional<Bound> max) {
    List<Expr> options = new ArrayList<>();
    if (max.isEmpty() || max.get().value.signum() >= 0) {
      options.add(decimals(min.filter(b -> b.value.signum() >= 0).orElse(ZERO), max));
    }
    if (min.isEmpty() || min.get().value.signum() < 0) {
      Bound from = max.filter(b -> b.value.signum() <= 0).map(Bound::negated).orElse(ZERO);
      options.add(Expr.seq(Expr.text("-"), decimals(from, min.map(Bound::negated))));
    }
    return new Expr.Alt(options);
  }

  private static Expr decimals(Bound low, Optional<Bound> high) {
    if (high.isPresent()) {
      int order = high.get().value.compareTo(low.value);
      if (order < 0 || order == 0 && (low.open || high.get().open)) {
        return Expr.NOTHING;
      }
    }
    BigInteger lowWhole = low.value.toBigInteger();
    String lowPart = fraction(low.value);
    List<Expr> options = new ArrayList<>();
    if (high.isEmpty()) {
      options.add(Expr.seq(Expr.text(lowWhole.toString()), fractionFrom(lowPart, low.open)));
      options.add(Expr.seq(wholes(lowWhole.add(BigInteger.ONE), Optional.empty()), ANY_FRACTION));
      return new Expr.Alt(options);
    }
    BigInteger highWhole = high.get().value.toBigInteger();
    String highPart = fraction(high.get().value);
    boolean highOpen = high.get().open;
    if (lowWhole.equals(highWhole)) {
      options.add(
          Expr.seq(
              Expr.text(lowWhole.toString()),
              fractionBetween(lowPart, low.open, highPart, highOpen)));
    } else {
      options.add(Expr.seq(Expr.text(lowWhole.toString()), fractionFrom(lowPart, low.open)));
      Expr inner =
          wholes(lowWhole.add(BigInteger.ONE), Optional.of(highWhole.subtract(BigInteger.ONE)));
      options.add(Expr.seq(inner, ANY_FRACTION));
      options.add(Expr.seq(Expr.text(highWhole.toString()), fractionTo(highPart, highOpen)));
    }
    return new Expr.Alt(options);
  }

  /** Digits behind the point, without zeros at the end. */
  private static String fraction(BigDecimal value) {
    BigDecimal part = value.remainder(BigDecimal.ONE).abs().stripTrailingZeros();
    return part.signum() == 0 ? "" : part.toPlainString().substring(2);
  }

  private static Expr point(Expr digits) {
    return Expr.seq(Expr.text("."), digits);
  }

  private static Expr fractionFrom(String low, boolean open) {
    if (low.isEmpty()) {
      return open ? point(moreThan("")) : ANY_FRACTION;
    }
    return point(open ? moreThan(low) : atLeast(low));
  }

  private static Expr fractionTo(String high, boolean open) {
    if (high.isEmpty()) {
      return open ? Expr.NOTHING : Expr.optional(point(zeros()));
    }
    return Expr.optional(point(open ? lessThan(high) : atMost(high)));
  }

  private static Expr fractionBetween(String low, boolean lowOpen, String high, boolean highOpen) {
    if (low.equals(high)) {
      return low.isEmpty()
          ? Expr.optional(point(zeros()))
          : point(Expr.seq(Expr.text(low), Expr.repeat(Expr.text("0"), 0, DIGITS)));
    }
    if (low.isEmpty() && !lowOpen) {
      return fractionTo(high, highOpen);
    }
    return point(fractionDigits(low, lowOpen, high, highOpen));
  }

  /** Digits between {@code low} and {@code high}, low &lt; high; both continue with zeros. */
  private static Expr fractionDigits(String low, boolean lowOpen, String high, boolean highOpen) {
    char a = low.isEmpty() ? '0' : low.charAt(0);
    char b = high.charAt(0);
    String lowRest = low.isEmpty() ? "" : low.substring(1);
    String highRest = high.substring(1);
    if (a == b) {
      Expr rest = fractionDigits(lowRest, lowOpen, highRest, highOpen);
      boolean mayEnd = lowRest.isEmpty() && !lowOpen;
      return Expr.seq(digits(a, a), mayEnd ? Expr.optional(rest) : rest);
    }
    return Expr.alt(
        Expr.seq(digits(a, a), lowOpen ? moreThan(lowRest) : leastRest(lowRest)),
        Expr.seq(digits((char) (a + 1), (char) (b - 1)), anyDigits()),
        Expr.seq(digits(b, b), highOpen ? lessRest(highRest) : mostRest(highRest)));
  }

  private static Expr anyDigits() {
    return Expr.repeat(JsonText.DIGIT, 0, DIGITS);
  }

  private static Expr zeros() {
    return Expr.repeat(Expr.text("0"), 1, DIGITS);
  }

  /** One digit or more that are at least {@code low}, which is not empty. */
  private static Expr atLeast(String low) {
    char a = low.charAt(0);
    return Expr.alt(
        Expr.seq(digits(a, a), leastRest(low.substring(1))),
        Expr.seq(digits((char) (a + 1), '9'), anyDigits()));
  }

  private static Expr leastRest(String low) {
    return low.isEmpty() ? anyDigits() : atLeast(low);
  }

  private static Expr moreThan(String low) {
    if (low.isEmpty()) {
      return Expr.seq(Expr.repeat(Expr.text("0"), 0, DIGITS - 1), JsonText.DIGIT_1_9, anyDigits());
    }
    char a = low.charAt(0);
    return Expr.alt(
        Expr.seq(digits(a, a), moreThan(low.substring(1))),
        Expr.seq(digits((char) (a + 1), '9'), anyDigits()));
  }

  /** One digit or more that are at most {@code high}, which is not empty. */
  private static Expr atMost(String high) {
    char b = high.charAt(0);
    return Expr.alt(
        Expr.seq(digits('0', (char) (b - 1)), anyDigits()),
        Expr.seq(digits(b, b), mostRest(high.substring(1))));
  }

  private static Expr mostRest(String high) {
    return high.isEmpty() ? Expr.repeat(Expr.text("0"), 0, DIGITS) : Expr.optional(atMost(high));
  }

  private static Expr lessThan(String high) {
    char b = high.charAt(0);
    return Expr.alt(
        Expr.seq(digits('0', (char) (b - 1)), anyDigits()),
        Expr.seq(digits(b, b), lessRest(high.substring(1))));
  }

  private static Expr lessRest(String high) {
    return high.isEmpty() ? Expr.NOTHING : Expr.optional(lessThan(high));
  }
}
