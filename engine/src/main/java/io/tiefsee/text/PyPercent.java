package io.tiefsee.text;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Python's {@code format % values}. */
final class PyPercent {
  private final String format;
  private final Object values;
  private final List<?> sequence;
  private final boolean escape;
  private final JinjaBudget budget;
  private int used;

  private PyPercent(String format, Object values, boolean escape, JinjaBudget budget) {
    this.format = format;
    this.values = values;
    this.sequence = values instanceof Py.Tuple t ? t : List.of(values);
    this.escape = escape;
    this.budget = budget;
  }

  /**
   * @param escape whether texts that go in get HTML escapes (the format is marked text)
   */
  static String format(String format, Object values, boolean escape, JinjaBudget budget) {
    return new PyPercent(format, values, escape, budget).run();
  }

  private String run() {
    StringBuilder out = new StringBuilder();
    boolean byName = false;
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i++);
      if (c != '%') {
        out.append(c);
        continue;
      }
      Object mapped = PyDict.ABSENT;
      if (i < format.length() && format.charAt(i) == '(') {
        int end = format.indexOf(')', i);
        if (end < 0) {
          throw new JinjaException("incomplete format key");
        }
        mapped = byName(format.substring(i + 1, end));
        byName = true;
        i = end + 1;
      }
      int flagsEnd = i;
      while (flagsEnd < format.length() && "-+ #0".indexOf(format.charAt(flagsEnd)) >= 0) {
        flagsEnd++;
      }
      String flags = format.substring(i, flagsEnd);
      i = flagsEnd;
      int width = 0;
      int precision = -1;
      int end = digits(i);
      if (end < format.length() && format.charAt(end) == '*' && end == i) {
        width = PyNumbers.index(next());
        end++;
      } else {
        width = number(i, end);
      }
      i = end;
      if (i < format.length() && format.charAt(i) == '.') {
        end = digits(++i);
        precision = number(i, end);
        i = end;
      }
      while (i < format.length() && "hlL".indexOf(format.charAt(i)) >= 0) {
        i++;
      }
      if (i >= format.length()) {
        throw new JinjaException("incomplete format");
      }
      char type = format.charAt(i++);
      budget.characters((long) out.length() + Math.abs((long) width) + Math.max(0, precision));
      if (type == '%') {
        out.append('%');
      } else {
        out.append(one(mapped == PyDict.ABSENT ? next() : mapped, type, flags, width, precision));
      }
    }
    boolean leftOver = used < sequence.size() && !byName;
    if (leftOver && (values instanceof Py.Tuple || !isSubscriptable(values))) {
      throw new JinjaException("not all arguments converted during string formatting");
    }
    return out.toString();
  }

  /** Such a value may hold more than the format asks for. */
  private static boolean isSubscriptable(Object v) {
    return v instanceof Map || v instanceof List || v instanceof Py.Undefined;
  }

  private Object byName(String key) {
    if (!(values instanceof Map<?, ?> m)) {
      throw new JinjaException("format requires a mapping");
    }
    Object value = PyDict.find(m, key);
    if (value == PyDict.ABSENT) {
      throw new JinjaException("no value for the format key " + PyStr.repr(key));
    }
    return value;
  }

  private Object next() {
    if (used >= sequence.size()) {
      throw new JinjaException("not enough arguments for format string");
    }
    return sequence.get(used++);
  }

  private int digits(int from) {
    int i = from;
    while (i < format.length() && format.charAt(i) >= '0' && format.charAt(i) <= '9') {
      i++;
    }
    return i;
  }

  private int number(int from, int to) {
    if (to - from > 9) {
      throw new JinjaException("width or precision too big");
    }
    return to == from ? 0 : Integer.parseInt(format.substring(from, to));
  }

  private String one(Object value, char type, String flags, int width, int precision) {
    boolean left = flags.indexOf('-') >= 0 || width < 0;
    int wide = Math.abs(width);
    String sign = "";
    String body;
    boolean numeric = true;
    switch (type) {
      case 's', 'r', 'a' -> {
        numeric = false;
        String text = type == 's' ? Py.str(value) : Py.repr(value);
        text = escape && !(value instanceof Py.Markup) ? PyStr.escapeHtml(text) : text;
        int n = PyStr.length(text);
        boolean cut = precision >= 0 && precision < n;
        body = cut ? text.substring(0, PyStr.offset(text, precision)) : text;
      }
      case 'c' -> {
        numeric = false;
        body = Py.isText(value) ? Py.str(value) : Character.toString(PyNumbers.index(value));
        if (PyStr.length(body) != 1) {
          throw new JinjaException("%c requires int or char");
        }
      }
      case 'd', 'i', 'u', 'x', 'X', 'o' -> {
        BigInteger v = integer(value, type);
        sign = v.signum() < 0 ? "-" : "";
        body = digits(v.abs(), type, flags.indexOf('#') >= 0);
        body = "0".repeat(Math.max(0, precision - body.length())) + body;
      }
      case 'e', 'E', 'f', 'F', 'g', 'G' -> {
        if (value instanceof Py.Undefined u) {
          throw u.error();
        }
        if (!PyNumbers.isNumber(value)) {
          throw new JinjaException("must be real number, not " + Py.typeName(value));
        }
        double d = PyNumbers.toDouble(value);
        sign = d < 0 || (d == 0 && 1 / d < 0) ? "-" : "";
        body = PyFormat.decimal(Math.abs(d), type, precision, flags.indexOf('#') >= 0);
      }
      default -> throw new JinjaException("unsupported format character '" + type + "'");
    }
    if (numeric && sign.isEmpty()) {
      sign = flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "";
    }
    int missing = Math.max(0, wide - sign.length() - PyStr.length(body));
    if (left) {
      return sign + body + " ".repeat(missing);
    }
    return numeric && flags.indexOf('0') >= 0
        ? sign + "0".repeat(missing) + body
        : " ".repeat(missing) + sign + body;
  }

  private static BigInteger integer(Object value, char type) {
    if (value instanceof Py.Undefined u) {
      throw u.error();
    }
    if (value instanceof Double d && "diu".indexOf(type) >= 0) {
      return PyNumbers.big(PyNumbers.truncate(d));
    }
    if (!PyNumbers.isInt(value)) {
      throw new JinjaException(
          "%" + type + " format: a real number is required, not " + Py.typeName(value));
    }
    return PyNumbers.big(value);
  }

  private static String digits(BigInteger v, char type, boolean alternate) {
    return switch (type) {
      case 'x' -> (alternate ? "0x" : "") + v.toString(16);
      case 'X' -> (alternate ? "0X" : "") + v.toString(16).toUpperCase(Locale.ROOT);
      case 'o' -> (alternate ? "0o" : "") + v.toString(8);
      default -> PyNumbers.str(PyNumbers.shrink(v));
    };
  }
}
