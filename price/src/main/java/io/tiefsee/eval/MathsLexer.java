package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Cuts a formula into numbers, letters, commands and signs. */
final class MathsLexer {
  private static final int MAX_TOKENS = 600;

  /** Words that mean the same as the command of their name. */
  private static final Set<String> WORDS =
      Set.of(
          "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh",
          "tanh", "log", "ln", "exp", "abs", "sqrt", "pi", "infty", "and", "or", "in");

  /** Commands whose argument is words. */
  private static final Set<String> TEXTS =
      Set.of("text", "mathrm", "textrm", "mbox", "textbf", "mathbf", "textit", "operatorname");

  private static final Set<String> INFINITY = Set.of("infinity", "inf", "oo");

  enum Kind {
    NUMBER,
    LETTER,
    COMMAND,
    SIGN,
    WORDS,
    END
  }

  /**
   * @param text a command's name without the backslash
   * @param spaced whether a space stands before it
   */
  record Token(Kind kind, String text, boolean spaced) {
    boolean is(String sign) {
      return kind == Kind.SIGN && text.equals(sign);
    }

    boolean isCommand(String name) {
      return kind == Kind.COMMAND && text.equals(name);
    }
  }

  private final String text;
  private final boolean grouped;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int depth;
  private boolean spaced;

  private MathsLexer(String text, boolean grouped) {
    this.text = text;
    this.grouped = grouped;
  }

  static boolean isKnownWord(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    return WORDS.contains(lower) || INFINITY.contains(lower);
  }

  /**
   * The tokens, the last of kind END.
   *
   * @param grouped whether {@code 1,234} outside brackets is one number; within brackets it is two
   * @return empty if there are signs of no formula in it, or too many
   */
  static Optional<List<Token>> read(String text, boolean grouped) {
    return new MathsLexer(text, grouped).read();
  }

  private Optional<List<Token>> read() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ') {
        spaced = true;
        at++;
        continue;
      }
      boolean known =
          isDigit(c) || (c == '.' && isDigit(peek(1)))
              ? number()
              : c == '\\' ? command() : isLetter(c) ? letters() : sign(c);
      if (!known || tokens.size() > MAX_TOKENS) {
        return Optional.empty();
      }
      spaced = false;
    }
    add(Kind.END, "");
    return Optional.of(tokens);
  }

  private boolean add(Kind kind, String of) {
    tokens.add(new Token(kind, of, spaced));
    return true;
  }

  /** {@code 12}, {@code 1,234.5}, {@code .5}, {@code 1.5e-3}. */
  private boolean number() {
    StringBuilder number = new StringBuilder();
    digits(number);
    int whole = number.length();
    if (grouped && depth == 0 && whole <= 3) {
      while (peek(0) == ','
          && isDigit(peek(1))
          && isDigit(peek(2))
          && isDigit(peek(3))
          && !isDigit(peek(4))) {
        number.append(text, at + 1, at + 4);
        at += 4;
      }
    }
    if (peek(0) == '.' && (isDigit(peek(1)) || number.length() > 0)) {
      number.append('.');
      at++;
      digits(number);
    }
    int sign = peek(1) == '-' || peek(1) == '+' ? 1 : 0;
    if ((peek(0) == 'e' || peek(0) == 'E')
        && isDigit(peek(1 + sign))
        && !isLetter(text.charAt(Math.min(at + 2 + sign, text.length() - 1)))) {
      number.append('e').append(sign == 1 ? peek(1) : '+');
      at += 1 + sign;
      digits(number);
    }
    return add(Kind.NUMBER, number.toString());
  }

  private void digits(StringBuilder into) {
    while (isDigit(peek(0))) {
      into.append(peek(0));
      at++;
    }
  }

  private boolean command() {
    at++;
    int start = at;
    while (isLetter(peek(0))) {
      at++;
    }
    if (at == start) {
      char c = peek(0);
      at++;
      // The brackets of sets.
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      return "{}".indexOf(c) >= 0 && add(Kind.COMMAND, String.valueOf(c));
    }
    String name = text.substring(start, at);
    if (TEXTS.contains(name)) {
      while (peek(0) == ' ') {
        at++;
      }
      Optional<String> inner = peek(0) == '{' ? Latex.group(text, at) : Optional.empty();
      if (inner.isEmpty()) {
        return false;
      }
      at += inner.get().length() + 2;
      String words = inner.get().strip().toLowerCase(Locale.ROOT);
      return isKnownWord(words) ? word(words) : add(Kind.WORDS, words);
    }
    return word(name);
  }

  private boolean word(String name) {
    return add(Kind.COMMAND, INFINITY.contains(name) ? "infty" : name);
  }

  /** A known word, or single letters. */
  private boolean letters() {
    int end = at;
    while (end < text.length() && isLetter(text.charAt(end))) {
      end++;
    }
    String run = text.substring(at, end);
    if (isKnownWord(run)) {
      at = end;
      return word(run.toLowerCase(Locale.ROOT));
    }
    for (String function : List.of("sqrt", "pi")) {
      if (run.startsWith(function)) {
        at += function.length();
        return word(function);
      }
    }
    return add(Kind.LETTER, text.substring(at, ++at));
  }

  private boolean sign(char c) {
    if ("+-*/^_=<>()[]{},;:|!%&'".indexOf(c) < 0) {
      return false;
    }
    depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
    at++;
    boolean orEqual = (c == '<' || c == '>') && peek(0) == '=';
    if (orEqual) {
      at++;
      return add(Kind.COMMAND, c == '<' ? "le" : "ge");
    }
    return add(Kind.SIGN, String.valueOf(c));
  }

  private char peek(int ahead) {
    return at + ahead < text.length() ? text.charAt(at + ahead) : 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
