package io.tiefsee.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's {@code pprint.pformat}: one line where it fits 80 columns, else an element a line. */
final class PyPretty {
  private static final int WIDTH = 80;

  private PyPretty() {}

  static String format(Object v) {
    StringBuilder out = new StringBuilder();
    write(v, out, 0, 0, 0);
    return out.toString();
  }

  /**
   * @param indent the column the value starts at
   * @param allowance characters that must still fit behind it
   */
  private static void write(Object v, StringBuilder out, int indent, int allowance, int depth) {
    Py.checkNesting(depth);
    String line = Py.repr(sorted(v, depth));
    if (line.length() <= WIDTH - indent - allowance) {
      out.append(line);
      return;
    }
    switch (v) {
      case Map<?, ?> m when !m.isEmpty() -> {
        Map<Object, Object> entries = PyMethods.asDict((Map<?, ?>) sorted(v, 0));
        out.append('{');
        int left = entries.size();
        for (Map.Entry<Object, Object> e : entries.entrySet()) {
          String key = Py.repr(e.getKey());
          out.append(key).append(": ");
          int column = indent + 1 + key.length() + 2;
          write(e.getValue(), out, column, --left == 0 ? allowance + 1 : 1, depth + 1);
          out.append(left == 0 ? "" : ",\n" + " ".repeat(indent + 1));
        }
        out.append('}');
      }
      case Py.Tuple t when !t.isEmpty() -> {
        String end = t.size() == 1 ? ",)" : ")";
        items("(", t, end, out, indent, allowance, depth);
      }
      case ArrayList<?> l when !l.isEmpty() -> items("[", l, "]", out, indent, allowance, depth);
      case String s -> text(s, out, indent, allowance, depth);
      default -> out.append(line);
    }
  }

  private static void items(
      String open,
      List<?> items,
      String end,
      StringBuilder out,
      int indent,
      int allowance,
      int depth) {
    out.append(open);
    int left = items.size();
    for (Object item : items) {
      write(item, out, indent + 1, --left == 0 ? allowance + end.length() : 1, depth + 1);
      out.append(left == 0 ? end : ",\n" + " ".repeat(indent + 1));
    }
  }

  /** A long text becomes several literals, broken behind white space. */
  private static void text(String s, StringBuilder out, int indent, int allowance, int depth) {
    int column = depth == 0 ? indent + 1 : indent;
    int behind = depth == 0 ? allowance + 1 : allowance;
    List<String> chunks = new ArrayList<>();
    List<Object> lines = PyStr.splitLines(s, true);
    for (int i = 0; i < lines.size(); i++) {
      boolean last = i == lines.size() - 1;
      chunks.addAll(wrap(Py.str(lines.get(i)), WIDTH - column, last ? behind : 0));
    }
    boolean brackets = depth == 0 && chunks.size() > 1;
    out.append(brackets ? "(" : "");
    out.append(String.join("\n" + " ".repeat(column), chunks));
    out.append(brackets ? ")" : "");
  }

  private static List<String> wrap(String line, int width, int behind) {
    List<String> chunks = new ArrayList<>();
    if (PyStr.repr(line).length() <= width - behind) {
      return List.of(PyStr.repr(line));
    }
    String current = "";
    int i = 0;
    while (i < line.length()) {
      int end = i;
      while (end < line.length() && !PyStr.isSpace(line.charAt(end))) {
        end++;
      }
      end = PyStr.skipSpace(line, end);
      String next = current + line.substring(i, end);
      int room = end == line.length() ? width - behind : width;
      if (PyStr.repr(next).length() > room && !current.isEmpty()) {
        chunks.add(PyStr.repr(current));
        next = line.substring(i, end);
      }
      current = next;
      i = end;
    }
    if (!current.isEmpty()) {
      chunks.add(PyStr.repr(current));
    }
    return chunks;
  }

  /** The value with the keys of its dicts in order, where they have one. */
  private static Object sorted(Object v, int depth) {
    Py.checkNesting(depth);
    if (v instanceof Map<?, ?> m) {
      List<Map.Entry<?, ?>> entries = new ArrayList<>(m.entrySet());
      try {
        JinjaSequences.sort(entries, Map.Entry::getKey, false);
      } catch (JinjaException _) {
        JinjaSequences.sort(
            entries, e -> new Py.Tuple(Py.typeName(e.getKey()), Py.str(e.getKey())), false);
      }
      Map<Object, Object> out = new java.util.LinkedHashMap<>();
      entries.forEach(e -> out.put(e.getKey(), sorted(e.getValue(), depth + 1)));
      return out;
    }
    if (v instanceof Py.Tuple t) {
      return Py.Tuple.of(t.stream().map(e -> sorted(e, depth + 1)).toList());
    }
    if (v instanceof ArrayList<?> l) {
      List<Object> out = new ArrayList<>();
      l.forEach(e -> out.add(sorted(e, depth + 1)));
      return out;
    }
    return v;
  }
}
