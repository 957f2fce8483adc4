package io.tiefsee.eval;

import io.tiefsee.eval.Expression.Negated;
import io.tiefsee.eval.Expression.Operation;
import io.tiefsee.eval.Verifier.Reading;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How each kind of answer is read. */
final class Readers {
  private static final int MAX_SIDES = 10;
  static final Reading RIGHT = new Reading.Right();

  private Readers() {}

  /** A side of a chain of equations, with its value. */
  private record Side(Expression expression, Rational value) {}

  static Reading exact(Check.Exact check, String text) {
    List<String> sides = new ArrayList<>(AnswerText.sides(text));
    if (sides.size() > 1 && AnswerText.isName(sides.getFirst())) {
      sides.removeFirst();
    } else if (sides.size() > 1 && AnswerText.isName(sides.getLast())) {
      sides.removeLast();
    }
    Optional<List<Side>> read = read(sides);
    if (read.isEmpty()) {
      return new Reading.Unreadable("'%s' is not a number".formatted(quote(text)));
    }
    Side last = read.get().getLast();
    if (!isWorkedOut(last)) {
      return new Reading.Wrong("'%s' is not worked out".formatted(quote(text)));
    }
    if (!last.value().equals(check.value())) {
      return new Reading.Wrong("it is not " + quote(last.value().toString()));
    }
    return allEqual(read.get()) ? RIGHT : new Reading.Wrong("the two sides are not equal");
  }

  static Reading makes(Check.Makes check, String text) {
    Optional<List<Side>> read = read(AnswerText.sides(text));
    if (read.isEmpty()
        || read.get().stream().noneMatch(side -> side.expression() instanceof Operation)) {
      return new Reading.Other("'%s' is not an expression".formatted(quote(text)));
    }
    List<Rational> given = check.numbers().stream().map(Rational::of).sorted().toList();
    boolean uses =
        read.get().stream()
            .anyMatch(side -> side.expression().numbers().stream().sorted().toList().equals(given));
    if (!uses) {
      return new Reading.Wrong("it does not use each of the numbers exactly once");
    }
    if (!allEqual(read.get())) {
      return new Reading.Wrong("the two sides are not equal");
    }
    Rational value = read.get().getFirst().value();
    return value.equals(Rational.of(check.target()))
        ? RIGHT
        : new Reading.Wrong(
            "it makes %s, not %d".formatted(quote(value.toString()), check.target()));
  }

  static Reading choice(Check.Choice check, String text) {
    Optional<List<Side>> read = read(AnswerText.sides(text));
    if (read.isEmpty()) {
      return new Reading.Unreadable("'%s' is none of the options".formatted(quote(text)));
    }
    Expression right = check.options().get(check.right());
    Rational value = right.evaluate().orElseThrow();
    for (Side side : read.get()) {
      if (!side.value().equals(value)) {
        return new Reading.Wrong("it is not " + quote(right.print(Notation.ASCII)));
      }
      if (!isWorkedOut(side) && !side.expression().canonical().equals(right.canonical())) {
        return new Reading.Wrong("'%s' is none of the options".formatted(quote(text)));
      }
    }
    return RIGHT;
  }

  /** All sides, or nothing if one of them is no expression or has no value. */
  private static Optional<List<Side>> read(List<String> sides) {
    List<Side> read = new ArrayList<>();
    if (sides.size() > MAX_SIDES) {
      return Optional.empty();
    }
    for (String side : sides) {
      Optional<Expression> expression = ExpressionParser.parse(side);
      Optional<Rational> value = expression.flatMap(Expression::evaluate);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      read.add(new Side(expression.get(), value.get()));
    }
    return Optional.of(read);
  }

  /** The value of a number or an expression, or of the last side of an equation. */
  static Optional<Rational> value(String text) {
    return ExpressionParser.parse(AnswerText.sides(text).getLast()).flatMap(Expression::evaluate);
  }

  private static boolean allEqual(List<Side> sides) {
    return sides.stream().allMatch(side -> side.value().equals(sides.getFirst().value()));
  }

  /** A number that is worked out. */
  static Optional<Rational> number(String text) {
    return read(List.of(text)).map(List::getFirst).filter(Readers::isWorkedOut).map(Side::value);
  }

  /** A number, or a fraction of two whole numbers in lowest terms; signs anywhere. */
  private static boolean isWorkedOut(Side side) {
    Expression expression = unsigned(side.expression());
    if (!(expression instanceof Operation(Operator o, Expression left, Expression right))) {
      return expression instanceof Expression.Number;
    }
    return o == Operator.DIVIDE
        && isWhole(unsigned(left), side.value().numerator().abs())
        && isWhole(unsigned(right), side.value().denominator());
  }

  private static Expression unsigned(Expression expression) {
    return expression instanceof Negated(Expression operand) ? unsigned(operand) : expression;
  }

  private static boolean isWhole(Expression expression, BigInteger value) {
    return expression instanceof Expression.Number(Rational number)
        && number.equals(new Rational(value, BigInteger.ONE));
  }

  static String quote(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "…";
  }
}
