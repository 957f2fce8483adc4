package io.tiefsee.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Jinja2's filters. Those over sequences are in {@link JinjaSequences}. */
final class JinjaFilters {
  private static final Set<String> NAMES =
      Set.of(
          "abs",
          "attr",
          "batch",
          "capitalize",
          "center",
          "count",
          "d",
          "default",
          "dictsort",
          "e",
          "escape",
          "filesizeformat",
          "first",
          "float",
          "forceescape",
          "format",
          "groupby",
          "indent",
          "int",
          "items",
          "join",
          "last",
          "length",
          "list",
          "lower",
          "map",
          "max",
          "min",
          "pprint",
          "reject",
          "rejectattr",
          "replace",
          "reverse",
          "round",
          "safe",
          "select",
          "selectattr",
          "slice",
          "sort",
          "string",
          "striptags",
          "sum",
          "title",
          "tojson",
          "trim",
          "truncate",
          "unique",
          "upper",
          "urlencode",
          "wordcount",
          "xmlattr");

  private JinjaFilters() {}

  static boolean exists(String name) {
    return NAMES.contains(name);
  }

  static Object apply(String name, Object v, PyArgs args) {
    if (!exists(name)) {
      throw new JinjaException("no filter named '" + name + "'");
    }
    if (Py.isText(v)) {
      args.budget().work(Py.str(v).length());
    }
    return switch (name) {
      case "tojson" -> JinjaJson.dump(v, args);
      case "default", "d" -> defaulted(v, args);
      case "string" -> none(args, v instanceof Py.Markup ? v : Py.str(v));
      case "upper" -> none(args, text(v, PyStr.upper(Py.str(v))));
      case "lower" -> none(args, text(v, PyStr.lower(Py.str(v))));
      case "capitalize" -> none(args, text(v, PyStr.capitalize(Py.str(v))));
      case "title" -> none(args, title(Py.str(v)));
      case "length", "count" -> none(args, (long) Py.length(v));
      case "abs" -> none(args, abs(v));
      case "safe" -> none(args, new Py.Markup(Py.str(v)));
      case "escape", "e" -> none(args, new Py.Markup(PyOps.escaped(v)));
      case "forceescape" -> none(args, new Py.Markup(PyStr.escapeHtml(Py.str(v))));
      case "striptags" -> none(args, JinjaText.stripTags(Py.str(v)));
      case "wordcount" -> none(args, JinjaText.countWords(Py.str(v)));
      case "trim" -> trim(v, args);
      case "replace" -> replace(v, args);
      case "format" -> format(v, args);
      case "indent" -> JinjaText.indent(v, args);
      case "truncate" -> JinjaText.truncate(v, args);
      case "center" -> {
        Object width = args.bind(0, "width")[0];
        int w = width == PyDict.ABSENT ? 80 : PyNumbers.index(width);
        yield text(v, PyStrMethods.justify(Py.str(v), "center", w, " ", args.budget()));
      }
      case "int" -> JinjaText.toInt(v, args);
      case "float" -> JinjaText.toFloat(v, args);
      case "round" -> round(v, args);
      case "attr" -> attribute(v, Py.str(args.bind(1, "name")[0]));
      case "filesizeformat" -> JinjaText.fileSize(v, args);
      case "urlencode" -> none(args, urlEncode(v));
      case "xmlattr" -> xmlAttributes(v, args);
      case "pprint" -> none(args, PyPretty.format(v));
      default -> JinjaSequences.apply(name, v, args);
    };
  }

  private static Object none(PyArgs args, Object result) {
    args.bind(0);
    return result;
  }

  /** {@code result} as marked text where {@code v} was. */
  static Object text(Object v, String result) {
    return PyOps.markup(result, v instanceof Py.Markup);
  }

  private static Object defaulted(Object v, PyArgs args) {
    Object[] a = args.bind(0, "default_value", "boolean");
    boolean falseToo = a[1] != PyDict.ABSENT && Py.truth(a[1]);
    if (v instanceof Py.Undefined || (falseToo && !Py.truth(v))) {
      return a[0] == PyDict.ABSENT ? "" : a[0];
    }
    return v;
  }

  private static Object abs(Object v) {
    if (v instanceof Py.Undefined u) {
      throw u.error();
    }
    if (!PyNumbers.isNumber(v)) {
      throw new JinjaException("bad operand type for abs(): '" + Py.typeName(v) + "'");
    }
    return PyNumbers.abs(v);
  }

  /** Capitals after spaces, hyphens and opening brackets, the rest in lower case. */
  private static String title(String s) {
    StringBuilder out = new StringBuilder(s.length());
    int i = 0;
    while (i < s.length()) {
      int start = i;
      boolean separator = isWordBreak(s.charAt(i));
      while (i < s.length() && isWordBreak(s.charAt(i)) == separator) {
        i++;
      }
      int first = Character.charCount(s.codePointAt(start));
      out.append(PyStr.upper(s.substring(start, start + first)));
      String whole = PyStr.lower(s.substring(start + first, i));
      out.append(whole);
    }
    return out.toString();
  }

  private static boolean isWordBreak(char c) {
    return PyStr.isSpace(c) || "-({[<".indexOf(c) >= 0;
  }

  private static Object trim(Object v, PyArgs args) {
    Object chars = args.bind(0, "chars")[0];
    String s = Py.str(v);
    return text(
        v,
        chars == PyDict.ABSENT || chars == Py.NONE
            ? PyStr.strip(s, true, true)
            : PyStr.strip(s, Py.text(chars, "strip arg"), true, true));
  }

  private static Object replace(Object v, PyArgs args) {
    Object[] a = args.bind(2, "old", "new", "count");
    int max = a[2] == PyDict.ABSENT || a[2] == Py.NONE ? -1 : PyNumbers.index(a[2]);
    args.budget().search(Py.str(v), Py.str(a[0]));
    return PyStrMethods.replace(Py.str(v), Py.str(a[0]), Py.str(a[1]), max, args.budget());
  }

  private static Object format(Object v, PyArgs args) {
    if (!args.positional().isEmpty() && !args.named().isEmpty()) {
      throw new JinjaException("format: can't handle positional and keyword arguments together");
    }
    Object values = Py.Tuple.of(args.positional());
    if (!args.named().isEmpty()) {
      values = new java.util.LinkedHashMap<Object, Object>(args.named());
    }
    boolean markup = v instanceof Py.Markup;
    return text(v, PyPercent.format(Py.str(v), values, markup, args.budget()));
  }

  private static Object round(Object v, PyArgs args) {
    Object[] a = args.bind(0, "precision", "method");
    int precision = a[0] == PyDict.ABSENT ? 0 : PyNumbers.index(a[0]);
    String method = a[1] == PyDict.ABSENT ? "common" : Py.str(a[1]);
    if (v instanceof Py.Undefined u) {
      throw u.error();
    }
    if (!PyNumbers.isNumber(v)) {
      throw new JinjaException("type " + Py.typeName(v) + " doesn't define __round__ method");
    }
    if (method.equals("common")) {
      return PyNumbers.round(v, precision);
    }
    if (!method.equals("ceil") && !method.equals("floor")) {
      throw new JinjaException("method must be common, ceil or floor");
    }
    Object scale = PyNumbers.binary("**", 10L, (long) precision);
    Object scaled = PyNumbers.binary("*", v, scale);
    if (scaled instanceof Double d) {
      scaled = PyNumbers.truncate(method.equals("ceil") ? Math.ceil(d) : Math.floor(d));
    }
    return PyNumbers.binary("/", scaled, scale);
  }

  private static Object attribute(Object v, String name) {
    Object value = PyOps.attribute(v, name);
    boolean onlyItem =
        v instanceof Map<?, ?> m
            && PyDict.find(m, name) == value
            && !(value instanceof Py.Callable);
    return onlyItem ? new Py.Undefined("no attribute " + PyStr.repr(name)) : value;
  }

  private static String urlEncode(Object v) {
    if (Py.isText(v) || !Py.isIterable(v)) {
      return quoteUrl(Py.str(v), "/");
    }
    List<String> parts = new ArrayList<>();
    Iterator<Object> items =
        v instanceof Map<?, ?> m
            ? new Py.DictView("items", PyMethods.asDict(m)).iterator()
            : Py.iterate(v);
    while (items.hasNext()) {
      if (!(items.next() instanceof List<?> pair) || pair.size() != 2) {
        throw new JinjaException("urlencode needs pairs");
      }
      parts.add(query(pair.get(0)) + "=" + query(pair.get(1)));
    }
    return String.join("&", parts);
  }

  private static String query(Object v) {
    return quoteUrl(Py.str(v), "").replace("%20", "+");
  }

  private static String quoteUrl(String s, String safe) {
    StringBuilder out = new StringBuilder();
    for (byte b : s.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          c < 128 && Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0 || safe.indexOf(c) >= 0;
      if (plain) {
        out.append(c);
      } else {
        out.append('%')
            .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
            .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
      }
    }
    return out.toString();
  }

  private static Object xmlAttributes(Object v, PyArgs args) {
    Object space = args.bind(0, "autospace")[0];
    if (!(v instanceof Map<?, ?> m)) {
      throw new JinjaException("xmlattr needs a dict");
    }
    List<String> items = new ArrayList<>();
    m.forEach((k, value) -> {
      if (value == Py.NONE || value instanceof Py.Undefined) {
        return;
      }
      String key = Py.text(k, "an attribute name");
      if (key.chars().anyMatch(c -> c < 128 && PyStr.isSpace(c) || "/>=".indexOf(c) >= 0)) {
        throw new JinjaException("Invalid character in attribute name: " + PyStr.repr(key));
      }
      items.add(PyOps.escaped(k) + "=\"" + PyOps.escaped(value) + "\"");
    });
    String text = String.join(" ", items);
    boolean spaced = (space == PyDict.ABSENT || Py.truth(space)) && !text.isEmpty();
    return spaced ? " " + text : text;
  }
}
