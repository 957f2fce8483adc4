package io.tiefsee.text;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Splits a template into tokens as Jinja2 does with {@code trim_blocks}, {@code lstrip_blocks} and
 * without {@code keep_trailing_newline}.
 *
 * <p>Whitespace rules: a newline right after a block or comment tag goes ({@code +%}} keeps it);
 * blanks between the start of a line and a block or comment tag go ({@code {%+} keeps them); {@code
 * -} takes all whitespace on its side. Variable tags obey {@code -} only.
 */
final class JinjaLexer {
  enum Kind {
    DATA,
    VARIABLE_BEGIN,
    VARIABLE_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    NUMBER,
    OPERATOR,
    END
  }

  /**
   * @param text the operator, the name, the data
   * @param value of a STRING or NUMBER, else the text
   */
  record Token(Kind kind, String text, Object value, int line) {
    boolean is(Kind kind, String text) {
      return this.kind == kind && this.text.equals(text);
    }

    /** How the token is called in an error message. */
    String describe() {
      return switch (kind) {
        case DATA -> "text";
        case VARIABLE_BEGIN -> "{{";
        case VARIABLE_END -> "}}";
        case BLOCK_BEGIN -> "{%";
        case BLOCK_END -> "%}";
        case END -> "the end of the template";
        default -> text;
      };
    }
  }

  private static final String[] OPERATORS = {
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}",
    ">", "<", "=", ".", ":", "|", ",", ";"
  };

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private final Deque<Character> open = new ArrayDeque<>();
  private int pos;
  private int line = 1;
  private int lineCountedTo;

  private JinjaLexer(String source) {
    this.source = source;
  }

  static List<Token> tokenize(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    JinjaLexer lexer = new JinjaLexer(source);
    lexer.root();
    return lexer.tokens;
  }

  private void root() {
    while (pos < source.length()) {
      int tag = nextTag(pos);
      if (tag < 0) {
        data(source.substring(pos), pos);
        pos = source.length();
        break;
      }
      char type = source.charAt(tag + 1);
      char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
      boolean signed = sign == '-' || sign == '+';
      data(textBefore(pos, tag, signed ? sign : ' ', type == '{'), pos);
      int start = pos = tag;
      pos = tag + (signed ? 3 : 2);
      switch (type) {
        case '#' -> comment();
        case '{' -> {
          add(Kind.VARIABLE_BEGIN, "{{", start);
          inside(Kind.VARIABLE_END, "}}");
        }
        default -> {
          int raw = rawBegin(pos);
          if (raw >= 0) {
            pos = raw;
            raw();
          } else {
            add(Kind.BLOCK_BEGIN, "{%", start);
            inside(Kind.BLOCK_END, "%}");
          }
        }
      }
    }
    add(Kind.END, "", source.length());
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /** The text between {@code from} and a tag, after the rules for whitespace before a tag. */
  private String textBefore(int from, int tag, char sign, boolean variable) {
    int end = tag;
    if (sign == '-') {
      while (end > from && PyStr.isSpace(source.charAt(end - 1))) {
        end--;
      }
    } else if (sign != '+' && !variable) {
      int lineStart = source.lastIndexOf('\n', tag - 1) + 1;
      if (lineStart >= from && PyStr.skipSpace(source, lineStart) >= tag) {
        end = lineStart;
      }
    }
    return source.substring(from, end);
  }

  private void data(String text, int at) {
    if (!text.isEmpty()) {
      add(Kind.DATA, text, at);
    }
  }

  private void comment() {
    int end = source.indexOf("#}", pos);
    if (pos >= source.length()) {
      return; // Jinja2 lets a tag without anything behind it pass, here and in raw blocks
    }
    if (end < 0) {
      throw new JinjaException("a comment is not closed", lineOf(pos));
    }
    char sign = end > pos ? source.charAt(end - 1) : ' ';
    pos = afterEnd(end + 2, sign);
  }

  /** Where the text goes on after an end tag that ends at {@code end}. */
  private int afterEnd(int end, char sign) {
    if (sign == '-') {
      return PyStr.skipSpace(source, end);
    }
    return sign != '+' && end < source.length() && source.charAt(end) == '\n' ? end + 1 : end;
  }

  /** The position after {@code raw %}} where {@code from} stands behind {@code {%}, else -1. */
  private int rawBegin(int from) {
    int i = PyStr.skipSpace(source, from);
    if (!source.startsWith("raw", i)) {
      return -1;
    }
    i = PyStr.skipSpace(source, i + 3);
    if (source.startsWith("-%}", i)) {
      return PyStr.skipSpace(source, i + 3);
    }
    return source.startsWith("%}", i) ? i + 2 : -1;
  }

  private void raw() {
    for (int i = source.indexOf("{%", pos); i >= 0; i = source.indexOf("{%", i + 2)) {
      int p = i + 2;
      char sign = p < source.length() ? source.charAt(p) : ' ';
      if (sign == '-' || sign == '+') {
        p++;
      }
      p = PyStr.skipSpace(source, p);
      if (!source.startsWith("endraw", p)) {
        continue;
      }
      p = PyStr.skipSpace(source, p + 6);
      char endSign = p < source.length() ? source.charAt(p) : ' ';
      if (endSign == '-' || endSign == '+') {
        p++;
      }
      if (source.startsWith("%}", p)) {
        data(textBefore(pos, i, sign, false), pos);
        pos = afterEnd(p + 2, endSign);
        return;
      }
    }
    if (pos < source.length()) {
      throw new JinjaException("a raw block is not closed", lineOf(pos));
    }
  }

  /** Tokens up to and with the end of the tag. */
  private void inside(Kind endKind, String end) {
    open.clear();
    while (pos < source.length()) {
      if (open.isEmpty() && endTag(endKind, end)) {
        return;
      }
      char c = source.charAt(pos);
      if (PyStr.isSpace(c)) {
        pos++;
      } else if (c >= '0' && c <= '9') {
        number();
      } else if (c == '_' || Character.isUnicodeIdentifierStart(source.codePointAt(pos))) {
        name();
      } else if (c == '"' || c == '\'') {
        string(c);
      } else {
        operator();
      }
    }
    add(Kind.END, "", source.length());
  }

  private boolean endTag(Kind kind, String end) {
    char sign = source.charAt(pos);
    boolean signed = sign == '-' || (sign == '+' && kind == Kind.BLOCK_END);
    int at = signed ? pos + 1 : pos;
    if (!source.startsWith(end, at)) {
      return false;
    }
    add(kind, end, pos);
    if (kind == Kind.BLOCK_END || sign == '-') {
      pos = afterEnd(at + 2, signed ? sign : ' ');
    } else {
      pos = at + 2;
    }
    return true;
  }

  private void name() {
    int start = pos;
    while (pos < source.length()) {
      int c = source.codePointAt(pos);
      if (c != '_'
          && (!Character.isUnicodeIdentifierPart(c) || Character.isIdentifierIgnorable(c))) {
        break;
      }
      pos += Character.charCount(c);
    }
    add(Kind.NAME, source.substring(start, pos), start);
  }

  private void operator() {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, pos)) {
        balance(operator.charAt(0));
        add(Kind.OPERATOR, operator, pos);
        pos += operator.length();
        return;
      }
    }
    throw new JinjaException("unexpected character " + PyStr.repr(charAtPos()), lineOf(pos));
  }

  private String charAtPos() {
    return Character.toString(source.codePointAt(pos));
  }

  private void balance(char c) {
    switch (c) {
      case '{' -> open.push('}');
      case '(' -> open.push(')');
      case '[' -> open.push(']');
      case '}', ')', ']' -> {
        if (open.isEmpty() || open.pop() != c) {
          throw new JinjaException("unexpected '" + c + "'", lineOf(pos));
        }
      }
      default -> {}
    }
  }

  private void number() {
    int start = pos;
    boolean afterDot = start > 0 && source.charAt(start - 1) == '.';
    char next = Character.toLowerCase(peek(start + 1));
    int radix = next == 'x' ? 16 : next == 'o' ? 8 : next == 'b' ? 2 : 10;
    if (source.charAt(start) == '0' && radix != 10) {
      int end = digits(start + 2 + (peek(start + 2) == '_' ? 1 : 0), radix);
      if (end > start + 2 && source.charAt(end - 1) != '_') {
        addNumber(start, end, source.substring(start + 2, end), radix);
        return;
      }
    }
    int end = digits(start, 10);
    int floatEnd = afterDot ? -1 : floatEnd(end);
    if (floatEnd > 0) {
      String text = source.substring(start, floatEnd).replace("_", "");
      add(new Token(Kind.NUMBER, text, Double.parseDouble(text), lineOf(start)));
      pos = floatEnd;
      return;
    }
    if (source.charAt(start) == '0') { // "007" is 00 and then 7, a syntax error later
      int zeros = start;
      while (peek(zeros) == '0' || (peek(zeros) == '_' && peek(zeros + 1) == '0')) {
        zeros++;
      }
      end = zeros;
    }
    addNumber(start, end, source.substring(start, end), 10);
  }

  /** The end of a fraction and/or exponent that starts at {@code p}, or -1 where there is none. */
  private int floatEnd(int p) {
    int end = -1;
    if (peek(p) == '.' && isDigit(peek(p + 1))) {
      end = p = digits(p + 1, 10);
    }
    if (peek(p) == 'e' || peek(p) == 'E') {
      int q = p + 1;
      if (peek(q) == '+' || peek(q) == '-') {
        q++;
      }
      if (isDigit(peek(q))) {
        end = digits(q, 10);
      }
    }
    return end;
  }

  private int digits(int p, int radix) {
    int start = p;
    while (Character.digit(peek(p), radix) >= 0 && peek(p) < 128
        || (peek(p) == '_'
            && p > start
            && peek(p - 1) != '_'
            && peek(p + 1) < 128
            && Character.digit(peek(p + 1), radix) >= 0)) {
      p++;
    }
    return p;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private char peek(int p) {
    return p < source.length() ? source.charAt(p) : '\0';
  }

  private void addNumber(int start, int end, String digits, int radix) {
    String plain = digits.replace("_", "");
    if (plain.length() > 4300) { // Python's own limit for int from text
      throw new JinjaException("a number has more than 4300 digits", lineOf(start));
    }
    Object value = PyNumbers.shrink(new BigInteger(plain, radix));
    add(new Token(Kind.NUMBER, source.substring(start, end), value, lineOf(start)));
    pos = end;
  }

  private void string(char quote) {
    int start = pos;
    int p = pos + 1;
    while (p < source.length() && source.charAt(p) != quote) {
      p += source.charAt(p) == '\\' ? 2 : 1;
    }
    if (p >= source.length()) {
      throw new JinjaException("unexpected character " + PyStr.repr(charAtPos()), lineOf(pos));
    }
    String raw = source.substring(start + 1, p);
    String value = raw.indexOf('\\') < 0 ? raw : JinjaEscapes.resolve(raw, lineOf(start));
    add(new Token(Kind.STRING, raw, value, lineOf(start)));
    pos = p + 1;
  }

  private void add(Kind kind, String text, int at) {
    add(new Token(kind, text, text, lineOf(at)));
  }

  private void add(Token token) {
    tokens.add(token);
  }

  /** The line of a position; positions are asked for in rising order. */
  private int lineOf(int at) {
    for (; lineCountedTo < at && lineCountedTo < source.length(); lineCountedTo++) {
      if (source.charAt(lineCountedTo) == '\n') {
        line++;
      }
    }
    return line;
  }
}
