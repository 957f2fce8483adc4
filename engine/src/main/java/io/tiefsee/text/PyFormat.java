package io.tiefsee.text;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Python's {@code str.format} and its format specifications. One object a call. */
final class PyFormat {
  private final List<Object> positional;
  private final Map<String, Object> named;
  private final JinjaBudget budget;
  private int automatic;
  private boolean manual;

  PyFormat(List<Object> positional, Map<String, Object> named, JinjaBudget budget) {
    this.positional = positional;
    this.named = named;
    this.budget = budget;
  }

  String format(String s) {
    return format(s, 0);
  }

  private String format(String s, int depth) {
    if (depth > 1) {
      throw new JinjaException("Max string recursion exceeded");
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      boolean doubled = i + 1 < s.length() && s.charAt(i + 1) == c;
      if (c == '{' && !doubled) {
        int end = fieldEnd(s, i + 1);
        out.append(field(s.substring(i + 1, end), depth));
        budget.characters(out.length());
        i = end;
      } else if (c == '}' && !doubled) {
        throw new JinjaException("Single '}' encountered in format string");
      } else {
        out.append(c);
        i += (c == '{' || c == '}') ? 1 : 0;
      }
    }
    return out.toString();
  }

  private static int fieldEnd(String s, int from) {
    int open = 1;
    for (int i = from; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '{') {
        open++;
      } else if (c == '}' && --open == 0) {
        return i;
      }
    }
    throw new JinjaException("expected '}' before end of string");
  }

  /** {@code name[.attr|[index]]*[!conversion][:spec]} */
  private String field(String field, int depth) {
    int nameEnd = 0;
    while (nameEnd < field.length() && ":!".indexOf(field.charAt(nameEnd)) < 0) {
      nameEnd =
          field.charAt(nameEnd) == '[' ? Math.max(field.indexOf(']', nameEnd), nameEnd) : nameEnd;
      nameEnd++;
    }
    Object value = lookup(field.substring(0, nameEnd));
    String rest = field.substring(nameEnd);
    if (rest.startsWith("!")) {
      if (rest.length() < 2 || (rest.length() > 2 && rest.charAt(2) != ':')) {
        throw new JinjaException("expected ':' after conversion specifier");
      }
      value =
          switch (rest.charAt(1)) {
            case 's' -> Py.str(value);
            case 'r', 'a' -> Py.repr(value);
            default -> throw new JinjaException("Unknown conversion specifier " + rest.charAt(1));
          };
      rest = rest.substring(2);
    }
    String spec = rest.startsWith(":") ? format(rest.substring(1), depth + 1) : "";
    return apply(value, spec, budget);
  }

  private Object lookup(String path) {
    int end = 0;
    while (end < path.length() && ".[".indexOf(path.charAt(end)) < 0) {
      end++;
    }
    Object value = first(path.substring(0, end));
    int i = end;
    while (i < path.length()) {
      int next;
      if (path.charAt(i) == '.') {
        next = i + 1;
        while (next < path.length() && ".[".indexOf(path.charAt(next)) < 0) {
          next++;
        }
        value = PyOps.attribute(value, path.substring(i + 1, next));
      } else {
        next = path.indexOf(']', i);
        if (path.charAt(i) != '[' || next < 0) {
          throw new JinjaException("wrong field name in a format string");
        }
        String key = path.substring(i + 1, next++);
        value = PyOps.item(value, isDigits(key) ? (Object) Long.valueOf(key) : key);
      }
      i = next;
    }
    return value;
  }

  private static boolean isDigits(String s) {
    return !s.isEmpty() && s.length() < 10 && s.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private Object first(String name) {
    if (name.isEmpty() || isDigits(name)) {
      if (automatic > 0 && !name.isEmpty() || manual && name.isEmpty()) {
        throw new JinjaException("cannot mix automatic and manual field numbering");
      }
      manual |= !name.isEmpty();
      int index = name.isEmpty() ? automatic++ : Integer.parseInt(name);
      if (index >= positional.size()) {
        throw new JinjaException("Replacement index " + index + " out of range");
      }
      return positional.get(index);
    }
    Object value = named.get(name);
    if (value == null) {
      throw new JinjaException("no value for the format field " + PyStr.repr(name));
    }
    return value;
  }

  /** One value by a specification {@code [[fill]align][sign][#][0][width][,][.precision][type]}. */
  static String apply(Object value, String spec, JinjaBudget budget) {
    if (spec.isEmpty()) {
      return Py.str(value);
    }
    boolean number = PyNumbers.isNumber(value);
    if (!number && !Py.isText(value)) {
      throw new JinjaException(
          "unsupported format string passed to " + Py.typeName(value) + ".__format__");
    }
    Spec s = Spec.parse(spec);
    budget.characters((long) s.width + Math.max(0, s.precision));
    if (!number) {
      if (s.type != 's' && s.type != 0 || s.sign != 0 || s.comma != 0 || s.alternate) {
        throw new JinjaException("wrong format '" + spec + "' for a string");
      }
      String text = Py.str(value);
      int n = PyStr.length(text);
      String cut =
          s.precision >= 0 && s.precision < n
              ? text.substring(0, PyStr.offset(text, s.precision))
              : text;
      return s.pad("", cut, s.zero ? '=' : '<');
    }
    boolean isFloat = value instanceof Double || "eEfFgG%".indexOf(s.type) >= 0 && s.type != 0;
    boolean negative =
        isFloat ? isNegative(PyNumbers.toDouble(value)) : PyNumbers.big(value).signum() < 0;
    String body = isFloat ? s.floating(PyNumbers.toDouble(value)) : s.integer(value);
    String sign = negative ? "-" : s.sign == '+' || s.sign == ' ' ? String.valueOf(s.sign) : "";
    return s.pad(sign, body, '>');
  }

  private static boolean isNegative(double d) {
    return d < 0 || (d == 0 && 1 / d < 0);
  }

  private static final class Spec {
    String fill = " ";
    char align;
    char sign;
    boolean alternate;
    boolean zero;
    int width;
    char comma;
    int precision = -1;
    char type;

    static Spec parse(String spec) {
      Spec s = new Spec();
      int first = Character.charCount(spec.codePointAt(0));
      int i = 0;
      if (spec.length() > first && "<>=^".indexOf(spec.charAt(first)) >= 0) {
        s.fill = spec.substring(0, first);
        s.align = spec.charAt(first);
        i = first + 1;
      } else if ("<>=^".indexOf(spec.charAt(0)) >= 0) {
        s.align = spec.charAt(i++);
      }
      if (i < spec.length() && "+- ".indexOf(spec.charAt(i)) >= 0) {
        s.sign = spec.charAt(i++);
      }
      if (i < spec.length() && spec.charAt(i) == '#') {
        s.alternate = true;
        i++;
      }
      if (i < spec.length() && spec.charAt(i) == '0') {
        s.zero = true;
        i++;
      }
      int end = digits(spec, i);
      s.width = number(spec, i, end);
      i = end;
      if (i < spec.length() && ",_".indexOf(spec.charAt(i)) >= 0) {
        s.comma = spec.charAt(i++);
      }
      if (i < spec.length() && spec.charAt(i) == '.') {
        end = digits(spec, i + 1);
        if (end == i + 1) {
          throw new JinjaException("Format specifier missing precision");
        }
        s.precision = number(spec, i + 1, end);
        i = end;
      }
      if (i < spec.length()) {
        s.type = spec.charAt(i++);
      }
      if (i < spec.length() || s.type != 0 && "bcdoxXneEfFgGs%".indexOf(s.type) < 0) {
        throw new JinjaException("Invalid format specifier '" + spec + "'");
      }
      return s;
    }

    private static int digits(String s, int from) {
      int i = from;
      while (i < s.length() && s.charAt(i) >= '0' && s.charAt(i) <= '9') {
        i++;
      }
      return i;
    }

    private static int number(String s, int from, int to) {
      if (to - from > 9) {
        throw new JinjaException("Too many decimal digits in format string");
      }
      return to == from ? 0 : Integer.parseInt(s.substring(from, to));
    }

    String pad(String sign, String body, char standard) {
      char how = align != 0 ? align : zero ? '=' : standard;
      String with = align == 0 && zero ? "0" : zero && fill.equals(" ") ? "0" : fill;
      int missing = width - PyStr.length(body) - sign.length();
      if (missing <= 0) {
        return sign + body;
      }
      return switch (how) {
        case '<' -> sign + body + with.repeat(missing);
        case '^' -> with.repeat(missing / 2) + sign + body + with.repeat(missing - missing / 2);
        case '=' -> sign + with.repeat(missing) + body;
        default -> with.repeat(missing) + sign + body;
      };
    }

    /** The digits of an int without its sign. */
    String integer(Object value) {
      if (precision >= 0 || type == 's') {
        throw new JinjaException("wrong format for an integer");
      }
      BigInteger v = PyNumbers.big(value).abs();
      return switch (type) {
        case 'x' -> (alternate ? "0x" : "") + v.toString(16);
        case 'X' -> (alternate ? "0X" : "") + v.toString(16).toUpperCase(Locale.ROOT);
        case 'o' -> (alternate ? "0o" : "") + v.toString(8);
        case 'b' -> (alternate ? "0b" : "") + v.toString(2);
        case 'c' -> Character.toString(v.intValueExact());
        default -> {
          String digits = PyNumbers.str(PyNumbers.shrink(v));
          yield comma == 0 ? digits : group(digits, comma);
        }
      };
    }

    String floating(double value) {
      double d = Math.abs(value);
      String text;
      switch (type) {
        case 0 -> {
          if (precision < 0) {
            text = PyNumbers.repr(d);
          } else {
            text = decimal(d, 'g', Math.max(precision, 1), false);
            if (text.indexOf('.') < 0 && text.indexOf('e') < 0 && Double.isFinite(d)) {
              text += ".0";
            }
          }
        }
        case '%' -> text = decimal(d * 100, 'f', precision, alternate) + "%";
        case 'n' -> text = decimal(d, 'g', precision, alternate);
        case 'e', 'E', 'f', 'F', 'g', 'G' -> text = decimal(d, type, precision, alternate);
        default -> throw new JinjaException("Unknown format code '" + type + "' for a float");
      }
      if (comma == 0) {
        return text;
      }
      int end = digits(text, 0);
      return group(text.substring(0, end), comma) + text.substring(end);
    }

    private static String group(String digits, char by) {
      StringBuilder out = new StringBuilder(digits);
      for (int i = digits.length() - 3; i > 0; i -= 3) {
        out.insert(i, by);
      }
      return out.toString();
    }
  }

  /** C's e, f and g formats of a number that is not negative; precision -1 means 6. */
  static String decimal(double d, char type, int precision, boolean alternate) {
    if (!Double.isFinite(d)) {
      String text = Double.isNaN(d) ? "nan" : "inf";
      return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
    }
    int p = precision < 0 ? 6 : precision;
    if (p > 10_000) {
      throw new JinjaException("precision too big");
    }
    BigDecimal v = new BigDecimal(d);
    String text;
    switch (Character.toLowerCase(type)) {
      case 'f' -> text = v.setScale(p, RoundingMode.HALF_EVEN).toPlainString();
      case 'e' -> text = exponential(v, p);
      default -> {
        p = Math.max(p, 1);
        BigDecimal rounded = v.round(new MathContext(p, RoundingMode.HALF_EVEN));
        int exponent = v.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        text =
            exponent < -4 || exponent >= p
                ? exponential(v, p - 1)
                : rounded
                    .setScale(Math.max(0, p - 1 - exponent), RoundingMode.HALF_EVEN)
                    .toPlainString();
        text = alternate ? text : withoutTrailingZeros(text);
      }
    }
    if (alternate && text.indexOf('.') < 0) {
      text += ".";
    }
    return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
  }

  private static String exponential(BigDecimal v, int precision) {
    BigDecimal r = v.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
    int exponent = v.signum() == 0 ? 0 : r.precision() - r.scale() - 1;
    String digits = r.unscaledValue().toString();
    digits += "0".repeat(Math.max(0, precision + 1 - digits.length()));
    String fraction = precision > 0 ? "." + digits.substring(1, precision + 1) : "";
    String e = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    return digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + e;
  }

  private static String withoutTrailingZeros(String text) {
    int e = text.indexOf('e');
    String mantissa = e < 0 ? text : text.substring(0, e);
    if (mantissa.indexOf('.') >= 0) {
      int end = mantissa.length();
      while (mantissa.charAt(end - 1) == '0') {
        end--;
      }
      end -= mantissa.charAt(end - 1) == '.' ? 1 : 0;
      mantissa = mantissa.substring(0, end);
    }
    return e < 0 ? mantissa : mantissa + text.substring(e);
  }
}
