package io.tiefsee.price;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Rules of calculating with money and measured numbers, in one place. */
final class Money {
  /** Of every product and quotient: 34 digits, half to even. */
  static final MathContext CONTEXT = MathContext.DECIMAL128;

  /** Decimals of an amount on a receipt: a millionth of a millionth. */
  static final int DECIMALS = 12;

  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

  private Money() {}

  /** An amount as receipts have it. */
  static BigDecimal round(BigDecimal amount) {
    return plain(amount.setScale(DECIMALS, RoundingMode.HALF_EVEN));
  }

  /** Without trailing zeros, and without an exponent where it is a whole number. */
  static BigDecimal plain(BigDecimal x) {
    BigDecimal stripped = x.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }

  static BigDecimal perMillion(BigDecimal price, int tokens) {
    return price.multiply(BigDecimal.valueOf(tokens)).divide(MILLION, CONTEXT);
  }

  /** Nanoseconds as seconds. */
  static BigDecimal seconds(long nanos) {
    return plain(BigDecimal.valueOf(nanos, 9));
  }

  /** An amount for people: three significant digits, never with an exponent. */
  static String shown(BigDecimal amount) {
    return plain(amount.round(new MathContext(3, RoundingMode.HALF_EVEN))).toPlainString();
  }
}
