package io.tiefsee.eval;

import ch.obermuhlner.math.big.BigComplex;
import ch.obermuhlner.math.big.BigComplexMath;
import ch.obermuhlner.math.big.BigDecimalMath;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * Works out closed forms to {@value #DIGITS} digits, in complex numbers, at given values of the
 * variables. Arguments are bounded, and so are the steps of all evaluations of one evaluator, so
 * that no formula takes long.
 */
final class MathsEvaluator {
  static final int DIGITS = 80;
  private static final MathContext MC = new MathContext(DIGITS);
  private static final BigDecimal LARGEST_ANGLE = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal LARGEST_LOGARITHM = BigDecimal.valueOf(5000);
  private static final int LARGEST_FACTORIAL = 1000;
  private static final int LARGEST_POWER = 4096;
  private static final BigDecimal PI = BigDecimalMath.pi(MC);
  private static final BigDecimal E = BigDecimalMath.e(MC);

  /** Two numbers are equal if they differ by less than this, relative to the larger. */
  private static final BigDecimal TOLERANCE = BigDecimal.ONE.movePointLeft(40);

  /** What rounding leaves of sums that cancel. */
  private static final BigDecimal NOTHING = BigDecimal.ONE.movePointLeft(60);

  private static final int MAX_STEPS = 20_000;
  private static final int STEPS_OF_A_FUNCTION = 60;

  private int steps;

  /** There is no such value: a division by zero, an infinite or too large a number. */
  static final class Undefined extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Undefined() {
      super(null, null, false, false);
    }
  }

  /** The work of this evaluator is used up. */
  static final class TooLong extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLong() {
      super(null, null, false, false);
    }
  }

  /**
   * The value.
   *
   * @throws Undefined if there is none
   * @throws TooLong if all evaluations together take too long
   */
  BigComplex value(Maths maths, Map<String, BigDecimal> variables) {
    count(1);
    try {
      return switch (maths) {
        case Maths.Number number -> decimal(number.value());
        case Maths.Based based -> decimal(MathsNumbers.exact(based).orElseThrow(Undefined::new));
        case Maths.Constant constant -> constant(constant);
        case Maths.Variable variable when variables.containsKey(variable.name()) ->
            BigComplex.valueOf(variables.get(variable.name()));
        case Maths.Negated(Maths operand) -> value(operand, variables).negate();
        case Maths.Percent(Maths operand) ->
            value(operand, variables).divide(BigDecimal.valueOf(100), MC);
        case Maths.Degrees(Maths operand) ->
            value(operand, variables).multiply(PI, MC).divide(BigDecimal.valueOf(180), MC);
        case Maths.Binary(Maths.Sign sign, Maths left, Maths right) when sign == Maths.Sign.POWER ->
            power(value(left, variables), right, variables);
        case Maths.Binary(Maths.Sign sign, Maths left, Maths right) ->
            apply(sign, value(left, variables), value(right, variables));
        case Maths.Call call ->
            call(call.function(), call.arguments().stream().map(a -> value(a, variables)).toList());
        default -> throw new Undefined();
      };
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new Undefined();
    }
  }

  private void count(int of) {
    steps += of;
    if (steps > MAX_STEPS) {
      throw new TooLong();
    }
  }

  /** Equal but for rounding. */
  static boolean isSame(BigComplex a, BigComplex b) {
    BigDecimal size = size(a).max(size(b));
    BigDecimal difference = size(a.subtract(b, MC));
    return difference.compareTo(size.multiply(TOLERANCE).max(NOTHING)) <= 0;
  }

  /** As large as the absolute value but for a factor of √2, without a root to draw. */
  private static BigDecimal size(BigComplex value) {
    return value.re.abs().add(value.im.abs(), MC);
  }

  static BigComplex decimal(Rational value) {
    return BigComplex.valueOf(
        new BigDecimal(value.numerator()).divide(new BigDecimal(value.denominator()), MC));
  }

  /** All variables of a tree. */
  static void variables(Maths maths, Set<String> into) {
    switch (maths) {
      case Maths.Variable variable -> into.add(variable.name());
      case Maths.Negated(Maths operand) -> variables(operand, into);
      case Maths.Percent(Maths operand) -> variables(operand, into);
      case Maths.Degrees(Maths operand) -> variables(operand, into);
      case Maths.Binary binary -> {
        variables(binary.left(), into);
        variables(binary.right(), into);
      }
      case Maths.Call call -> call.arguments().forEach(a -> variables(a, into));
      case Maths.Group group -> group.items().forEach(i -> variables(i, into));
      case Maths.Matrix matrix -> matrix.rows().forEach(r -> r.forEach(c -> variables(c, into)));
      case Maths.Union union -> union.parts().forEach(p -> variables(p, into));
      case Maths.Ratio ratio -> ratio.parts().forEach(p -> variables(p, into));
      case Maths.Relation relation -> relation.sides().forEach(s -> variables(s, into));
      case Maths.Number number -> {}
      case Maths.Based based -> {}
      case Maths.Constant constant -> {}
      case Maths.Words words -> {}
    }
  }

  private static BigComplex constant(Maths.Constant constant) {
    return switch (constant) {
      case PI -> BigComplex.valueOf(PI);
      case E -> BigComplex.valueOf(E);
      case I -> BigComplex.I;
      case INFINITY -> throw new Undefined();
    };
  }

  private BigComplex apply(Maths.Sign sign, BigComplex left, BigComplex right) {
    return switch (sign) {
      case PLUS -> bounded(left.add(right, MC));
      case MINUS -> bounded(left.subtract(right, MC));
      case TIMES -> bounded(left.multiply(right, MC));
      case DIVIDE -> bounded(quotient(left, right));
      case POWER -> power(left, right);
      case PLUS_MINUS, MINUS_PLUS -> throw new Undefined();
    };
  }

  private static BigComplex quotient(BigComplex left, BigComplex right) {
    if (isZero(right)) {
      throw new Undefined();
    }
    return left.divide(right, MC);
  }

  private static boolean isZero(BigComplex value) {
    return value.re.abs().compareTo(NOTHING) <= 0 && value.im.abs().compareTo(NOTHING) <= 0;
  }

  /** Numbers of more digits than this before or after the point are of no answer. */
  private static BigComplex bounded(BigComplex value) {
    if (magnitude(value.re) > LARGEST_POWER || magnitude(value.im) > LARGEST_POWER) {
      throw new Undefined();
    }
    return value;
  }

  private static long magnitude(BigDecimal value) {
    return value.signum() == 0 ? 0 : Math.abs((long) value.precision() - value.scale());
  }

  /** {@code x^{2/3}} of a negative x is the square of the third root, as {@link #root} has it. */
  private BigComplex power(BigComplex base, Maths exponent, Map<String, BigDecimal> variables) {
    Optional<Rational> fraction =
        MathsNumbers.exact(exponent)
            .filter(f -> !f.isWhole() && f.denominator().testBit(0))
            .filter(f -> isReal(base) && base.re.signum() < 0);
    return fraction.isPresent()
        ? power(
            root(BigComplex.valueOf(new BigDecimal(fraction.get().denominator())), base),
            BigComplex.valueOf(new BigDecimal(fraction.get().numerator())))
        : power(base, value(exponent, variables));
  }

  private BigComplex power(BigComplex base, BigComplex exponent) {
    count(STEPS_OF_A_FUNCTION);
    if (isWhole(exponent) && exponent.re.abs().compareTo(BigDecimal.valueOf(LARGEST_POWER)) <= 0) {
      int n = exponent.re.setScale(0, RoundingMode.HALF_EVEN).intValueExact();
      BigComplex raised = integerPower(base, Math.abs(n));
      return n < 0 ? quotient(BigComplex.ONE, raised) : raised;
    }
    if (isZero(base)) {
      if (exponent.re.signum() > 0) {
        return BigComplex.ZERO;
      }
      throw new Undefined();
    }
    return exp(exponent.multiply(BigComplexMath.log(base, MC), MC));
  }

  private static BigComplex integerPower(BigComplex base, int exponent) {
    BigComplex result = BigComplex.ONE;
    BigComplex square = base;
    for (int n = exponent; n > 0; n >>= 1) {
      if ((n & 1) == 1) {
        result = bounded(result.multiply(square, MC));
      }
      square = n > 1 ? bounded(square.multiply(square, MC)) : square;
    }
    return result;
  }

  private static boolean isWhole(BigComplex value) {
    return isReal(value)
        && magnitude(value.re) < 20
        && value.re.subtract(value.re.setScale(0, RoundingMode.HALF_EVEN)).abs().compareTo(NOTHING)
            <= 0;
  }

  private static boolean isReal(BigComplex value) {
    return value.im.abs().compareTo(NOTHING) <= 0;
  }

  private static BigComplex exp(BigComplex value) {
    if (value.re.abs().compareTo(LARGEST_LOGARITHM) > 0
        || value.im.abs().compareTo(LARGEST_ANGLE) > 0) {
      throw new Undefined();
    }
    return isReal(value)
        ? BigComplex.valueOf(BigDecimalMath.exp(value.re, MC))
        : BigComplexMath.exp(value, MC);
  }

  private BigComplex call(Maths.Function function, List<BigComplex> arguments) {
    count(STEPS_OF_A_FUNCTION);
    BigComplex x = arguments.getLast();
    return switch (function) {
      case EXP -> exp(x);
      case LN -> logarithm(x);
      case LOG -> quotient(logarithm(x), logarithm(arguments.getFirst()));
      case ROOT -> root(arguments.getFirst(), x);
      case ABS -> BigComplex.valueOf(x.abs(MC));
      case FACTORIAL -> BigComplex.valueOf(new BigDecimal(factorial(natural(x)), MC));
      case BINOMIAL -> binomial(natural(arguments.getFirst()), natural(x));
      default -> BigComplex.valueOf(real(function, x));
    };
  }

  private static BigComplex logarithm(BigComplex x) {
    if (isZero(x)) {
      throw new Undefined();
    }
    return BigComplexMath.log(x, MC);
  }

  /** Roots of odd degree of negative numbers are negative, as in school. */
  private BigComplex root(BigComplex degree, BigComplex x) {
    boolean odd = isWhole(degree) && degree.re.toBigInteger().testBit(0);
    BigComplex exponent = quotient(BigComplex.ONE, degree);
    if (isReal(x) && x.re.signum() < 0 && odd) {
      return power(x.negate(), exponent).negate();
    }
    boolean square = isReal(x) && x.re.signum() >= 0 && degree.re.compareTo(BigDecimal.TWO) == 0;
    return square ? BigComplex.valueOf(BigDecimalMath.sqrt(x.re, MC)) : power(x, exponent);
  }

  private static int natural(BigComplex x) {
    if (!isWhole(x)
        || x.re.signum() < 0
        || x.re.compareTo(BigDecimal.valueOf(LARGEST_FACTORIAL)) > 0) {
      throw new Undefined();
    }
    return x.re.setScale(0, RoundingMode.HALF_EVEN).intValueExact();
  }

  private static BigInteger factorial(int n) {
    BigInteger product = BigInteger.ONE;
    for (int i = 2; i <= n; i++) {
      product = product.multiply(BigInteger.valueOf(i));
    }
    return product;
  }

  private static BigComplex binomial(int n, int k) {
    if (k > n) {
      return BigComplex.ZERO;
    }
    return BigComplex.valueOf(
        new BigDecimal(factorial(n).divide(factorial(k)).divide(factorial(n - k)), MC));
  }

  private static BigDecimal real(Maths.Function function, BigComplex x) {
    if (!isReal(x) || x.re.abs().compareTo(LARGEST_ANGLE) > 0) {
      throw new Undefined();
    }
    UnaryOperator<BigDecimal> sin = v -> BigDecimalMath.sin(v, MC);
    UnaryOperator<BigDecimal> cos = v -> BigDecimalMath.cos(v, MC);
    BinaryOperator<BigDecimal> over = MathsEvaluator::over;
    BigDecimal v = x.re;
    return switch (function) {
      case SIN -> sin.apply(v);
      case COS -> cos.apply(v);
      case TAN -> over.apply(sin.apply(v), cos.apply(v));
      case COT -> over.apply(cos.apply(v), sin.apply(v));
      case SEC -> over.apply(BigDecimal.ONE, cos.apply(v));
      case CSC -> over.apply(BigDecimal.ONE, sin.apply(v));
      case ARCSIN -> BigDecimalMath.asin(v, MC);
      case ARCCOS -> BigDecimalMath.acos(v, MC);
      case ARCTAN -> BigDecimalMath.atan(v, MC);
      case SINH -> hyperbolic(v, -1);
      case COSH -> hyperbolic(v, 1);
      case TANH -> over.apply(hyperbolic(v, -1), hyperbolic(v, 1));
      case FLOOR -> rounded(v, RoundingMode.FLOOR);
      case CEIL -> rounded(v, RoundingMode.CEILING);
      default -> throw new Undefined();
    };
  }

  /** {@code (e^v ± e^−v) / 2}. */
  private static BigDecimal hyperbolic(BigDecimal v, int sign) {
    BigComplex x = BigComplex.valueOf(v);
    return exp(x)
        .re
        .add(exp(x.negate()).re.multiply(BigDecimal.valueOf(sign)), MC)
        .divide(BigDecimal.TWO, MC);
  }

  private static BigDecimal over(BigDecimal above, BigDecimal below) {
    if (below.abs().compareTo(NOTHING) <= 0) {
      throw new Undefined();
    }
    return above.divide(below, MC);
  }

  /** A number that only rounding keeps from being whole is whole. */
  private static BigDecimal rounded(BigDecimal v, RoundingMode mode) {
    return isWhole(BigComplex.valueOf(v))
        ? v.setScale(0, RoundingMode.HALF_EVEN)
        : v.setScale(0, mode);
  }
}
