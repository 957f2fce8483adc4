package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A tree of numbers, the four operations, signs and, in equations, an unknown. */
public sealed interface Expression {
  /** A number as it stands in the text; not negative if it was parsed. */
  record Number(Rational value) implements Expression {}

  /** The unknown of an equation. */
  record Unknown(String name) implements Expression {}

  /** A leading minus sign. */
  record Negated(Expression operand) implements Expression {}

  /** Two operands and what is done with them. */
  record Operation(Operator operator, Expression left, Expression right) implements Expression {}

  /** A whole number. */
  static Expression of(long value) {
    return new Number(Rational.of(value));
  }

  /** {@code left operator right}. */
  static Expression of(Expression left, Operator operator, Expression right) {
    return new Operation(operator, left, right);
  }

  /** The exact value; empty if the expression divides by zero or has an unknown. */
  default Optional<Rational> evaluate() {
    return switch (this) {
      case Number number -> Optional.of(number.value());
      case Unknown unknown -> Optional.empty();
      case Negated negated -> negated.operand().evaluate().map(Rational::negate);
      case Operation operation -> {
        Optional<Rational> left = operation.left().evaluate();
        Optional<Rational> right = operation.right().evaluate();
        yield left.isEmpty()
                || right.isEmpty()
                || (operation.operator() == Operator.DIVIDE && right.get().isZero())
            ? Optional.empty()
            : Optional.of(operation.operator().apply(left.get(), right.get()));
      }
    };
  }

  /** The numbers it uses, from left to right. */
  default List<Rational> numbers() {
    List<Rational> numbers = new ArrayList<>();
    collect(this, numbers);
    return numbers;
  }

  private static void collect(Expression expression, List<Rational> into) {
    switch (expression) {
      case Number number -> into.add(number.value());
      case Unknown unknown -> {}
      case Negated negated -> collect(negated.operand(), into);
      case Operation operation -> {
        collect(operation.left(), into);
        collect(operation.right(), into);
      }
    }
  }

  /**
   * Whether the result of each step, in whatever order they are done, is whole and not negative.
   */
  default boolean staysWhole() {
    return switch (this) {
      case Number number -> number.value().isWhole() && number.value().signum() >= 0;
      case Unknown unknown -> false;
      case Negated negated -> false;
      case Operation operation ->
          operation.left().staysWhole()
              && operation.right().staysWhole()
              && evaluate().filter(v -> v.isWhole() && v.signum() >= 0).isPresent();
    };
  }

  /**
   * With no more brackets than needed to read the same tree again. A product of a number and
   * something with an unknown is written without a sign: {@code 3x}, {@code 2(x + 3)}.
   */
  default String print(Notation notation) {
    return Printer.print(this, notation);
  }

  /**
   * The same text for expressions that differ only in the order of summands and factors and in the
   * brackets among them: {@code (a + b) − c}, {@code a + (b − c)} and {@code b − (c − a)} are one.
   */
  default String canonical() {
    return Canonical.of(this);
  }
}
