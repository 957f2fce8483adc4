package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads GBNF, llama.cpp's notation of grammars: {@code root ::= "yes" | "no" reason}, with strings
 * in double quotes, classes {@code [a-z] [^"\n]}, {@code .} for any character, brackets, {@code * +
 * ? {m} {m,} {m,n}}, and comments from {@code #} on. A rule ends where a line does, unless a
 * bracket is open or the line ends in {@code ::=} or {@code |}; the rule {@code root} comes first
 * in an answer.
 */
public final class Gbnf {
  private static final int MAX_DEPTH = 200;

  private final String source;
  private final Map<String, Expr> rules = new LinkedHashMap<>();
  private int at;
  private int depth;

  private Gbnf(String source) {
    this.source = source;
  }

  /**
   * Reads a grammar.
   *
   * @throws BadInput if it is none; says the line and column
   */
  public static Grammar parse(String source) {
    Gbnf reader = new Gbnf(source);
    reader.skip(true);
    while (reader.at < source.length()) {
      reader.rule();
    }
    return Grammar.of("root", reader.rules);
  }

  private void rule() {
    String name = name();
    skip(false);
    if (!source.startsWith("::=", at)) {
      throw error("expected ::= after rule name '" + name + "'");
    }
    at += 3;
    skip(true);
    Expr body = alternatives(false);
    if (rules.putIfAbsent(name, body) != null) {
      throw error("rule '" + name + "' stands there twice");
    }
    skip(true);
  }

  private static boolean nameCharacter(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '_';
  }

  private String name() {
    int from = at;
    while (at < source.length() && nameCharacter(source.charAt(at))) {
      at++;
    }
    if (at == from) {
      throw error("expected the name of a rule");
    }
    return source.substring(from, at);
  }

  private Expr alternatives(boolean nested) {
    if (++depth > MAX_DEPTH) {
      throw error("more than " + MAX_DEPTH + " nested brackets");
    }
    List<Expr> options = new ArrayList<>();
    options.add(sequence(nested));
    while (peek() == '|') {
      at++;
      skip(true);
      options.add(sequence(nested));
    }
    depth--;
    return options.size() == 1 ? options.getFirst() : new Expr.Alt(options);
  }

  private Expr sequence(boolean nested) {
    List<Expr> parts = new ArrayList<>();
    while (true) {
      char c = peek();
      Expr part;
      if (c == '"') {
        part = string();
      } else if (c == '[') {
        part = characters();
      } else if (c == '.') {
        at++;
        part = Expr.range(0, Character.MAX_CODE_POINT);
      } else if (c == '(') {
        at++;
        skip(true);
        part = alternatives(true);
        if (peek() != ')') {
          throw error("expected )");
        }
        at++;
      } else if (nameCharacter(c)) {
        part = new Expr.Ref(name());
      } else {
        return parts.size() == 1 ? parts.getFirst() : new Expr.Seq(parts);
      }
      skip(nested);
      parts.add(repeated(part, nested));
    }
  }

  private Expr repeated(Expr body, boolean nested) {
    Expr result = body;
    while (true) {
      char c = peek();
      if (c == '*' || c == '+' || c == '?') {
        at++;
        result = new Expr.Repeat(result, c == '+' ? 1 : 0, c == '?' ? 1 : Expr.UNBOUNDED);
      } else if (c == '{') {
        at++;
        result = bounds(result);
      } else {
        return result;
      }
      skip(nested);
    }
  }

  private Expr bounds(Expr body) {
    skip(true);
    int min = number();
    int max = min;
    skip(true);
    if (peek() == ',') {
      at++;
      skip(true);
      max = peek() == '}' ? Expr.UNBOUNDED : number();
      skip(true);
    }
    if (peek() != '}') {
      throw error("expected }");
    }
    if (max != Expr.UNBOUNDED && max < min) {
      throw error("a repetition of at least " + min + ", but at most " + max);
    }
    at++;
    return new Expr.Repeat(body, min, max);
  }

  private int number() {
    int from = at;
    while (at < source.length() && source.charAt(at) >= '0' && source.charAt(at) <= '9') {
      at++;
    }
    if (at == from || at - from > 5) {
      throw error("expected a number up to 99999");
    }
    return Integer.parseInt(source, from, at, 10);
  }

  private Expr string() {
    at++;
    StringBuilder text = new StringBuilder();
    while (peekRaw('"') != '"') {
      text.appendCodePoint(character());
    }
    at++;
    return Expr.text(text.toString());
  }

  private Expr characters() {
    at++;
    boolean not = peekRaw(']') == '^';
    at += not ? 1 : 0;
    List<Expr.Range> ranges = new ArrayList<>();
    while (peekRaw(']') != ']') {
      int first = character();
      int last = first;
      if (source.startsWith("-", at) && !source.startsWith("-]", at)) {
        at++;
        last = character();
      }
      if (last < first) {
        throw error("a range of characters that ends before it begins");
      }
      ranges.add(new Expr.Range(first, last));
    }
    at++;
    Expr.Chars set = Expr.chars(ranges);
    return not ? Expr.not(set) : set;
  }

  /** One character, perhaps written with a backslash. */
  private int character() {
    int c = source.codePointAt(at);
    at += Character.charCount(c);
    if (c != '\\') {
      return c;
    }
    char e = peekRaw('\\');
    at++;
    return switch (e) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      case 'U' -> hex(8);
      case '"', '\\', '[', ']', '-', '^' -> e;
      default -> throw error("unknown escape \\" + e);
    };
  }

  private int hex(int digits) {
    int end = at + digits;
    try {
      int value = Integer.parseUnsignedInt(source, at, end, 16);
      if (value < 0 || value > Character.MAX_CODE_POINT) {
        throw error("no such character");
      }
      at = end;
      return value;
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw error("expected " + digits + " hexadecimal digits");
    }
  }

  private char peekRaw(char closing) {
    if (at >= source.length()) {
      throw error("the text ends before the closing " + closing);
    }
    return source.charAt(at);
  }

  private char peek() {
    return at < source.length() ? source.charAt(at) : 0;
  }

  /** Skips blanks and comments, and ends of lines where a rule cannot end. */
  private void skip(boolean lines) {
    while (at < source.length()) {
      char c = source.charAt(at);
      if (c == '#') {
        int end = source.indexOf('\n', at);
        at = end < 0 ? source.length() : end;
      } else if (c == ' ' || c == '\t' || lines && (c == '\n' || c == '\r')) {
        at++;
      } else {
        return;
      }
    }
  }

  private BadInput error(String what) {
    int line =
        1
            + (int)
                source
                    .substring(0, Math.min(at, source.length()))
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
    int column =
        Math.min(at, source.length()) - source.lastIndexOf('\n', Math.min(at, source.length()) - 1);
    return new BadInput("grammar, line " + line + ", column " + column + ": " + what);
  }
}
