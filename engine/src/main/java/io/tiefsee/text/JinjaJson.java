package io.tiefsee.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The {@code tojson} filter as transformers has it: Python's json.dumps without HTML escapes,
 * non-ASCII kept unless asked otherwise, {@code ", "} and {@code ": "} between things.
 */
final class JinjaJson {
  private final boolean ascii;
  private final boolean sorted;
  private final boolean indented;
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final JinjaBudget budget;
  private final StringBuilder out = new StringBuilder();

  private JinjaJson(PyArgs args) {
    Object[] a = args.bind(0, "ensure_ascii", "indent", "separators", "sort_keys");
    ascii = a[0] != PyDict.ABSENT && Py.truth(a[0]);
    indented = a[1] != PyDict.ABSENT && a[1] != Py.NONE;
    sorted = a[3] != PyDict.ABSENT && Py.truth(a[3]);
    budget = args.budget();
    if (!indented) {
      indent = "";
    } else if (Py.isText(a[1])) {
      indent = Py.str(a[1]);
    } else {
      int width = Math.max(0, PyNumbers.index(a[1]));
      budget.characters(width);
      indent = " ".repeat(width);
    }
    if (a[2] == PyDict.ABSENT || a[2] == Py.NONE) {
      itemSeparator = indented ? "," : ", ";
      keySeparator = ": ";
    } else if (a[2] instanceof List<?> l && l.size() == 2) {
      itemSeparator = Py.text(l.get(0), "a separator");
      keySeparator = Py.text(l.get(1), "a separator");
    } else {
      throw new JinjaException("tojson: separators must be a pair");
    }
  }

  static String dump(Object value, PyArgs args) {
    JinjaJson json = new JinjaJson(args);
    json.value(value, 0);
    return json.out.toString();
  }

  private void value(Object v, int depth) {
    Py.checkNesting(depth);
    budget.characters(out.length() > JinjaBudget.MAX_SIZE ? out.length() : 0);
    switch (v) {
      case Py.None _ -> out.append("null");
      case Boolean b -> out.append(b);
      case String s -> string(s);
      case Py.Markup m -> string(m.text());
      case Map<?, ?> m -> dict(m, depth);
      case ArrayList<?> l -> list(l, depth);
      case Py.Tuple t -> list(t, depth);
      default -> {
        if (!PyNumbers.isNumber(v)) {
          throw new JinjaException(
              "Object of type " + Py.typeName(v) + " is not JSON serializable");
        }
        out.append(number(v));
      }
    }
  }

  private static String number(Object v) {
    if (v instanceof Double d && !Double.isFinite(d)) {
      return d.isNaN() ? "NaN" : d > 0 ? "Infinity" : "-Infinity";
    }
    return PyNumbers.str(v);
  }

  private void list(List<?> list, int depth) {
    if (list.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    boolean first = true;
    for (Object item : list) {
      separate(first, depth + 1);
      first = false;
      value(item, depth + 1);
    }
    newLine(depth);
    out.append(']');
  }

  private void dict(Map<?, ?> dict, int depth) {
    if (dict.isEmpty()) {
      out.append("{}");
      return;
    }
    out.append('{');
    List<Map.Entry<?, ?>> entries = new ArrayList<>(dict.entrySet());
    if (sorted) {
      JinjaSequences.sort(entries, Map.Entry::getKey, false);
    }
    boolean first = true;
    for (Map.Entry<?, ?> e : entries) {
      separate(first, depth + 1);
      first = false;
      string(key(e.getKey()));
      out.append(keySeparator);
      value(e.getValue(), depth + 1);
    }
    newLine(depth);
    out.append('}');
  }

  private static String key(Object key) {
    return switch (key) {
      case String s -> s;
      case Boolean b -> b.toString();
      case Py.None _ -> "null";
      default -> {
        if (!PyNumbers.isNumber(key)) {
          throw new JinjaException(
              "keys must be str, int, float, bool or None, not " + Py.typeName(key));
        }
        yield number(key);
      }
    };
  }

  private void separate(boolean first, int depth) {
    if (!first) {
      out.append(itemSeparator);
    }
    newLine(depth);
  }

  private void newLine(int depth) {
    if (indented) {
      budget.characters((long) indent.length() * depth);
      out.append('\n').append(indent.repeat(depth));
    }
  }

  private void string(String s) {
    budget.characters(s.length());
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            out.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
              out.append(Character.forDigit(c >> shift & 15, 16));
            }
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
