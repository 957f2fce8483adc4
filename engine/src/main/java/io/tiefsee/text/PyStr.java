package io.tiefsee.text;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * Text as Python sees it: positions and lengths count code points, white space and line ends are
 * Unicode's.
 */
final class PyStr {
  private PyStr() {}

  static boolean isSpace(int c) {
    return switch (c) {
      case ' ', '\t', '\n', 0x0b, '\f', '\r', 0x1c, 0x1d, 0x1e, 0x1f, 0x85, 0xa0, 0x1680 -> true;
      case 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 -> true;
      default -> c >= 0x2000 && c <= 0x200a;
    };
  }

  static boolean isLineEnd(int c) {
    return (c >= '\n' && c <= '\r')
        || (c >= 0x1c && c <= 0x1e)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }

  static int skipSpace(String s, int from) {
    int i = from;
    while (i < s.length() && isSpace(s.charAt(i))) {
      i++;
    }
    return i;
  }

  static int length(String s) {
    return s.codePointCount(0, s.length());
  }

  /** The char index of code point {@code index}, which is within 0 … length. */
  static int offset(String s, int index) {
    return length(s) == s.length() ? index : s.offsetByCodePoints(0, index);
  }

  static Iterator<Object> codePoints(String s) {
    return s.codePoints().<Object>mapToObj(Character::toString).iterator();
  }

  /** Order by code point, which UTF-16 order is not. */
  static int compare(String a, String b) {
    int n = Math.min(a.length(), b.length());
    for (int i = 0; i < n; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean sx = Character.isSurrogate(x);
        boolean sy = Character.isSurrogate(y);
        return sx == sy ? Character.compare(x, y) : sx ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  static String strip(String s, boolean left, boolean right) {
    int start = 0;
    int end = s.length();
    while (left && start < end && isSpace(s.charAt(start))) {
      start++;
    }
    while (right && end > start && isSpace(s.charAt(end - 1))) {
      end--;
    }
    return s.substring(start, end);
  }

  /** Takes away code points that occur in {@code chars}. */
  static String strip(String s, String chars, boolean left, boolean right) {
    int start = 0;
    int end = s.length();
    while (left && start < end && chars.indexOf(s.codePointAt(start)) >= 0) {
      start += Character.charCount(s.codePointAt(start));
    }
    while (right && end > start && chars.indexOf(s.codePointBefore(end)) >= 0) {
      end -= Character.charCount(s.codePointBefore(end));
    }
    return s.substring(start, end);
  }

  static String upper(String s) {
    return s.toUpperCase(Locale.ROOT);
  }

  static String lower(String s) {
    return s.toLowerCase(Locale.ROOT);
  }

  static String capitalize(String s) {
    if (s.isEmpty()) {
      return s;
    }
    int n = Character.charCount(s.codePointAt(0));
    return titleCase(s.substring(0, n)) + lower(s).substring(lower(s.substring(0, n)).length());
  }

  /** One character in title case: "ß" gives "Ss". */
  private static String titleCase(String c) {
    int cp = c.codePointAt(0);
    int title = Character.toTitleCase(cp);
    if (title != cp) {
      return Character.toString(title);
    }
    String up = upper(c);
    int first = Character.charCount(up.codePointAt(0));
    return up.substring(0, first) + lower(up.substring(first));
  }

  /** Python's {@code str.title}: letters after a non-letter in title case, others in lower case. */
  static String title(String s) {
    StringBuilder out = new StringBuilder(s.length());
    boolean inWord = false;
    for (int i = 0; i < s.length(); ) {
      int cp = s.codePointAt(i);
      String c = Character.toString(cp);
      out.append(inWord ? lower(c) : titleCase(c));
      inWord = isCased(cp);
      i += c.length();
    }
    return out.toString();
  }

  static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  /** Python's {@code str.casefold}: lower case, with "ß" as "ss" and one small sigma. */
  static String caseFold(String s) {
    StringBuilder out = new StringBuilder(s.length());
    s.codePoints()
        .forEach(cp -> {
          String c = Character.toString(cp);
          String up = upper(c);
          boolean same = up.length() == c.length() && cp != 0x1E9E && cp != 0x3C2;
          out.append(same ? lower(c) : cp == 0x1E9E ? "ss" : cp == 0x3C2 ? "σ" : lower(up));
        });
    return out.toString();
  }

  static String swapCase(String s) {
    StringBuilder out = new StringBuilder(s.length());
    s.codePoints()
        .forEach(cp -> {
          String c = Character.toString(cp);
          out.append(Character.isUpperCase(cp) ? lower(c) : upper(c));
        });
    return out.toString();
  }

  /** True where there is a cased character and every cased one is upper (or lower) case. */
  static boolean allCase(String s, boolean upper) {
    boolean some = false;
    for (int i = 0; i < s.length(); ) {
      int c = s.codePointAt(i);
      if (isCased(c)) {
        some = true;
        if (upper ? !Character.isUpperCase(c) : !Character.isLowerCase(c)) {
          return false;
        }
      }
      i += Character.charCount(c);
    }
    return some;
  }

  /** Splits at runs of white space; {@code max} < 0 means as often as possible. */
  static List<Object> split(String s, int max) {
    List<Object> parts = new ArrayList<>();
    int i = skipSpace(s, 0);
    while (i < s.length()) {
      if (max >= 0 && parts.size() == max) {
        parts.add(s.substring(i));
        return parts;
      }
      int end = i;
      while (end < s.length() && !isSpace(s.charAt(end))) {
        end++;
      }
      parts.add(s.substring(i, end));
      i = skipSpace(s, end);
    }
    return parts;
  }

  static List<Object> splitFromRight(String s, int max) {
    List<Object> parts = new ArrayList<>();
    int end = strip(s, false, true).length();
    while (end > 0) {
      if (max >= 0 && parts.size() == max) {
        parts.addFirst(s.substring(0, end));
        return parts;
      }
      int start = end;
      while (start > 0 && !isSpace(s.charAt(start - 1))) {
        start--;
      }
      parts.addFirst(s.substring(start, end));
      end = start;
      while (end > 0 && isSpace(s.charAt(end - 1))) {
        end--;
      }
    }
    return parts;
  }

  static List<Object> split(String s, String separator, int max) {
    List<Object> parts = new ArrayList<>();
    int start = 0;
    int i;
    while ((max < 0 || parts.size() < max) && (i = s.indexOf(separator, start)) >= 0) {
      parts.add(s.substring(start, i));
      start = i + separator.length();
    }
    parts.add(s.substring(start));
    return parts;
  }

  static List<Object> splitFromRight(String s, String separator, int max) {
    List<Object> parts = new ArrayList<>();
    int end = s.length();
    while (max < 0 || parts.size() < max) {
      int i = end < separator.length() ? -1 : s.lastIndexOf(separator, end - separator.length());
      if (i < 0) {
        break;
      }
      parts.add(s.substring(i + separator.length(), end));
      end = i;
    }
    parts.add(s.substring(0, end));
    return new ArrayList<>(parts.reversed());
  }

  static List<Object> splitLines(String s, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < s.length(); i++) {
      if (!isLineEnd(s.charAt(i))) {
        continue;
      }
      int next = s.startsWith("\r\n", i) ? i + 2 : i + 1;
      lines.add(s.substring(start, keepEnds ? next : i));
      start = next;
      i = next - 1;
    }
    if (start < s.length()) {
      lines.add(s.substring(start));
    }
    return lines;
  }

  static String reverse(String s) {
    return new StringBuilder(s).reverse().toString();
  }

  /** The literal that Python prints for a string inside a list. */
  static String repr(String s) {
    char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder out = new StringBuilder(s.length() + 2).append(quote);
    for (int i = 0; i < s.length(); ) {
      int c = s.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c == quote) {
            out.append('\\').append(quote);
          } else if (isPrintable(c)) {
            out.appendCodePoint(c);
          } else if (c < 0x100) {
            out.append(String.format(Locale.ROOT, "\\x%02x", c));
          } else {
            out.append(String.format(Locale.ROOT, c < 0x10000 ? "\\u%04x" : "\\U%08x", c));
          }
        }
      }
    }
    return out.append(quote).toString();
  }

  static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** HTML escapes as in Python's markupsafe. */
  static String escapeHtml(String s) {
    StringBuilder out = new StringBuilder(s.length() + 16);
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&#34;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }
}
