package io.tiefsee.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's {@code ==} and its order of values. */
final class PyCompare {
  private PyCompare() {}

  static boolean equal(Object a, Object b) {
    return equal(a, b, 0);
  }

  private static boolean equal(Object a, Object b, int depth) {
    Py.checkNesting(depth);
    if (a == b) {
      return !PyNumbers.isNaN(a);
    }
    if (Py.isText(a) && Py.isText(b)) {
      JinjaBudget.CURRENT.get().work(Py.str(a).length());
      return Py.str(a).equals(Py.str(b));
    }
    if (PyNumbers.isNumber(a) && PyNumbers.isNumber(b)) {
      return PyNumbers.equal(a, b);
    }
    return switch (a) {
      case Py.Undefined _ -> b instanceof Py.Undefined;
      case Py.Tuple x -> b instanceof Py.Tuple y && sameItems(x, y, depth);
      case Py.Range x -> b instanceof Py.Range y && sameItems(x, y, depth);
      case List<?> x ->
          b instanceof List<?> y
              && !(b instanceof Py.Tuple)
              && !(b instanceof Py.Range)
              && sameItems(x, y, depth);
      case Map<?, ?> x -> b instanceof Map<?, ?> y && sameEntries(x, y, depth);
      default -> false;
    };
  }

  private static boolean sameItems(List<?> a, List<?> b, int depth) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (a.get(i) != b.get(i) && !equal(a.get(i), b.get(i), depth + 1)) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameEntries(Map<?, ?> a, Map<?, ?> b, int depth) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Map.Entry<?, ?> e : a.entrySet()) {
      Object other = PyDict.find(b, e.getKey());
      if (other == PyDict.ABSENT
          || (other != e.getValue() && !equal(e.getValue(), other, depth + 1))) {
        return false;
      }
    }
    return true;
  }

  /** {@code a < b}, {@code a <= b}, {@code a > b} or {@code a >= b}. */
  static boolean ordered(String op, Object a, Object b) {
    int c = compare(op, a, b, 0);
    return switch (op) {
      case "<" -> c == -1;
      case "<=" -> c == -1 || c == 0;
      case ">" -> c == 1;
      default -> c == 1 || c == 0;
    };
  }

  /** -1, 0 or 1; 2 where neither comes first (NaN). */
  private static int compare(String op, Object a, Object b, int depth) {
    Py.checkNesting(depth);
    if (PyNumbers.isNumber(a) && PyNumbers.isNumber(b)) {
      int c = PyNumbers.compare(a, b);
      return c == 2 ? 2 : Integer.signum(c);
    }
    if (Py.isText(a) && Py.isText(b)) {
      return Integer.signum(PyStr.compare(Py.str(a), Py.str(b)));
    }
    boolean tuples = a instanceof Py.Tuple && b instanceof Py.Tuple;
    boolean lists = a instanceof ArrayList && b instanceof ArrayList;
    if ((tuples || lists) && a instanceof List<?> x && b instanceof List<?> y) {
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
        if (!equal(x.get(i), y.get(i), depth + 1)) {
          return compare(op, x.get(i), y.get(i), depth + 1);
        }
      }
      return Integer.compare(x.size(), y.size());
    }
    if (a instanceof Py.Undefined u) {
      throw u.error();
    }
    if (b instanceof Py.Undefined u) {
      throw u.error();
    }
    throw new JinjaException(
        "'%s' not supported between instances of '%s' and '%s'"
            .formatted(op, Py.typeName(a), Py.typeName(b)));
  }
}
