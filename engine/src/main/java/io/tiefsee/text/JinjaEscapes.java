package io.tiefsee.text;

/** The backslash escapes of string literals. */
final class JinjaEscapes {
  private JinjaEscapes() {}

  /** Python's escapes in a string literal; an unknown one stays as it is. */
  static String resolve(String s, int line) {
    StringBuilder out = new StringBuilder(s.length());
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      c = s.charAt(++i);
      switch (c) {
        case '\n' -> {}
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case '\\', '\'', '"' -> out.append(c);
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'v' -> out.append('\u000b');
        case 'x', 'u', 'U' -> {
          int n = c == 'x' ? 2 : c == 'u' ? 4 : 8;
          out.appendCodePoint(hex(s, i + 1, n, line));
          i += n;
        }
        case 'N' -> {
          int end = s.indexOf('}', i);
          if (i + 1 >= s.length() || s.charAt(i + 1) != '{' || end < 0) {
            throw new JinjaException("a string has a wrong \\N escape", line);
          }
          out.appendCodePoint(named(s.substring(i + 2, end), line));
          i = end;
        }
        case '0', '1', '2', '3', '4', '5', '6', '7' -> {
          int end = i;
          while (end < s.length() && end < i + 3 && Character.digit(s.charAt(end), 8) >= 0) {
            end++;
          }
          out.append((char) Integer.parseInt(s.substring(i, end), 8));
          i = end - 1;
        }
        default -> out.append('\\').append(c);
      }
    }
    return out.toString();
  }

  private static int named(String name, int line) {
    try {
      return Character.codePointOf(name);
    } catch (IllegalArgumentException _) {
      throw new JinjaException("unknown Unicode character name " + PyStr.repr(name), line);
    }
  }

  private static int hex(String s, int at, int digits, int line) {
    int value = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = i < s.length() && s.charAt(i) < 128 ? Character.digit(s.charAt(i), 16) : -1;
      if (digit < 0 || value > 0x10FFFF >> 4) {
        throw new JinjaException("a string has a wrong \\x or \\u escape", line);
      }
      value = value << 4 | digit;
    }
    return value;
  }
}
