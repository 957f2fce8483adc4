package io.tiefsee.eval;

import io.tiefsee.eval.Maths.Function;
import io.tiefsee.eval.Maths.Sign;
import io.tiefsee.eval.MathsLexer.Kind;
import io.tiefsee.eval.MathsLexer.Token;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The part of {@link MathsParser} that reads sums and what they are made of. */
final class MathsTerms {
  private static final Map<String, Function> FUNCTIONS =
      Map.ofEntries(
          Map.entry("sin", Function.SIN),
          Map.entry("cos", Function.COS),
          Map.entry("tan", Function.TAN),
          Map.entry("cot", Function.COT),
          Map.entry("sec", Function.SEC),
          Map.entry("csc", Function.CSC),
          Map.entry("arcsin", Function.ARCSIN),
          Map.entry("arccos", Function.ARCCOS),
          Map.entry("arctan", Function.ARCTAN),
          Map.entry("sinh", Function.SINH),
          Map.entry("cosh", Function.COSH),
          Map.entry("tanh", Function.TANH),
          Map.entry("ln", Function.LN),
          Map.entry("exp", Function.EXP),
          Map.entry("abs", Function.ABS),
          Map.entry("log", Function.LOG));

  private static final Map<Function, Function> INVERSES =
      Map.of(
          Function.SIN, Function.ARCSIN,
          Function.COS, Function.ARCCOS,
          Function.TAN, Function.ARCTAN);

  /** Letters with names; π alone is a number. */
  private static final Set<String> LETTERS =
      Set.of(
          "alpha",
          "beta",
          "gamma",
          "delta",
          "epsilon",
          "varepsilon",
          "zeta",
          "eta",
          "theta",
          "vartheta",
          "iota",
          "kappa",
          "lambda",
          "mu",
          "nu",
          "xi",
          "rho",
          "sigma",
          "tau",
          "upsilon",
          "phi",
          "varphi",
          "chi",
          "psi",
          "omega",
          "Gamma",
          "Delta",
          "Theta",
          "Lambda",
          "Xi",
          "Pi",
          "Sigma",
          "Phi",
          "Psi",
          "Omega",
          "ell",
          "hbar");

  private static final Set<String> FACTORS =
      Set.of("frac", "sqrt", "binom", "pi", "lfloor", "lceil", "begin");

  private final MathsCursor cursor;
  private final MathsBrackets brackets;

  /**
   * @param items reads what stands between brackets
   */
  MathsTerms(MathsCursor cursor, Supplier<List<Maths>> items) {
    this.cursor = cursor;
    this.brackets = new MathsBrackets(cursor, items, this::sum);
  }

  /** Summands and the signs between them. */
  Maths sum() {
    cursor.enter();
    Maths sum = cursor.takeCommand("pm") ? eitherSign(Sign.PLUS_MINUS) : product();
    for (Optional<Sign> sign = takeSum(); sign.isPresent(); sign = takeSum()) {
      sum = MathsMatrices.apply(sign.get(), sum, product());
    }
    cursor.leave();
    return sum;
  }

  private Maths eitherSign(Sign sign) {
    return new Maths.Binary(sign, Maths.number(0), product());
  }

  private Optional<Sign> takeSum() {
    if (cursor.takeSign("+")) {
      return Optional.of(Sign.PLUS);
    }
    if (cursor.takeSign("-")) {
      return Optional.of(Sign.MINUS);
    }
    if (cursor.takeCommand("pm")) {
      return Optional.of(Sign.PLUS_MINUS);
    }
    return cursor.takeCommand("mp") ? Optional.of(Sign.MINUS_PLUS) : Optional.empty();
  }

  private Maths product() {
    Maths product = signed();
    for (; ; ) {
      if (cursor.takeSign("*") || cursor.takeCommand("cdot") || cursor.takeCommand("times")) {
        product = MathsMatrices.apply(Sign.TIMES, product, signed());
      } else if (cursor.takeSign("/") || cursor.takeCommand("div")) {
        product = MathsMatrices.apply(Sign.DIVIDE, product, signed());
      } else if (beginsFactor()) {
        product = beside(product);
      } else {
        return product;
      }
    }
  }

  private Maths signed() {
    if (cursor.takeSign("-")) {
      cursor.enter();
      Maths operand = signed();
      cursor.leave();
      return MathsMatrices.negated(operand);
    }
    cursor.takeSign("+");
    return power();
  }

  /** A factor without a sign before it; after a whole number it may be a fraction to add. */
  private Maths beside(Maths left) {
    Token first = cursor.peek();
    Maths right = power();
    return first.kind() == Kind.NUMBER || first.isCommand("frac")
        ? mixed(left, right)
        : MathsMatrices.apply(Sign.TIMES, left, right);
  }

  /** {@code 3\frac{1}{2}} and {@code 3 1/2} are 3.5, all else side by side is a product. */
  private Maths mixed(Maths left, Maths right) {
    if (left instanceof Maths.Negated(Maths operand)) {
      return new Maths.Negated(mixed(operand, right));
    }
    boolean whole = left instanceof Maths.Number n && !n.decimal();
    if (right instanceof Maths.Number above) {
      if (!whole || above.decimal() || !cursor.takeSign("/")) {
        throw new MathsCursor.NoFormula();
      }
      Maths fraction = new Maths.Binary(Sign.DIVIDE, above, power());
      if (!MathsNumbers.isProper(fraction)) {
        throw new MathsCursor.NoFormula();
      }
      return new Maths.Binary(Sign.PLUS, left, fraction);
    }
    return new Maths.Binary(
        whole && MathsNumbers.isProper(right) ? Sign.PLUS : Sign.TIMES, left, right);
  }

  /** Whether the next token begins a factor of a product without a sign. */
  private boolean beginsFactor() {
    Token token = cursor.peek();
    return switch (token.kind()) {
      case LETTER -> true;
      case NUMBER -> token.spaced() && cursor.previous().kind() == Kind.NUMBER;
      case SIGN ->
          token.is("(")
              || ((token.is("{") || token.is("[")) && !token.spaced())
              || (token.is("|") && !brackets.withinBars());
      case COMMAND ->
          FUNCTIONS.containsKey(token.text())
              || FACTORS.contains(token.text())
              || LETTERS.contains(token.text());
      case WORDS, END -> false;
    };
  }

  private Maths power() {
    Maths base = postfix();
    if (!cursor.takeSign("^")) {
      return base;
    }
    return postfix(new Maths.Binary(Sign.POWER, base, exponent()));
  }

  private Maths exponent() {
    cursor.enter();
    boolean negative = cursor.takeSign("-");
    Maths exponent = power();
    cursor.leave();
    return negative ? new Maths.Negated(exponent) : exponent;
  }

  private Maths postfix() {
    Token first = cursor.peek();
    Maths atom = atom();
    if (cursor.peek().is("_") && first.kind() == Kind.NUMBER) {
      cursor.next();
      return new Maths.Based(first.text(), smallNumber(argument()));
    }
    return postfix(atom);
  }

  private Maths postfix(Maths atom) {
    Maths result = atom;
    for (; ; ) {
      if (cursor.takeSign("!")) {
        result = call(Function.FACTORIAL, result);
      } else if (cursor.takeSign("%")) {
        result = new Maths.Percent(result);
      } else if (cursor.takeCommand("degree")) {
        result = new Maths.Degrees(result);
      } else {
        return result;
      }
    }
  }

  private static int smallNumber(Maths maths) {
    if (maths instanceof Maths.Number n
        && n.value().isWhole()
        && n.value().compareTo(Rational.of(36)) <= 0) {
      return (int) n.value().toLong();
    }
    throw new MathsCursor.NoFormula();
  }

  private Maths atom() {
    Token token = cursor.next();
    return switch (token.kind()) {
      case NUMBER -> MathsNumbers.read(token.text()).orElseThrow(MathsCursor.NoFormula::new);
      case LETTER -> letter(token.text());
      case WORDS -> new Maths.Words(token.text());
      case COMMAND -> command(token.text());
      case SIGN ->
          switch (token.text()) {
            case "(" -> brackets.round();
            case "[" -> brackets.square();
            case "{" -> brackets.braces(false);
            case "|" -> brackets.bars();
            default -> throw new MathsCursor.NoFormula();
          };
      case END -> throw new MathsCursor.NoFormula();
    };
  }

  private Maths letter(String name) {
    if (cursor.peek().is("_")) {
      return variable(name);
    }
    return switch (name) {
      case "e" -> Maths.Constant.E;
      case "i" -> Maths.Constant.I;
      default -> variable(name);
    };
  }

  private Maths variable(String name) {
    String full = cursor.takeSign("_") ? name + "_" + argument() : name;
    return new Maths.Variable(cursor.takeSign("'") ? full + "'" : full);
  }

  private Maths command(String name) {
    if (FUNCTIONS.containsKey(name)) {
      return function(FUNCTIONS.get(name));
    }
    if (LETTERS.contains(name)) {
      return variable(name);
    }
    return switch (name) {
      case "frac" -> MathsMatrices.apply(Sign.DIVIDE, argument(), argument());
      case "binom" -> call(Function.BINOMIAL, argument(), argument());
      case "sqrt" -> root();
      case "pi" -> Maths.Constant.PI;
      case "infty" -> Maths.Constant.INFINITY;
      case "emptyset", "varnothing" -> new Maths.Group('{', '}', List.of());
      case "{" -> brackets.braces(true);
      case "lfloor" -> brackets.enclosed(Function.FLOOR, "rfloor");
      case "lceil" -> brackets.enclosed(Function.CEIL, "rceil");
      case "begin" -> brackets.matrix();
      default -> throw new MathsCursor.NoFormula();
    };
  }

  static Maths call(Function function, Maths... arguments) {
    return new Maths.Call(function, List.of(arguments));
  }

  private Maths root() {
    Maths degree = Maths.number(2);
    if (cursor.takeSign("[")) {
      degree = sum();
      cursor.expect("]");
    }
    return call(Function.ROOT, degree, argument());
  }

  /** What follows a function's name: a bracket, or factors up to the next function. */
  private Maths function(Function function) {
    Maths base = Maths.number(10);
    Optional<Maths> power = Optional.empty();
    if (function == Function.LOG && cursor.takeSign("_")) {
      base = argument();
    }
    if (cursor.takeSign("^")) {
      power = Optional.of(exponent());
    }
    cursor.enter();
    Maths argument = cursor.peek().is("(") ? postfixless() : factors();
    cursor.leave();
    boolean inverse =
        INVERSES.containsKey(function)
            && power.isPresent()
            && power.get().equals(new Maths.Negated(Maths.number(1)));
    if (inverse) {
      return call(INVERSES.get(function), argument);
    }
    Maths call =
        function == Function.LOG ? call(function, base, argument) : call(function, argument);
    return power.map(p -> (Maths) new Maths.Binary(Sign.POWER, call, p)).orElse(call);
  }

  /** The bracket alone: in {@code \sin(x)^2} the power is not the argument's. */
  private Maths postfixless() {
    cursor.next();
    return brackets.round();
  }

  private Maths factors() {
    Maths argument = cursor.takeSign("-") ? new Maths.Negated(power()) : power();
    while (beginsFactor() && !FUNCTIONS.containsKey(cursor.peek().text())) {
      argument = beside(argument);
    }
    return argument;
  }

  /** In braces, or a single digit, letter or command: {@code \frac12}. */
  private Maths argument() {
    Token token = cursor.peek();
    if (token.is("{")) {
      cursor.next();
      Maths inner = sum();
      cursor.expect("}");
      return inner;
    }
    if (token.kind() == Kind.NUMBER && token.text().length() > 1) {
      return MathsNumbers.read(cursor.takeDigit()).orElseThrow(MathsCursor.NoFormula::new);
    }
    cursor.enter();
    Maths atom = atom();
    cursor.leave();
    return atom;
  }
}
