package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.List;

/**
 * JSON Schema's {@code pattern}: a regular expression (ECMA-262, the part without look-around and
 * back references) as the content of a JSON string.
 */
final class PatternReader {
  private static final int MAX_DEPTH = 100;
  private static final int MAX_COUNT = 1000;

  /** All but the ends of lines of any dialect. */
  private static final Expr.Chars ANY =
      Expr.not(
          Expr.chars(
              List.of(
                  new Expr.Range('\n', '\n'),
                  new Expr.Range('\r', '\r'),
                  new Expr.Range(0x85, 0x85),
                  new Expr.Range(0x2028, 0x2029))));

  private static final Expr.Chars DIGITS = Expr.chars(List.of(new Expr.Range('0', '9')));
  private static final Expr.Chars WORD =
      Expr.chars(
          List.of(
              new Expr.Range('0', '9'),
              new Expr.Range('A', 'Z'),
              new Expr.Range('_', '_'),
              new Expr.Range('a', 'z')));

  /** What is white space in every dialect. */
  private static final Expr.Chars WHITE =
      Expr.chars(List.of(new Expr.Range('\t', '\r'), new Expr.Range(' ', ' ')));

  /** What is white space in some dialect: never written where there must be none. */
  private static final Expr.Chars MAYBE_WHITE =
      Expr.chars(
          List.of(
              new Expr.Range('\t', '\r'),
              new Expr.Range(' ', ' '),
              new Expr.Range(0x85, 0x85),
              new Expr.Range(0xA0, 0xA0),
              new Expr.Range(0x1680, 0x1680),
              new Expr.Range(0x2000, 0x200A),
              new Expr.Range(0x2028, 0x2029),
              new Expr.Range(0x202F, 0x202F),
              new Expr.Range(0x205F, 0x205F),
              new Expr.Range(0x3000, 0x3000),
              new Expr.Range(0xFEFF, 0xFEFF)));

  private final String source;
  private int at;
  private int depth;

  private PatternReader(String source) {
    this.source = source;
  }

  /**
   * The strings in which the pattern occurs; from begin to end if it has {@code ^} and {@code $}.
   *
   * @throws BadInput if it is broken, or uses what a grammar cannot express
   */
  static Expr read(String pattern) {
    PatternReader reader = new PatternReader(pattern);
    Expr body = reader.alternatives(true);
    if (reader.at < pattern.length()) {
      throw reader.error("unexpected '" + pattern.charAt(reader.at) + "'");
    }
    return body;
  }

  private Expr alternatives(boolean outermost) {
    if (++depth > MAX_DEPTH) {
      throw error("too many nested brackets");
    }
    List<Expr> options = new ArrayList<>();
    options.add(sequence(outermost));
    while (at < source.length() && source.charAt(at) == '|') {
      at++;
      options.add(sequence(outermost));
    }
    depth--;
    return new Expr.Alt(options);
  }

  private Expr sequence(boolean outermost) {
    List<Expr> parts = new ArrayList<>();
    Expr anything = Expr.repeat(JsonText.CHARACTER, 0, Expr.UNBOUNDED);
    if (outermost && at < source.length() && source.charAt(at) == '^') {
      at++;
    } else if (outermost) {
      parts.add(anything);
    }
    boolean closed = false;
    while (at < source.length() && source.charAt(at) != '|' && source.charAt(at) != ')') {
      if (outermost && source.charAt(at) == '$') {
        at++;
        closed = true;
        if (at < source.length() && source.charAt(at) != '|') {
          throw error("$ must stand at the end");
        }
        break;
      }
      parts.add(repeated(atom()));
    }
    if (outermost && !closed) {
      parts.add(anything);
    }
    return new Expr.Seq(parts);
  }

  private Expr atom() {
    int c = next();
    return switch (c) {
      case '(' -> {
        if (source.startsWith("?:", at)) {
          at += 2;
        } else if (source.startsWith("?", at)) {
          throw error("look-around and named groups cannot be used");
        }
        Expr body = alternatives(false);
        if (at >= source.length() || next() != ')') {
          throw error("a ) is missing");
        }
        yield body;
      }
      case '[' -> JsonText.character(characterClass());
      case '.' -> JsonText.character(ANY);
      case '\\' -> JsonText.character(escape(false));
      case '^', '$' -> throw error("^ and $ can stand only at the beginning and the end");
      case '*', '+', '?', '{' -> throw error("nothing to repeat before " + (char) c);
      default -> JsonText.character(single(c));
    };
  }

  private static Expr.Chars single(int c) {
    return Expr.chars(List.of(new Expr.Range(c, c)));
  }

  private Expr repeated(Expr body) {
    if (at >= source.length()) {
      return body;
    }
    char c = source.charAt(at);
    Expr result;
    switch (c) {
      case '*' -> result = Expr.repeat(body, 0, Expr.UNBOUNDED);
      case '+' -> result = Expr.repeat(body, 1, Expr.UNBOUNDED);
      case '?' -> result = Expr.optional(body);
      case '{' -> {
        at++;
        int min = number();
        int max = min;
        if (at < source.length() && source.charAt(at) == ',') {
          at++;
          max = source.startsWith("}", at) ? Expr.UNBOUNDED : number();
        }
        if (!source.startsWith("}", at) || max != Expr.UNBOUNDED && max < min) {
          throw error("a broken {m,n}");
        }
        result = Expr.repeat(body, min, max);
      }
      default -> {
        return body;
      }
    }
    at++;
    if (source.startsWith("?", at)) {
      at++; // lazy or not, the same strings match
    }
    return result;
  }

  private int number() {
    int from = at;
    while (at < source.length() && Character.isDigit(source.charAt(at)) && at - from < 5) {
      at++;
    }
    int n = at == from ? -1 : Integer.parseInt(source, from, at, 10);
    if (n < 0 || n > MAX_COUNT) {
      throw error("expected a number up to " + MAX_COUNT);
    }
    return n;
  }

  private Expr.Chars characterClass() {
    boolean not = source.startsWith("^", at);
    at += not ? 1 : 0;
    List<Expr.Range> ranges = new ArrayList<>();
    while (!source.startsWith("]", at)) {
      Expr.Chars first = classMember(not);
      boolean range = source.startsWith("-", at) && !source.startsWith("-]", at);
      if (range && isSingle(first)) {
        at++;
        Expr.Chars last = classMember(not);
        int from = first.ranges().getFirst().first();
        if (!isSingle(last) || last.ranges().getFirst().first() < from) {
          throw error("a broken range of characters");
        }
        ranges.add(new Expr.Range(from, last.ranges().getFirst().first()));
      } else {
        ranges.addAll(first.ranges());
      }
    }
    at++;
    Expr.Chars set = Expr.chars(ranges);
    return not ? Expr.not(set) : set;
  }

  private static boolean isSingle(Expr.Chars c) {
    return c.ranges().size() == 1 && c.ranges().getFirst().first() == c.ranges().getFirst().last();
  }

  private Expr.Chars classMember(boolean not) {
    int c = next();
    return c == '\\' ? escape(not) : single(c);
  }

  /**
   * @param not whether the set is one of characters that must not come
   */
  private Expr.Chars escape(boolean not) {
    int c = next();
    return switch (c) {
      case 'd' -> DIGITS;
      case 'D' -> Expr.not(DIGITS);
      case 'w' -> WORD;
      case 'W' -> Expr.not(WORD);
      case 's' -> not ? MAYBE_WHITE : WHITE;
      case 'S' -> Expr.not(not ? WHITE : MAYBE_WHITE);
      case 'n' -> single('\n');
      case 'r' -> single('\r');
      case 't' -> single('\t');
      case 'f' -> single('\f');
      case 'v' -> single(0x0B);
      case 'x' -> single(hex(2));
      case 'u' -> single(hex(4));
      default -> {
        if (Character.isLetterOrDigit(c)) {
          throw error("\\" + Character.toString(c) + " cannot be used");
        }
        yield single(c);
      }
    };
  }

  private int hex(int digits) {
    try {
      int value = Integer.parseUnsignedInt(source, at, at + digits, 16);
      at += digits;
      return value;
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw error("expected " + digits + " hexadecimal digits");
    }
  }

  private int next() {
    if (at >= source.length()) {
      throw error("it ends too early");
    }
    int c = source.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  private BadInput error(String what) {
    return new BadInput("pattern " + source + ", character " + (at + 1) + ": " + what);
  }
}
