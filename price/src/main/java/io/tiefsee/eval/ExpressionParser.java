package io.tiefsee.eval;

import java.math.BigInteger;
import java.util.Optional;

/**
 * Reads expressions that anybody may have written: numbers, {@code + − × ÷} in the signs in use,
 * round brackets, and a sign at the start of a sum. Not read: powers, products without a sign,
 * functions, letters (but {@code 3 x 7}, spaced, is a product). Length, depth, digits and the count
 * of numbers are bounded, so that neither the stack nor the time nor the memory can be used up.
 */
final class ExpressionParser {
  static final int MAX_LENGTH = 1000;
  private static final int MAX_DEPTH = 40;
  private static final int MAX_NUMBERS = 100;
  private static final int MAX_DIGITS = 30;
  private static final String GROUP_MARKS = "'’\u2009\u202f";

  private final String text;
  private int at;
  private int numbers;

  private ExpressionParser(String text) {
    this.text = text;
  }

  /** The expression; empty if the text is not one, in whole. Never throws. */
  static Optional<Expression> parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    ExpressionParser parser = new ExpressionParser(text);
    try {
      Expression expression = parser.sum(0);
      parser.skipSpaces();
      return parser.at == text.length() ? Optional.of(expression) : Optional.empty();
    } catch (NotAnExpression e) {
      return Optional.empty();
    }
  }

  /** Leaves the parser; carries nothing, since the caller needs to know no more. */
  private static final class NotAnExpression extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotAnExpression() {
      super(null, null, false, false);
    }
  }

  private Expression sum(int depth) {
    if (depth > MAX_DEPTH) {
      throw new NotAnExpression();
    }
    boolean negative = takeSign();
    Expression sum = product(depth);
    if (negative) {
      sum = new Expression.Negated(sum);
    }
    for (; ; ) {
      Optional<Operator> operator = operator();
      if (operator.isEmpty()) {
        return sum;
      }
      at++;
      sum = Expression.of(sum, operator.get(), product(depth));
    }
  }

  /** A sign before the first summand; true if it is a minus. */
  private boolean takeSign() {
    Operator sign = operator().orElse(Operator.TIMES);
    if (sign.isProduct()) {
      return false;
    }
    at++;
    return sign == Operator.MINUS;
  }

  private Expression product(int depth) {
    Expression product = factor(depth);
    for (; ; ) {
      Operator operator = operator().orElse(Operator.PLUS);
      if (!operator.isProduct()) {
        return product;
      }
      at++;
      product = Expression.of(product, operator, factor(depth));
    }
  }

  private Expression factor(int depth) {
    skipSpaces();
    if (peek() != '(') {
      return number();
    }
    at++;
    Expression inner = sum(depth + 1);
    skipSpaces();
    if (peek() != ')') {
      throw new NotAnExpression();
    }
    at++;
    return inner;
  }

  /** Digits, in groups of three or not, with decimals or not. */
  private Expression number() {
    StringBuilder digits = new StringBuilder();
    takeDigits(digits);
    int whole = digits.length();
    if (whole >= 1 && whole <= 3) {
      takeGroups(digits);
    }
    int scale = 0;
    if (peek() == '.') {
      at++;
      int before = digits.length();
      takeDigits(digits);
      scale = digits.length() - before;
      if (scale == 0) {
        throw new NotAnExpression();
      }
    }
    if (digits.isEmpty() || digits.length() > MAX_DIGITS || ++numbers > MAX_NUMBERS) {
      throw new NotAnExpression();
    }
    return new Expression.Number(
        new Rational(new BigInteger(digits.toString()), BigInteger.TEN.pow(scale)));
  }

  private void takeDigits(StringBuilder into) {
    while (isDigit(peek())) {
      into.append(peek());
      at++;
    }
  }

  /** {@code ,234,567} after the first digits; the mark must stay the same. */
  private void takeGroups(StringBuilder into) {
    char mark = peek();
    if (mark != ',' && GROUP_MARKS.indexOf(mark) < 0) {
      return;
    }
    while (peek() == mark
        && isDigit(peek(1))
        && isDigit(peek(2))
        && isDigit(peek(3))
        && !isDigit(peek(4))) {
      into.append(text, at + 1, at + 4);
      at += 4;
    }
  }

  private Optional<Operator> operator() {
    skipSpaces();
    return Optional.ofNullable(
        switch (peek()) {
          case '+', '＋' -> Operator.PLUS;
          case '-', '−', '–', '‐', '‑', '﹣', '－' -> Operator.MINUS;
          case '*', '×', '·', '⋅', '∙', '∗', '✕', '✖' -> Operator.TIMES;
          case 'x', 'X' -> at > 0 && text.charAt(at - 1) == ' ' ? Operator.TIMES : null;
          case '/', '÷', '∕', '⁄' -> Operator.DIVIDE;
          default -> null;
        });
  }

  private void skipSpaces() {
    while (at < text.length() && (peek() == ' ' || Character.isSpaceChar(peek()))) {
      at++;
    }
  }

  /** The next character, 0 at the end. */
  private char peek() {
    return peek(0);
  }

  private char peek(int ahead) {
    return at + ahead < text.length() ? text.charAt(at + ahead) : 0;
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
