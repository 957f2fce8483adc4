package io.tiefsee.eval;

import io.tiefsee.eval.Maths.Function;
import io.tiefsee.eval.Maths.Sign;
import io.tiefsee.eval.MathsLexer.Kind;
import io.tiefsee.eval.MathsLexer.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private final MathsCursor cursor;

  /** Reads what stands between brackets. */
  private final Supplier<List<Maths>> items;

  private int bars;

  MathsTerms(MathsCursor cursor, Supplier<List<Maths>> items) {
    this.cursor = cursor;
    this.items = items;
  }

  /** Summands and the signs between them. */
  Maths sum() {
    cursor.enter();
    Maths sum = cursor.takeCommand("pm") ? eitherSign(Sign.PLUS_MINUS) : product();
    for (Optional<Sign> sign = takeSum(); sign.isPresent(); sign = takeSum()) {
      sum = new Maths.Binary(sign.get(), sum, product());
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
        product = new Maths.Binary(Sign.TIMES, product, signed());
      } else if (cursor.takeSign("/") || cursor.takeCommand("div")) {
        product = new Maths.Binary(Sign.DIVIDE, product, signed());
      } else if (beginsFactor()) {
        product = mixed(product, power());
      } else {
        return product;
      }
    }
  }

  private Maths signed() {
    if (cursor.takeSign("-")) {
      cursor.enter();
      Maths negated = new Maths.Negated(signed());
      cursor.leave();
      return negated;
    }
    cursor.takeSign("+");
    return power();
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
          token.is("(") || (token.is("{") && !token.spaced()) || (token.is("|") && bars == 0);
      case COMMAND -> isFactor(token.text());
      case WORDS, END -> false;
    };
  }

  private static boolean isFactor(String command) {
    return FUNCTIONS.containsKey(command)
        || switch (command) {
          case "frac",
              "sqrt",
              "binom",
              "pi",
              "theta",
              "alpha",
              "beta",
              "lambda",
              "lfloor",
              "lceil" ->
              true;
          default -> false;
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
            case "(" -> bracketed('(');
            case "[" -> bracketed('[');
            case "{" -> braces("}", false);
            case "|" -> bars();
            default -> throw new MathsCursor.NoFormula();
          };
      case END -> throw new MathsCursor.NoFormula();
    };
  }

  private Maths letter(String name) {
    if (cursor.takeSign("_")) {
      return new Maths.Variable(name + "_" + argument());
    }
    return switch (name) {
      case "e" -> Maths.Constant.E;
      case "i" -> Maths.Constant.I;
      default -> new Maths.Variable(cursor.takeSign("'") ? name + "'" : name);
    };
  }

  private Maths command(String name) {
    if (FUNCTIONS.containsKey(name)) {
      return function(FUNCTIONS.get(name));
    }
    return switch (name) {
      case "frac" -> new Maths.Binary(Sign.DIVIDE, argument(), argument());
      case "binom" -> call(Function.BINOMIAL, argument(), argument());
      case "sqrt" -> root();
      case "pi" -> Maths.Constant.PI;
      case "infty" -> Maths.Constant.INFINITY;
      case "emptyset", "varnothing" -> new Maths.Group('{', '}', List.of());
      case "{" -> braces("}", true);
      case "lfloor" -> enclosed(Function.FLOOR, "rfloor");
      case "lceil" -> enclosed(Function.CEIL, "rceil");
      case "begin" -> matrix();
      case "alpha", "beta", "gamma", "delta", "theta", "lambda", "mu", "phi", "omega" ->
          new Maths.Variable(name);
      default -> throw new MathsCursor.NoFormula();
    };
  }

  private static Maths call(Function function, Maths... arguments) {
    return new Maths.Call(function, List.of(arguments));
  }

  private Maths enclosed(Function function, String end) {
    Maths inner = sum();
    if (!cursor.takeCommand(end)) {
      throw new MathsCursor.NoFormula();
    }
    return call(function, inner);
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
    return bracketed('(');
  }

  private Maths factors() {
    Maths argument = cursor.takeSign("-") ? new Maths.Negated(power()) : power();
    while (beginsFactor() && !FUNCTIONS.containsKey(cursor.peek().text())) {
      argument = mixed(argument, power());
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

  private Maths bracketed(char open) {
    List<Maths> inner = items.get();
    if (cursor.takeSign(")")) {
      return inner.size() == 1 && open == '('
          ? inner.getFirst()
          : new Maths.Group(open, ')', inner);
    }
    cursor.expect("]");
    return inner.size() == 1 && open == '[' ? inner.getFirst() : new Maths.Group(open, ']', inner);
  }

  /** A set or, in LaTeX's own braces around one thing, nothing but that. */
  private Maths braces(String end, boolean set) {
    boolean empty = set ? cursor.takeCommand(end) : cursor.takeSign(end);
    List<Maths> inner = empty ? List.of() : items.get();
    if (!empty && !(set ? cursor.takeCommand(end) : cursor.takeSign(end))) {
      throw new MathsCursor.NoFormula();
    }
    return inner.size() == 1 && !set ? inner.getFirst() : new Maths.Group('{', '}', inner);
  }

  private Maths bars() {
    bars++;
    Maths inner = sum();
    cursor.expect("|");
    bars--;
    return call(Function.ABS, inner);
  }

  private Maths matrix() {
    String name = cursor.environment();
    List<List<Maths>> rows = new ArrayList<>();
    List<Maths> row = new ArrayList<>();
    for (; ; ) {
      if (cursor.takeCommand("end")) {
        break;
      }
      row.add(sum());
      if (cursor.takeSign("&")) {
        continue;
      }
      rows.add(List.copyOf(row));
      row.clear();
      if (!cursor.takeCommand("newline") && !cursor.peek().isCommand("end")) {
        throw new MathsCursor.NoFormula();
      }
    }
    boolean even = rows.stream().allMatch(r -> r.size() == rows.getFirst().size());
    if (!cursor.environment().equals(name) || !name.endsWith("matrix") || rows.isEmpty() || !even) {
      throw new MathsCursor.NoFormula();
    }
    return new Maths.Matrix(rows);
  }
}
