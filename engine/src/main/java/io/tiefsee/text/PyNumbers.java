package io.tiefsee.text;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Python's numbers: ints of any size ({@link Long} where they fit, else {@link BigInteger}), floats
 * ({@link Double}) and bools, which count as 0 and 1.
 */
final class PyNumbers {
  /** Longest int the arithmetic makes, in bits. */
  private static final int MAX_BITS = 1 << 17;

  private PyNumbers() {}

  static boolean isNumber(Object v) {
    return v instanceof Long
        || v instanceof Double
        || v instanceof Boolean
        || v instanceof BigInteger;
  }

  static boolean isInt(Object v) {
    return v instanceof Long || v instanceof Boolean || v instanceof BigInteger;
  }

  static Object shrink(BigInteger v) {
    return v.bitLength() < 64 ? (Object) v.longValue() : v;
  }

  static BigInteger big(Object v) {
    return switch (v) {
      case Long l -> BigInteger.valueOf(l);
      case Boolean b -> b ? BigInteger.ONE : BigInteger.ZERO;
      case BigInteger b -> b;
      default -> throw new JinjaException("expected an integer, got " + Py.typeName(v));
    };
  }

  static double toDouble(Object v) {
    double d =
        switch (v) {
          case Double x -> x;
          case Long l -> (double) l;
          case Boolean b -> b ? 1 : 0;
          default -> big(v).doubleValue();
        };
    if (Double.isInfinite(d) && v instanceof BigInteger) {
      throw new JinjaException("int too large to convert to float");
    }
    return d;
  }

  static boolean equal(Object a, Object b) {
    return compare(a, b) == 0 && !isNaN(a) && !isNaN(b);
  }

  static boolean isNaN(Object v) {
    return v instanceof Double d && d.isNaN();
  }

  /** Order of two numbers by value, exact across ints and floats. NaN has no order: see callers. */
  static int compare(Object a, Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    if (isInt(a) && isInt(b)) {
      return big(a).compareTo(big(b));
    }
    double x = a instanceof Double d ? d : Double.NaN;
    double y = b instanceof Double d ? d : Double.NaN;
    if (a instanceof Double && b instanceof Double) {
      return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    double d = a instanceof Double ? x : y;
    if (Double.isNaN(d)) {
      return 2;
    }
    int sign = a instanceof Double ? 1 : -1;
    if (Double.isInfinite(d)) {
      return d > 0 ? sign : -sign;
    }
    Object other = a instanceof Double ? b : a;
    return sign * Integer.signum(new BigDecimal(d).compareTo(new BigDecimal(big(other))));
  }

  static Object binary(String op, Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      return floats(op, toDouble(a), toDouble(b));
    }
    if (op.equals("/")) {
      return divide(a, b);
    }
    if (op.equals("**")) {
      return power(big(a), big(b));
    }
    if (a instanceof Long x && b instanceof Long y && fitsLong(op, x, y)) {
      return switch (op) {
        case "+" -> x + y;
        case "-" -> x - y;
        case "*" -> x * y;
        case "//" -> Math.floorDiv(x, nonZero(y));
        default -> Math.floorMod(x, nonZero(y));
      };
    }
    return bigs(op, big(a), big(b));
  }

  private static boolean fitsLong(String op, long x, long y) {
    long limit = op.equals("*") ? 1L << 31 : 1L << 62;
    return x > -limit && x < limit && y > -limit && y < limit;
  }

  private static long nonZero(long y) {
    if (y == 0) {
      throw new JinjaException("integer division or modulo by zero");
    }
    return y;
  }

  private static Object bigs(String op, BigInteger x, BigInteger y) {
    if (x.bitLength() + (long) y.bitLength() > MAX_BITS) {
      throw new JinjaException("the template computes too large a number");
    }
    return switch (op) {
      case "+" -> shrink(x.add(y));
      case "-" -> shrink(x.subtract(y));
      case "*" -> shrink(x.multiply(y));
      default -> {
        nonZero(y.signum());
        BigInteger[] qr = x.divideAndRemainder(y);
        boolean floor = qr[1].signum() != 0 && qr[1].signum() != y.signum();
        BigInteger q = floor ? qr[0].subtract(BigInteger.ONE) : qr[0];
        yield shrink(op.equals("//") ? q : floor ? qr[1].add(y) : qr[1]);
      }
    };
  }

  private static Object divide(Object a, Object b) {
    BigInteger x = big(a);
    BigInteger y = big(b);
    if (y.signum() == 0) {
      throw new JinjaException("division by zero");
    }
    if (x.bitLength() <= 53 && y.bitLength() <= 53) {
      return x.doubleValue() / y.doubleValue();
    }
    // 800 digits keep the quotient on the right side of every rounding boundary that can occur
    double q =
        new BigDecimal(x)
            .divide(new BigDecimal(y), new MathContext(800, RoundingMode.HALF_EVEN))
            .doubleValue();
    if (Double.isInfinite(q)) {
      throw new JinjaException("integer division result too large for a float");
    }
    return q;
  }

  private static Object power(BigInteger x, BigInteger y) {
    if (y.signum() < 0) {
      if (x.signum() == 0) {
        throw new JinjaException("0.0 cannot be raised to a negative power");
      }
      return floats("**", toDouble(shrink(x)), toDouble(shrink(y)));
    }
    boolean small = x.bitLength() <= 1 && x.abs().bitLength() <= 1;
    if (small) { // -1, 0, 1 (and -2, whose bitLength is 1, is excluded by abs)
      boolean odd = y.testBit(0);
      return y.signum() == 0 ? 1L : shrink(odd ? x : x.abs());
    }
    if (y.bitLength() > 31 || x.bitLength() * y.longValue() > MAX_BITS) {
      throw new JinjaException("the template computes too large a number");
    }
    return shrink(x.pow(y.intValue()));
  }

  private static Object floats(String op, double x, double y) {
    switch (op) {
      case "+":
        return x + y;
      case "-":
        return x - y;
      case "*":
        return x * y;
      case "**":
        return floatPower(x, y);
      default:
        if (y == 0) {
          throw new JinjaException("float division by zero");
        }
    }
    if (op.equals("/")) {
      return x / y;
    }
    double mod = x % y;
    double div = (x - mod) / y;
    if (mod != 0) {
      if (y < 0 != mod < 0) {
        mod += y;
        div -= 1;
      }
    } else {
      mod = Math.copySign(0, y);
    }
    if (op.equals("%")) {
      return mod;
    }
    if (div == 0) {
      return Math.copySign(0, x / y);
    }
    double floor = Math.floor(div);
    return div - floor > 0.5 ? floor + 1 : floor;
  }

  private static double floatPower(double x, double y) {
    if (x == 0 && y < 0) {
      throw new JinjaException("0.0 cannot be raised to a negative power");
    }
    if (x == 1 || y == 0) {
      return 1;
    }
    if (x == -1 && Double.isInfinite(y)) {
      return 1;
    }
    double r = Math.pow(x, y);
    if (Double.isNaN(r) && !Double.isNaN(x) && !Double.isNaN(y)) {
      throw new JinjaException("a negative number has no real power with a fraction");
    }
    if (Double.isInfinite(r) && !Double.isInfinite(x) && !Double.isInfinite(y)) {
      throw new JinjaException("the template computes too large a number");
    }
    return r;
  }

  static Object negate(Object v) {
    return v instanceof Double d ? (Object) (-d) : shrink(big(v).negate());
  }

  static Object abs(Object v) {
    return v instanceof Double d ? (Object) Math.abs(d) : shrink(big(v).abs());
  }

  /** Rounds towards zero; NaN and infinities have no int. */
  static Object truncate(double d) {
    if (Double.isNaN(d) || Double.isInfinite(d)) {
      throw new JinjaException("cannot convert float " + repr(d) + " to integer");
    }
    return shrink(new BigDecimal(d).toBigInteger());
  }

  /** Python's {@code round(v, digits)}: half to even on the exact value. */
  static Object round(Object v, int digits) {
    if (v instanceof Double d) {
      if (Double.isNaN(d) || Double.isInfinite(d) || digits > 330) {
        return d;
      }
      if (digits < -330) {
        return Math.copySign(0.0, d);
      }
      double r = new BigDecimal(d).setScale(digits, RoundingMode.HALF_EVEN).doubleValue();
      return r == 0 ? Math.copySign(0.0, d) : r;
    }
    if (digits >= 0) {
      return shrink(big(v));
    }
    if (digits < -10_000) {
      return 0L;
    }
    BigDecimal r = new BigDecimal(big(v)).setScale(digits, RoundingMode.HALF_EVEN);
    return shrink(r.toBigInteger());
  }

  /** An index or a count: an int that fits an {@code int}, clipped at the ends. */
  static int index(Object v) {
    if (!isInt(v)) {
      throw new JinjaException("expected an integer, got " + Py.typeName(v));
    }
    if (v instanceof Long l) {
      return Math.clamp(l, -Integer.MAX_VALUE, Integer.MAX_VALUE);
    }
    BigInteger b = big(v);
    return b.bitLength() < 32 ? b.intValue() : b.signum() * Integer.MAX_VALUE;
  }

  static String str(Object v) {
    return switch (v) {
      case Double d -> repr(d);
      case Boolean b -> b ? "True" : "False";
      case BigInteger b when b.bitLength() > 14_000 && b.abs().toString().length() > 4300 ->
          throw new JinjaException("an integer of more than 4300 digits cannot be printed");
      default -> v.toString();
    };
  }

  /** The shortest decimal that reads back as {@code d}, in Python's layout. */
  static String repr(double d) {
    if (Double.isNaN(d)) {
      return "nan";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "inf" : "-inf";
    }
    if (d == 0) {
      return 1 / d < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = new BigDecimal(Double.toString(Math.abs(d))).stripTrailingZeros();
    String digits = shortest.unscaledValue().toString();
    int exponent = digits.length() - shortest.scale() - 1;
    String body;
    if (exponent < -4 || exponent >= 16) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      String e = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
      body = digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + e;
    } else {
      body = shortest.toPlainString();
      body = body.indexOf('.') < 0 ? body + ".0" : body;
    }
    return d < 0 ? "-" + body : body;
  }
}
