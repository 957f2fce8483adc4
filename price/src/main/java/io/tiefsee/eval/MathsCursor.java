package io.tiefsee.eval;

import io.tiefsee.eval.MathsLexer.Kind;
import io.tiefsee.eval.MathsLexer.Token;
import java.util.ArrayList;
import java.util.List;

/** Where {@link MathsParser} stands in its tokens, and how deep. */
final class MathsCursor {
  private static final int MAX_DEPTH = 60;

  private final List<Token> tokens;
  private int at;
  private int depth;

  MathsCursor(List<Token> tokens) {
    this.tokens = new ArrayList<>(tokens);
  }

  /** Leaves the parser; carries nothing, since the caller needs to know no more. */
  static final class NoFormula extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoFormula() {
      super(null, null, false, false);
    }
  }

  /** One level deeper, but not too deep for the stack. */
  void enter() {
    if (++depth > MAX_DEPTH) {
      throw new NoFormula();
    }
  }

  void leave() {
    depth--;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token previous() {
    return tokens.get(at - 1);
  }

  /** Takes a token; the last one stays. */
  Token next() {
    Token token = tokens.get(at);
    at += token.kind() == Kind.END ? 0 : 1;
    return token;
  }

  /** The first digit of a number, as in {@code \frac12}; the rest stays. */
  String takeDigit() {
    String digits = peek().text();
    tokens.set(at, new Token(Kind.NUMBER, digits.substring(1), false));
    return digits.substring(0, 1);
  }

  void expect(String sign) {
    if (!takeSign(sign)) {
      throw new NoFormula();
    }
  }

  boolean takeSign(String sign) {
    return take(peek().is(sign));
  }

  boolean takeCommand(String name) {
    return take(peek().isCommand(name));
  }

  private boolean take(boolean is) {
    at += is ? 1 : 0;
    return is;
  }

  /** Takes {@code x :} or {@code x |} at the beginning of a set that a condition describes. */
  boolean takeDescribed() {
    Token bar = tokens.get(Math.min(at + 1, tokens.size() - 1));
    boolean described =
        peek().kind() == Kind.LETTER && (bar.is(":") || bar.is("|") || bar.isCommand("mid"));
    at += described ? 2 : 0;
    return described;
  }

  /** The name in braces after {@code \begin} or {@code \end}; also the columns of an array. */
  String environment() {
    StringBuilder name = new StringBuilder();
    expect("{");
    while (peek().kind() == Kind.LETTER || peek().is("|")) {
      name.append(next().text());
    }
    expect("}");
    return name.toString();
  }
}
