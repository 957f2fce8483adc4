package io.tiefsee.text;

import io.tiefsee.text.JinjaLexer.Kind;
import io.tiefsee.text.JinjaLexer.Token;
import io.tiefsee.text.JinjaNode.Arguments;
import io.tiefsee.text.JinjaNode.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The expressions of a template: recursive descent with Jinja2's grammar and precedences. {@link
 * JinjaParser} does the statements.
 *
 * <p>Filters and tests that do not exist are an error here, except inside of {@code if} (a template
 * may ask first), where they fail when they run.
 */
final class JinjaExpressions extends JinjaTokens {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  /** Filters and tests that do not exist and stand outside of any condition. */
  private final List<JinjaException> unknown = new ArrayList<>();

  /** Whether unknown filters and tests are left to run time. */
  boolean lenient;

  JinjaExpressions(List<Token> tokens) {
    super(tokens);
  }

  Expr expression() {
    enter();
    int known = unknown.size();
    Expr then = or();
    while (atName("if")) {
      int line = take().line();
      Expr test = or();
      Optional<Expr> otherwise = skipName("else") ? Optional.of(expression()) : Optional.empty();
      then = new JinjaNode.Conditional(test, then, otherwise, line);
      unknown.subList(known, unknown.size()).clear();
    }
    leave();
    return then;
  }

  /** Fails if the template uses a filter or test that does not exist and does not ask for it. */
  void checkKnown() {
    if (!unknown.isEmpty()) {
      throw unknown.getFirst();
    }
  }

  /** A tuple or a single expression, as in {@code {{ a, b }}}. */
  Expr tuple(boolean conditional, boolean parentheses) {
    List<Expr> items = new ArrayList<>();
    boolean comma = false;
    while (!atTupleEnd()) {
      items.add(conditional ? expression() : or());
      if (!skipOperator(",")) {
        break;
      }
      comma = true;
    }
    if (comma || (items.isEmpty() && parentheses)) {
      return new JinjaNode.TupleOf(items);
    }
    if (items.isEmpty()) {
      throw fail("expected an expression, got " + PyStr.repr(peek().describe()));
    }
    return items.getFirst();
  }

  private Expr or() {
    Expr left = and();
    while (skipName("or")) {
      left = new JinjaNode.Or(left, and());
    }
    return left;
  }

  private Expr and() {
    Expr left = not();
    while (skipName("and")) {
      left = new JinjaNode.And(left, not());
    }
    return left;
  }

  private Expr not() {
    if (!skipName("not")) {
      return compare();
    }
    enter();
    Expr negated = new JinjaNode.Not(not());
    leave();
    return negated;
  }

  private Expr compare() {
    Expr first = sum();
    List<JinjaNode.Operand> operands = new ArrayList<>();
    while (true) {
      if (at(Kind.OPERATOR) && COMPARISONS.contains(peek().text())) {
        String operator = take().text();
        operands.add(new JinjaNode.Operand(operator, sum()));
      } else if (skipName("in")) {
        operands.add(new JinjaNode.Operand("in", sum()));
      } else if (atName("not") && peekSecond().is(Kind.NAME, "in")) {
        take();
        take();
        operands.add(new JinjaNode.Operand("not in", sum()));
      } else {
        return operands.isEmpty() ? first : new JinjaNode.Compare(first, operands);
      }
    }
  }

  private Expr sum() {
    Expr left = concat();
    while (atOperator("+") || atOperator("-")) {
      String operator = take().text();
      left = new JinjaNode.Binary(operator, left, concat());
    }
    return left;
  }

  private Expr concat() {
    Expr first = product();
    if (!atOperator("~")) {
      return first;
    }
    List<Expr> parts = new ArrayList<>(List.of(first));
    while (skipOperator("~")) {
      parts.add(product());
    }
    return new JinjaNode.Concat(parts);
  }

  private Expr product() {
    Expr left = power();
    while (atOperator("*") || atOperator("/") || atOperator("//") || atOperator("%")) {
      String operator = take().text();
      left = new JinjaNode.Binary(operator, left, power());
    }
    return left;
  }

  private Expr power() {
    Expr left = unary(true);
    while (skipOperator("**")) {
      left = new JinjaNode.Binary("**", left, unary(true));
    }
    return left;
  }

  private Expr unary(boolean filters) {
    enter();
    Expr e;
    if (atOperator("-") || atOperator("+")) {
      e = new JinjaNode.Unary(take().text(), unary(false));
    } else {
      e = primary();
    }
    e = postfix(e);
    if (filters) {
      e = filtersAndTests(e);
    }
    leave();
    return e;
  }

  private Expr primary() {
    Token token = peek();
    switch (token.kind()) {
      case NAME -> {
        take();
        return name(token);
      }
      case NUMBER -> {
        take();
        return new JinjaNode.Const(token.value());
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (at(Kind.STRING)) {
          text.append(take().value());
        }
        return new JinjaNode.Const(text.toString());
      }
      default -> {
        if (skipOperator("(")) {
          Expr inner = tuple(true, true);
          expectOperator(")");
          return inner;
        }
        if (skipOperator("[")) {
          return new JinjaNode.ListOf(items());
        }
        if (skipOperator("{")) {
          return dict();
        }
        throw fail("unexpected " + PyStr.repr(token.describe()));
      }
    }
  }

  private Expr name(Token token) {
    String name = token.text();
    mention(name);
    return switch (name) {
      case "true", "True" -> new JinjaNode.Const(true);
      case "false", "False" -> new JinjaNode.Const(false);
      case "none", "None" -> new JinjaNode.Const(Py.NONE);
      default -> new JinjaNode.Name(name);
    };
  }

  private List<Expr> items() {
    List<Expr> items = new ArrayList<>();
    while (!skipOperator("]")) {
      if (!items.isEmpty()) {
        expectOperator(",");
        if (skipOperator("]")) {
          break;
        }
      }
      items.add(expression());
    }
    return items;
  }

  private Expr dict() {
    List<JinjaNode.Pair> items = new ArrayList<>();
    while (!skipOperator("}")) {
      if (!items.isEmpty()) {
        expectOperator(",");
        if (skipOperator("}")) {
          break;
        }
      }
      Expr key = expression();
      expectOperator(":");
      items.add(new JinjaNode.Pair(key, expression()));
    }
    return new JinjaNode.DictOf(items);
  }

  private Expr postfix(Expr e) {
    Expr result = e;
    while (true) {
      int line = peek().line();
      if (skipOperator(".")) {
        Token token = take();
        if (token.kind() == Kind.NAME) {
          result = new JinjaNode.Attribute(result, token.text(), line);
        } else if (token.kind() == Kind.NUMBER && PyNumbers.isInt(token.value())) {
          result = new JinjaNode.Item(result, new JinjaNode.Const(token.value()), line);
        } else {
          throw new JinjaException("expected a name or number after '.'", token.line());
        }
      } else if (skipOperator("[")) {
        result = new JinjaNode.Item(result, subscript(), line);
      } else if (atOperator("(")) {
        result = new JinjaNode.Call(result, arguments(), line);
      } else {
        return result;
      }
    }
  }

  private Expr filtersAndTests(Expr e) {
    Expr result = e;
    while (true) {
      int line = peek().line();
      if (atOperator("|")) {
        result = filter(Optional.of(result), true);
      } else if (skipName("is")) {
        result = test(result, line);
      } else if (atOperator("(")) {
        result = new JinjaNode.Call(result, arguments(), line);
      } else {
        return result;
      }
    }
  }

  private Expr subscript() {
    List<Expr> items = new ArrayList<>();
    while (!skipOperator("]")) {
      if (!items.isEmpty()) {
        expectOperator(",");
      }
      items.add(sliceOrIndex());
    }
    return items.size() == 1 ? items.getFirst() : new JinjaNode.TupleOf(items);
  }

  private Expr sliceOrIndex() {
    Optional<Expr> start = Optional.empty();
    if (!atOperator(":")) {
      Expr index = expression();
      if (!atOperator(":")) {
        return index;
      }
      start = Optional.of(index);
    }
    expectOperator(":");
    Optional<Expr> stop = atSliceEnd() ? Optional.empty() : Optional.of(expression());
    Optional<Expr> step = Optional.empty();
    if (skipOperator(":") && !atSliceEnd()) {
      step = Optional.of(expression());
    }
    return new JinjaNode.Slice(start, stop, step);
  }

  private boolean atSliceEnd() {
    return atOperator(":") || atOperator("]") || atOperator(",");
  }

  private Arguments arguments() {
    expectOperator("(");
    List<Expr> positional = new ArrayList<>();
    List<JinjaNode.Keyword> named = new ArrayList<>();
    Optional<Expr> star = Optional.empty();
    Optional<Expr> starStar = Optional.empty();
    boolean first = true;
    while (!skipOperator(")")) {
      if (!first) {
        expectOperator(",");
        if (skipOperator(")")) {
          break;
        }
      }
      first = false;
      if (skipOperator("*")) {
        ensureOrder(star.isEmpty() && starStar.isEmpty());
        star = Optional.of(expression());
      } else if (skipOperator("**")) {
        ensureOrder(starStar.isEmpty());
        starStar = Optional.of(expression());
      } else if (at(Kind.NAME) && peekSecond().is(Kind.OPERATOR, "=")) {
        ensureOrder(starStar.isEmpty());
        String name = take().text();
        take();
        for (JinjaNode.Keyword known : named) {
          ensureOrder(!known.name().equals(name));
        }
        named.add(new JinjaNode.Keyword(name, expression()));
      } else {
        ensureOrder(star.isEmpty() && starStar.isEmpty() && named.isEmpty());
        positional.add(expression());
      }
    }
    return new Arguments(positional, named, star, starStar);
  }

  /** One filter; {@code pipe} says whether its {@code |} is still to come. */
  JinjaNode.Filter filter(Optional<Expr> input, boolean pipe) {
    if (pipe) {
      expectOperator("|");
    }
    int line = peek().line();
    String name = dottedName();
    if (!lenient && !JinjaFilters.exists(name)) {
      unknown.add(new JinjaException("no filter named '" + name + "'", line));
    }
    Arguments arguments = atOperator("(") ? arguments() : Arguments.EMPTY;
    return new JinjaNode.Filter(input, name, arguments, line);
  }

  private Expr test(Expr input, int line) {
    boolean negated = skipName("not");
    String name = dottedName();
    if (!lenient && !JinjaTests.exists(name)) {
      unknown.add(new JinjaException("no test named '" + name + "'", line));
    }
    Arguments arguments = Arguments.EMPTY;
    if (atOperator("(")) {
      arguments = arguments();
    } else if (startsTestArgument()) {
      if (atName("is")) {
        throw fail("tests cannot be chained with 'is'");
      }
      Expr argument = postfix(primary());
      arguments = new Arguments(List.of(argument), List.of(), Optional.empty(), Optional.empty());
    }
    Expr test = new JinjaNode.Test(input, name, arguments, line);
    return negated ? new JinjaNode.Not(test) : test;
  }

  private boolean startsTestArgument() {
    return switch (peek().kind()) {
      case STRING, NUMBER -> true;
      case NAME -> !atName("else") && !atName("or") && !atName("and");
      case OPERATOR -> atOperator("[") || atOperator("{");
      default -> false;
    };
  }
}
