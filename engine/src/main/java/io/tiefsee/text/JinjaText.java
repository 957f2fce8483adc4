package io.tiefsee.text;

import java.math.BigInteger;
import java.util.List;

/** The longer ones of the filters over text and numbers. */
final class JinjaText {
  private JinjaText() {}

  static Object indent(Object v, PyArgs args) {
    Object[] a = args.bind(0, "width", "first", "blank");
    String s = Py.text(v, "the input of indent");
    String by = "    ";
    if (Py.isText(a[0])) {
      by = Py.str(a[0]);
    } else if (a[0] != PyDict.ABSENT) {
      int width = Math.max(0, PyNumbers.index(a[0]));
      args.budget().characters(width);
      by = " ".repeat(width);
    }
    boolean blank = a[2] != PyDict.ABSENT && Py.truth(a[2]);
    List<Object> lines = PyStr.splitLines(s + "\n", false);
    args.budget().characters(s.length() + (long) lines.size() * by.length());
    StringBuilder out = new StringBuilder();
    out.append(a[1] != PyDict.ABSENT && Py.truth(a[1]) ? by : "").append(lines.getFirst());
    for (Object line : lines.subList(1, lines.size())) {
      out.append('\n').append(blank || !Py.str(line).isEmpty() ? by : "").append(line);
    }
    return JinjaFilters.text(v, out.toString());
  }

  static Object truncate(Object v, PyArgs args) {
    Object[] a = args.bind(0, "length", "killwords", "end", "leeway");
    String s = Py.text(v, "the input of truncate");
    int length = a[0] == PyDict.ABSENT ? 255 : PyNumbers.index(a[0]);
    String end = a[2] == PyDict.ABSENT ? "..." : Py.text(a[2], "end");
    int leeway = a[3] == PyDict.ABSENT || a[3] == Py.NONE ? 5 : PyNumbers.index(a[3]);
    int keep = length - PyStr.length(end);
    if (keep < 0 || leeway < 0) {
      throw new JinjaException("truncate: the length must reach for the end text");
    }
    if (PyStr.length(s) <= (long) length + leeway) {
      return v;
    }
    String cut = s.substring(0, PyStr.offset(s, keep));
    int space = cut.lastIndexOf(' ');
    boolean killWords = a[1] != PyDict.ABSENT && Py.truth(a[1]);
    return (killWords || space < 0 ? cut : cut.substring(0, space)) + end;
  }

  static Object countWords(String s) {
    long words = 0;
    boolean inWord = false;
    for (int i = 0; i < s.length(); ) {
      int c = s.codePointAt(i);
      boolean word = c == '_' || Character.isLetterOrDigit(c);
      words += word && !inWord ? 1 : 0;
      inWord = word;
      i += Character.charCount(c);
    }
    return words;
  }

  /** Takes comments and tags away, joins white space and resolves the common entities. */
  static String stripTags(String s) {
    String out = without(without(s, "<!--", "-->"), "<", ">");
    StringBuilder joined = new StringBuilder();
    for (Object word : PyStr.split(out, -1)) {
      joined.append(joined.isEmpty() ? "" : " ").append(word);
    }
    return joined
        .toString()
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  /** Takes away what stands between {@code open} and {@code close}, with both. */
  private static String without(String s, String open, String close) {
    StringBuilder out = new StringBuilder();
    int start = 0;
    int i;
    while ((i = s.indexOf(open, start)) >= 0) {
      int end = s.indexOf(close, i);
      if (end < 0) {
        break;
      }
      out.append(s, start, i);
      start = end + close.length();
    }
    return out.append(s, start, s.length()).toString();
  }

  static Object toInt(Object v, PyArgs args) {
    Object[] a = args.bind(0, "default", "base");
    Object otherwise = a[0] == PyDict.ABSENT ? (Object) 0L : a[0];
    int base = a[1] == PyDict.ABSENT ? 10 : PyNumbers.index(a[1]);
    if (v instanceof Py.Undefined u) {
      throw u.error();
    }
    if (PyNumbers.isNumber(v)) {
      boolean finite = !(v instanceof Double d) || Double.isFinite(d);
      return finite
          ? (v instanceof Double d ? PyNumbers.truncate(d) : PyNumbers.shrink(PyNumbers.big(v)))
          : otherwise;
    }
    if (!Py.isText(v)) {
      return otherwise;
    }
    Object parsed = parseInt(Py.str(v), base);
    if (parsed != PyDict.ABSENT) {
      return parsed;
    }
    double d = parseFloat(Py.str(v));
    boolean isNumber = !Double.isNaN(d) && !Double.isInfinite(d);
    return isNumber ? PyNumbers.truncate(d) : otherwise;
  }

  private static Object parseInt(String text, int base) {
    String s = PyStr.strip(text, true, true);
    int sign = s.startsWith("-") || s.startsWith("+") ? 1 : 0;
    String digits = s.substring(sign);
    int radix = base;
    String prefix = digits.length() > 2 ? PyStr.lower(digits.substring(0, 2)) : "";
    int ofPrefix =
        switch (prefix) {
          case "0x" -> 16;
          case "0o" -> 8;
          case "0b" -> 2;
          default -> 0;
        };
    if (ofPrefix > 0 && (base == 0 || base == ofPrefix)) {
      radix = ofPrefix;
      digits = digits.substring(2);
      digits = digits.startsWith("_") ? digits.substring(1) : digits;
    } else if (base == 0) {
      radix = 10;
      if (digits.startsWith("0") && !digits.replace("_", "").matches("0+")) {
        return PyDict.ABSENT;
      }
    }
    boolean good =
        radix >= 2
            && radix <= 36
            && !digits.isEmpty()
            && digits.length() <= 4300
            && Character.digit(digits.charAt(0), radix) >= 0
            && !digits.endsWith("_")
            && !digits.contains("__");
    for (int i = 0; good && i < digits.length(); i++) {
      good = digits.charAt(i) == '_' || Character.digit(digits.charAt(i), radix) >= 0;
    }
    if (!good) {
      return PyDict.ABSENT;
    }
    BigInteger v = new BigInteger(digits.replace("_", ""), radix);
    return PyNumbers.shrink(s.startsWith("-") ? v.negate() : v);
  }

  static Object toFloat(Object v, PyArgs args) {
    Object[] a = args.bind(0, "default");
    Object otherwise = a[0] == PyDict.ABSENT ? (Object) 0.0 : a[0];
    if (v instanceof Py.Undefined u) {
      throw u.error();
    }
    if (PyNumbers.isNumber(v)) {
      return PyNumbers.toDouble(v);
    }
    if (!Py.isText(v)) {
      return otherwise;
    }
    String s = PyStr.lower(PyStr.strip(Py.str(v), true, true));
    boolean nan = s.equals("nan") || s.equals("+nan") || s.equals("-nan");
    double d = parseFloat(Py.str(v));
    return Double.isNaN(d) && !nan ? otherwise : d;
  }

  /** The number, or NaN where the text is none. */
  private static double parseFloat(String text) {
    String s = PyStr.lower(PyStr.strip(text, true, true));
    String plain = s.startsWith("-") || s.startsWith("+") ? s.substring(1) : s;
    if (plain.equals("inf") || plain.equals("infinity")) {
      return s.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      boolean between =
          i > 0
              && i + 1 < s.length()
              && Character.digit(s.charAt(i - 1), 10) >= 0
              && Character.digit(s.charAt(i + 1), 10) >= 0;
      if (c == '_' && between) {
        continue;
      }
      if (!(c >= '0' && c <= '9') && "+-.e".indexOf(c) < 0) {
        return Double.NaN;
      }
      digits.append(c);
    }
    try {
      return Double.parseDouble(digits.toString());
    } catch (NumberFormatException _) {
      return Double.NaN;
    }
  }

  static String fileSize(Object v, PyArgs args) {
    Object binary = args.bind(0, "binary")[0];
    Object number =
        toFloat(v, new PyArgs("float", List.of(Double.NaN), java.util.Map.of(), args.budget()));
    double bytes = PyNumbers.toDouble(number);
    if (Double.isNaN(bytes)) {
      throw new JinjaException("filesizeformat needs a number");
    }
    boolean kibi = binary != PyDict.ABSENT && Py.truth(binary);
    int base = kibi ? 1024 : 1000;
    if (bytes == 1) {
      return "1 Byte";
    }
    if (bytes < base) {
      return PyNumbers.str(PyNumbers.truncate(bytes)) + " Bytes";
    }
    String units = kibi ? "KMGTPEZY" : "kMGTPEZY";
    double unit = base;
    int i = 0;
    do {
      unit *= base;
    } while (bytes >= unit && ++i < units.length());
    i = Math.min(i, units.length() - 1);
    return PyFormat.decimal(base * bytes / unit, 'f', 1, false)
        + " "
        + units.charAt(i)
        + (kibi ? "iB" : "B");
  }
}
