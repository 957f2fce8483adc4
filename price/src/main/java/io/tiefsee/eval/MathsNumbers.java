package io.tiefsee.eval;

import java.math.BigInteger;
import java.util.Optional;

/** Reads and works out exact numbers, of a size that is bounded. */
final class MathsNumbers {
  private static final int MAX_DIGITS = 400;
  private static final int MAX_EXPONENT = 400;
  private static final int MAX_BITS = 20_000;

  private MathsNumbers() {}

  /** {@code 12}, {@code 12.50}, {@code .5}, {@code 1.5e-3} as {@link MathsLexer} cuts them. */
  static Optional<Maths> read(String text) {
    int e = text.indexOf('e');
    String mantissa = e < 0 ? text : text.substring(0, e);
    int point = mantissa.indexOf('.');
    String digits = mantissa.replace(".", "");
    int places = point < 0 ? 0 : mantissa.length() - point - 1;
    if (digits.isEmpty() || digits.length() > MAX_DIGITS || text.length() - e > MAX_DIGITS) {
      return Optional.empty();
    }
    int exponent = 0;
    if (e >= 0) {
      String power = text.substring(e + 1);
      if (power.length() > 5) {
        return Optional.empty();
      }
      exponent = Integer.parseInt(power);
    }
    return Math.abs(exponent) > MAX_EXPONENT
        ? Optional.empty()
        : Optional.of(
            new Maths.Number(
                new Rational(new BigInteger(digits), BigInteger.ONE)
                    .times(tenTo(exponent - places)),
                places > 0,
                places - exponent));
  }

  private static Rational tenTo(int exponent) {
    BigInteger power = BigInteger.TEN.pow(Math.abs(exponent));
    return exponent < 0 ? new Rational(BigInteger.ONE, power) : new Rational(power, BigInteger.ONE);
  }

  /** The exact value, if it is a fraction that is not too large; without variables and roots. */
  static Optional<Rational> exact(Maths maths) {
    return switch (maths) {
      case Maths.Number number -> Optional.of(number.value());
      case Maths.Based based -> based(based);
      case Maths.Negated(Maths operand) -> exact(operand).map(Rational::negate);
      case Maths.Percent(Maths operand) -> exact(operand).map(v -> v.dividedBy(Rational.of(100)));
      case Maths.Binary(Maths.Sign sign, Maths left, Maths right) ->
          exact(left).flatMap(l -> exact(right).flatMap(r -> apply(sign, l, r)));
      default -> Optional.empty();
    };
  }

  private static Optional<Rational> based(Maths.Based based) {
    try {
      return based.base() < 2
          ? Optional.empty()
          : Optional.of(new Rational(new BigInteger(based.digits(), based.base()), BigInteger.ONE));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Rational> apply(Maths.Sign sign, Rational left, Rational right) {
    Optional<Rational> value =
        switch (sign) {
          case PLUS -> Optional.of(left.plus(right));
          case MINUS -> Optional.of(left.minus(right));
          case TIMES -> Optional.of(left.times(right));
          case DIVIDE -> right.isZero() ? Optional.empty() : Optional.of(left.dividedBy(right));
          case POWER -> power(left, right);
          case PLUS_MINUS, MINUS_PLUS -> Optional.empty();
        };
    return value.filter(v -> bits(v) <= MAX_BITS);
  }

  private static Optional<Rational> power(Rational base, Rational exponent) {
    if (!exponent.isWhole() || exponent.numerator().bitLength() > 16) {
      return Optional.empty();
    }
    int power = (int) exponent.toLong();
    if ((long) Math.abs(power) * bits(base) > MAX_BITS || (base.isZero() && power < 0)) {
      return Optional.empty();
    }
    Rational raised =
        new Rational(
            base.numerator().pow(Math.abs(power)), base.denominator().pow(Math.abs(power)));
    return Optional.of(power < 0 ? Rational.of(1).dividedBy(raised) : raised);
  }

  private static int bits(Rational value) {
    return Math.max(value.numerator().bitLength(), value.denominator().bitLength());
  }

  /**
   * Whether it is a number that is worked out: written in digits, or as a fraction, a mixed number,
   * a power or a multiple of a power of ten of such.
   */
  static boolean isWorkedOut(Maths maths) {
    return switch (maths) {
      case Maths.Number number -> true;
      case Maths.Based based -> true;
      case Maths.Negated(Maths operand) -> isWorkedOut(operand);
      case Maths.Percent(Maths operand) -> isWorkedOut(operand);
      case Maths.Degrees(Maths operand) -> isWorkedOut(operand);
      case Maths.Binary(Maths.Sign sign, Maths left, Maths right) ->
          switch (sign) {
            case DIVIDE, POWER -> isNumber(left) && isNumber(right);
            case TIMES -> isNumber(left) && isPowerOfTen(right);
            case PLUS -> isMixed(left, right);
            case MINUS, PLUS_MINUS, MINUS_PLUS -> false;
          };
      default -> false;
    };
  }

  private static boolean isNumber(Maths maths) {
    return maths instanceof Maths.Number
        || (maths instanceof Maths.Negated(Maths operand) && isNumber(operand));
  }

  private static boolean isPowerOfTen(Maths maths) {
    return maths instanceof Maths.Binary(Maths.Sign sign, Maths base, Maths exponent)
        && sign == Maths.Sign.POWER
        && base.equals(Maths.number(10))
        && isNumber(exponent);
  }

  /** As the parser makes them of {@code 3\frac{1}{2}}; {@code 3 + 1/2} looks the same to it. */
  private static boolean isMixed(Maths whole, Maths fraction) {
    return whole instanceof Maths.Number n && !n.decimal() && isProper(fraction);
  }

  /** A fraction of two whole numbers below one. */
  static boolean isProper(Maths maths) {
    return maths instanceof Maths.Binary(Maths.Sign sign, Maths left, Maths right)
        && sign == Maths.Sign.DIVIDE
        && left instanceof Maths.Number above
        && right instanceof Maths.Number below
        && !above.decimal()
        && !below.decimal()
        && above.value().compareTo(below.value()) < 0;
  }
}
