package io.tiefsee.text;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * The methods of Python's str. On marked text they give marked text, and what they take gets
 * escaped where it goes into the result.
 */
final class PyStrMethods {
  static final Set<String> NAMES =
      Set.of(
          "capitalize",
          "casefold",
          "center",
          "count",
          "endswith",
          "expandtabs",
          "find",
          "format",
          "format_map",
          "index",
          "isalnum",
          "isalpha",
          "isascii",
          "isdecimal",
          "isdigit",
          "isidentifier",
          "islower",
          "isnumeric",
          "isprintable",
          "isspace",
          "istitle",
          "isupper",
          "join",
          "ljust",
          "lower",
          "lstrip",
          "maketrans",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rindex",
          "rjust",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "swapcase",
          "title",
          "translate",
          "upper",
          "zfill");

  private PyStrMethods() {}

  static Object call(Object self, String name, PyArgs args) {
    String s = Py.str(self);
    boolean markup = self instanceof Py.Markup;
    args.budget().work(s.length());
    if (!args.positional().isEmpty() && Py.isText(args.positional().getFirst())) {
      String first = Py.str(args.positional().getFirst());
      args.budget().search(s, first);
      args.budget().work(first.length());
    }
    Object result = call(s, name, args, markup);
    return markup ? mark(result) : result;
  }

  private static Object mark(Object v) {
    if (v instanceof String s) {
      return new Py.Markup(s);
    }
    if (v instanceof List<?> l) {
      List<Object> marked = new ArrayList<>();
      l.forEach(e -> marked.add(mark(e)));
      return v instanceof Py.Tuple ? Py.Tuple.of(marked) : marked;
    }
    return v;
  }

  private static Object call(String s, String name, PyArgs args, boolean markup) {
    return switch (name) {
      case "upper" -> none(args, PyStr.upper(s));
      case "lower" -> none(args, PyStr.lower(s));
      case "casefold" -> none(args, PyStr.caseFold(s));
      case "title" -> none(args, PyStr.title(s));
      case "capitalize" -> none(args, PyStr.capitalize(s));
      case "swapcase" -> none(args, PyStr.swapCase(s));
      case "strip" -> strip(s, args, true, true);
      case "lstrip" -> strip(s, args, true, false);
      case "rstrip" -> strip(s, args, false, true);
      case "split", "rsplit" -> split(s, name.equals("split"), args);
      case "splitlines" -> {
        Object keep = args.bind(0, "keepends")[0];
        yield PyStr.splitLines(s, keep != PyDict.ABSENT && PyNumbers.index(keep) != 0);
      }
      case "partition", "rpartition" -> partition(s, name.equals("partition"), args);
      case "startswith", "endswith" -> affix(s, name.equals("startswith"), args);
      case "removeprefix" -> {
        String prefix = oneText(args);
        yield s.startsWith(prefix) ? s.substring(prefix.length()) : s;
      }
      case "removesuffix" -> {
        String suffix = oneText(args);
        yield s.endsWith(suffix) ? s.substring(0, s.length() - suffix.length()) : s;
      }
      case "find", "rfind", "index", "rindex" -> find(s, name, args);
      case "count" -> count(s, args);
      case "replace" -> {
        Object[] a = args.bindPositional(2, 3);
        String old = Py.text(a[0], "replace() argument 1");
        Py.text(a[1], "replace() argument 2");
        String by = markup ? PyOps.escaped(a[1]) : Py.str(a[1]);
        yield replace(
            s, old, by, a[2] == PyDict.ABSENT ? -1 : PyNumbers.index(a[2]), args.budget());
      }
      case "join" -> join(s, args.bindPositional(1, 1)[0], markup, args.budget());
      case "format" -> new PyFormat(args.positional(), args.named(), args.budget()).format(s);
      case "format_map" -> {
        Object map = args.bindPositional(1, 1)[0];
        Map<String, Object> named = new LinkedHashMap<>();
        if (map instanceof Map<?, ?> m) {
          m.forEach((k, v) -> named.put(Py.str(k), v));
        }
        yield new PyFormat(List.of(), named, args.budget()).format(s);
      }
      case "center", "ljust", "rjust" -> justify(s, name, args);
      case "zfill" -> zeroFill(s, PyNumbers.index(args.bindPositional(1, 1)[0]), args.budget());
      case "expandtabs" -> expandTabs(s, args);
      case "maketrans", "translate" ->
          throw new JinjaException("str." + name + " is not supported in chat templates");
      default -> none(args, is(s, name));
    };
  }

  private static Object none(PyArgs args, Object result) {
    args.bindPositional(0, 0);
    return result;
  }

  private static String oneText(PyArgs args) {
    return Py.text(args.bindPositional(1, 1)[0], args.function() + "() argument");
  }

  private static String strip(String s, PyArgs args, boolean left, boolean right) {
    Object chars = args.bindPositional(0, 1)[0];
    if (chars == PyDict.ABSENT || chars == Py.NONE) {
      return PyStr.strip(s, left, right);
    }
    return PyStr.strip(s, Py.text(chars, "strip arg"), left, right);
  }

  private static Object split(String s, boolean fromLeft, PyArgs args) {
    Object[] a = args.bind(0, "sep", "maxsplit");
    int max = a[1] == PyDict.ABSENT ? -1 : PyNumbers.index(a[1]);
    if (a[0] == PyDict.ABSENT || a[0] == Py.NONE) {
      return fromLeft ? PyStr.split(s, max) : PyStr.splitFromRight(s, max);
    }
    String separator = Py.text(a[0], "split separator");
    if (separator.isEmpty()) {
      throw new JinjaException("empty separator");
    }
    return fromLeft ? PyStr.split(s, separator, max) : PyStr.splitFromRight(s, separator, max);
  }

  private static Object partition(String s, boolean first, PyArgs args) {
    String separator = oneText(args);
    if (separator.isEmpty()) {
      throw new JinjaException("empty separator");
    }
    int i = first ? s.indexOf(separator) : s.lastIndexOf(separator);
    if (i < 0) {
      return first ? new Py.Tuple(s, "", "") : new Py.Tuple("", "", s);
    }
    return new Py.Tuple(s.substring(0, i), separator, s.substring(i + separator.length()));
  }

  private static Object affix(String s, boolean start, PyArgs args) {
    Object[] a = args.bindPositional(1, 3);
    List<?> options = a[0] instanceof Py.Tuple t ? t : List.of(a[0]);
    int n = PyStr.length(s);
    int from = PyMethods.clip(a[1], n, 0);
    int to = PyMethods.clip(a[2], n, n);
    boolean outside = a[1] != PyDict.ABSENT && a[1] != Py.NONE && PyNumbers.index(a[1]) > n;
    String part = from > to ? "" : s.substring(PyStr.offset(s, from), PyStr.offset(s, to));
    for (Object option : options) {
      String text = Py.text(option, args.function() + " first arg");
      if (from <= to && !outside && (start ? part.startsWith(text) : part.endsWith(text))) {
        return true;
      }
    }
    return false;
  }

  private static Object find(String s, String name, PyArgs args) {
    Object[] a = args.bindPositional(1, 3);
    String sub = Py.text(a[0], name + "() argument 1");
    int n = PyStr.length(s);
    int from = PyMethods.clip(a[1], n, 0);
    int to = PyMethods.clip(a[2], n, n);
    boolean outside = a[1] != PyDict.ABSENT && a[1] != Py.NONE && PyNumbers.index(a[1]) > n;
    int at = -1;
    if (from <= to && !outside) {
      String part = s.substring(PyStr.offset(s, from), PyStr.offset(s, to));
      int i = name.startsWith("r") ? part.lastIndexOf(sub) : part.indexOf(sub);
      at = i < 0 ? -1 : from + part.codePointCount(0, i);
    }
    if (at < 0 && name.endsWith("index")) {
      throw new JinjaException("substring not found");
    }
    return (long) at;
  }

  private static Object count(String s, PyArgs args) {
    Object[] a = args.bindPositional(1, 3);
    String sub = Py.text(a[0], "count() argument 1");
    int n = PyStr.length(s);
    int from = PyMethods.clip(a[1], n, 0);
    int to = PyMethods.clip(a[2], n, n);
    if (from > to) {
      return 0L;
    }
    String part = s.substring(PyStr.offset(s, from), PyStr.offset(s, to));
    if (sub.isEmpty()) {
      return PyStr.length(part) + 1L;
    }
    return PyStr.split(part, sub, -1).size() - 1L;
  }

  static String replace(String s, String old, String by, int max, JinjaBudget budget) {
    if (old.isEmpty()) {
      return insertEverywhere(s, by, max, budget);
    }
    StringBuilder out = new StringBuilder();
    int start = 0;
    int done = 0;
    int i;
    while ((max < 0 || done < max) && (i = s.indexOf(old, start)) >= 0) {
      out.append(s, start, i).append(by);
      budget.characters(out.length() > JinjaBudget.MAX_SIZE ? out.length() : by.length());
      start = i + old.length();
      done++;
    }
    return done == 0 ? s : out.append(s, start, s.length()).toString();
  }

  private static String insertEverywhere(String s, String by, int max, JinjaBudget budget) {
    int[] points = s.codePoints().toArray();
    int times = max < 0 ? points.length + 1 : Math.min(max, points.length + 1);
    budget.characters(s.length() + (long) times * by.length());
    StringBuilder out = new StringBuilder();
    for (int i = 0; i <= points.length; i++) {
      if (i < times) {
        out.append(by);
      }
      if (i < points.length) {
        out.appendCodePoint(points[i]);
      }
    }
    return out.toString();
  }

  private static String join(String s, Object items, boolean markup, JinjaBudget budget) {
    StringBuilder out = new StringBuilder();
    Iterator<Object> it = Py.iterate(items);
    for (int i = 0; it.hasNext(); i++) {
      Object item = it.next();
      if (!Py.isText(item)) {
        throw new JinjaException(
            "sequence item " + i + ": expected str instance, " + Py.typeName(item) + " found");
      }
      String text = markup ? PyOps.escaped(item) : Py.str(item);
      budget.characters(out.length() > JinjaBudget.MAX_SIZE ? out.length() : text.length());
      out.append(i > 0 ? s : "").append(text);
    }
    return out.toString();
  }

  private static String justify(String s, String name, PyArgs args) {
    Object[] a = args.bindPositional(1, 2);
    String fill = a[1] == PyDict.ABSENT ? " " : Py.text(a[1], "the fill character");
    if (PyStr.length(fill) != 1) {
      throw new JinjaException("The fill character must be exactly one character long");
    }
    return justify(s, name, PyNumbers.index(a[0]), fill, args.budget());
  }

  static String justify(String s, String how, int width, String fill, JinjaBudget budget) {
    int missing = width - PyStr.length(s);
    if (missing <= 0) {
      return s;
    }
    budget.characters(width);
    int left =
        switch (how) {
          case "center" -> missing / 2 + (missing & width & 1);
          case "rjust" -> missing;
          default -> 0;
        };
    return fill.repeat(left) + s + fill.repeat(missing - left);
  }

  private static String zeroFill(String s, int width, JinjaBudget budget) {
    int missing = width - PyStr.length(s);
    if (missing <= 0) {
      return s;
    }
    budget.characters(width);
    int sign = s.startsWith("-") || s.startsWith("+") ? 1 : 0;
    return s.substring(0, sign) + "0".repeat(missing) + s.substring(sign);
  }

  private static String expandTabs(String s, PyArgs args) {
    Object size = args.bind(0, "tabsize")[0];
    int n = size == PyDict.ABSENT ? 8 : Math.max(0, PyNumbers.index(size));
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '\t') {
        int spaces = n == 0 ? 0 : n - column % n;
        args.budget().characters((long) out.length() + spaces);
        out.append(" ".repeat(spaces));
        column += spaces;
      } else {
        out.append(c);
        column = c == '\n' || c == '\r' ? 0 : column + (Character.isLowSurrogate(c) ? 0 : 1);
      }
    }
    return out.toString();
  }

  static boolean is(String s, String name) {
    return switch (name) {
      case "isdigit" -> all(s, c -> digit(c) || isNumberType(c, Character.OTHER_NUMBER) && sub(c));
      case "isdecimal" -> all(s, PyStrMethods::digit);
      case "isnumeric" ->
          all(
              s,
              c ->
                  digit(c)
                      || isNumberType(c, Character.OTHER_NUMBER)
                      || isNumberType(c, Character.LETTER_NUMBER));
      case "isalpha" -> all(s, Character::isLetter);
      case "isalnum" ->
          all(s, c -> Character.isLetter(c) || digit(c) || isNumberType(c, Character.OTHER_NUMBER));
      case "isspace" -> all(s, PyStr::isSpace);
      case "isascii" -> s.codePoints().allMatch(c -> c < 128);
      case "isprintable" -> s.codePoints().allMatch(PyStr::isPrintable);
      case "isupper" -> PyStr.allCase(s, true);
      case "islower" -> PyStr.allCase(s, false);
      case "istitle" -> PyStr.title(s).equals(s) && s.codePoints().anyMatch(PyStr::isCased);
      default ->
          !s.isEmpty()
              && (s.charAt(0) == '_' || Character.isUnicodeIdentifierStart(s.codePointAt(0)))
              && s.codePoints().allMatch(Character::isUnicodeIdentifierPart);
    };
  }

  private static boolean digit(int c) {
    return Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
  }

  /** Superscript, subscript and circled digits have a digit value in Unicode. */
  private static boolean sub(int c) {
    return c == 0xb2
        || c == 0xb3
        || c == 0xb9
        || (c >= 0x2070 && c <= 0x2089)
        || (c >= 0x2460 && c <= 0x2468);
  }

  private static boolean isNumberType(int c, int type) {
    return Character.getType(c) == type;
  }

  private static boolean all(String s, IntPredicate p) {
    return !s.isEmpty() && s.codePoints().allMatch(p);
  }
}
