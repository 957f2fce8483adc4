package io.tiefsee.text;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Python's operators, subscripts and attributes on the values of {@link Py}. */
final class PyOps {
  private PyOps() {}

  static Object binary(String op, Object a, Object b, JinjaBudget budget) {
    if (PyNumbers.isNumber(a) && PyNumbers.isNumber(b)) {
      return PyNumbers.binary(op, a, b);
    }
    if (a instanceof Py.Undefined u) {
      throw u.error();
    }
    if (op.equals("%") && Py.isText(a)) {
      boolean markup = a instanceof Py.Markup;
      return markup(PyPercent.format(Py.str(a), b, markup, budget), markup);
    }
    if (b instanceof Py.Undefined u) {
      throw u.error();
    }
    if (op.equals("+")) {
      return add(a, b, budget);
    }
    if (op.equals("*") && (PyNumbers.isInt(a) || PyNumbers.isInt(b))) {
      return PyNumbers.isInt(b) ? repeat(a, b, budget) : repeat(b, a, budget);
    }
    throw unsupported(op, a, b);
  }

  private static JinjaException unsupported(String op, Object a, Object b) {
    if (op.equals("+") && a instanceof String) {
      return new JinjaException("can only concatenate str (not \"" + Py.typeName(b) + "\") to str");
    }
    return new JinjaException(
        "unsupported operand type(s) for %s: '%s' and '%s'"
            .formatted(op, Py.typeName(a), Py.typeName(b)));
  }

  private static Object add(Object a, Object b, JinjaBudget budget) {
    if (Py.isText(a) && Py.isText(b)) {
      boolean markup = a instanceof Py.Markup || b instanceof Py.Markup;
      String x = markup ? escaped(a) : Py.str(a);
      String y = markup ? escaped(b) : Py.str(b);
      budget.characters((long) x.length() + y.length());
      return markup(x.concat(y), markup);
    }
    boolean tuples = a instanceof Py.Tuple && b instanceof Py.Tuple;
    boolean lists = a instanceof ArrayList && b instanceof ArrayList;
    if ((tuples || lists) && a instanceof List<?> x && b instanceof List<?> y) {
      budget.elements((long) x.size() + y.size());
      List<Object> sum = new ArrayList<>(x);
      sum.addAll(y);
      return tuples ? Py.Tuple.of(sum) : sum;
    }
    throw unsupported("+", a, b);
  }

  private static Object repeat(Object a, Object times, JinjaBudget budget) {
    long n = Math.max(0, PyNumbers.index(times));
    if (Py.isText(a)) {
      String s = Py.str(a);
      budget.characters(n * s.length());
      return markup(s.isEmpty() ? s : s.repeat((int) n), a instanceof Py.Markup);
    }
    if (a instanceof ArrayList || a instanceof Py.Tuple) {
      List<?> items = (List<?>) a;
      budget.elements(n * items.size());
      List<Object> out = new ArrayList<>();
      for (long i = 0; i < n && !items.isEmpty(); i++) {
        out.addAll(items);
      }
      return a instanceof Py.Tuple ? Py.Tuple.of(out) : out;
    }
    throw unsupported("*", a, times);
  }

  /** HTML text of a value: marked text stays as it is. */
  static String escaped(Object v) {
    return v instanceof Py.Markup m ? m.text() : PyStr.escapeHtml(Py.str(v));
  }

  static Object markup(String s, boolean markup) {
    return markup ? new Py.Markup(s) : s;
  }

  static Object unary(String op, Object v) {
    if (v instanceof Py.Undefined u) {
      throw u.error();
    }
    if (!PyNumbers.isNumber(v)) {
      throw new JinjaException("bad operand type for unary " + op + ": '" + Py.typeName(v) + "'");
    }
    if (op.equals("-")) {
      return PyNumbers.negate(v);
    }
    return v instanceof Boolean ? PyNumbers.shrink(PyNumbers.big(v)) : v;
  }

  static boolean compare(String op, Object a, Object b, JinjaBudget budget) {
    return switch (op) {
      case "==" -> PyCompare.equal(a, b);
      case "!=" -> !PyCompare.equal(a, b);
      case "in" -> contains(b, a, budget);
      case "not in" -> !contains(b, a, budget);
      default -> PyCompare.ordered(op, a, b);
    };
  }

  static boolean contains(Object container, Object item, JinjaBudget budget) {
    switch (container) {
      case String _, Py.Markup _ -> {
        String text = Py.str(container);
        String part = Py.text(item, "'in <string>' requires string as left operand,");
        budget.search(text, part);
        return text.contains(part);
      }
      case Map<?, ?> m -> {
        return PyDict.find(m, item) != PyDict.ABSENT;
      }
      case Py.DictView d when d.kind().equals("keys") -> {
        return PyDict.find(d.map(), item) != PyDict.ABSENT;
      }
      default -> {
        if (!Py.isIterable(container)) {
          throw new JinjaException(
              "argument of type '" + Py.typeName(container) + "' is not iterable");
        }
        Iterator<Object> items = Py.iterate(container);
        while (items.hasNext()) {
          budget.step();
          Object other = items.next();
          if (other == item || PyCompare.equal(other, item)) {
            return true;
          }
        }
        return false;
      }
    }
  }

  /** {@code object.name}: Python's attribute first, then the item. */
  static Object attribute(Object object, String name) {
    if (object instanceof Py.Undefined u) {
      if (name.startsWith("__") && name.endsWith("__")) {
        return new Py.Undefined("an undefined value has no attribute " + PyStr.repr(name));
      }
      throw u.error();
    }
    return ownAttribute(object, name)
        .orElseGet(() -> {
          Object item = object instanceof Map<?, ?> m ? PyDict.find(m, name) : PyDict.ABSENT;
          return item == PyDict.ABSENT ? missing(object, name) : item;
        });
  }

  /** {@code object[index]}: the item first, then Python's attribute. */
  static Object item(Object object, Object index) {
    Object found =
        switch (object) {
          case Py.Undefined u -> throw u.error();
          case Map<?, ?> m -> isHashable(index) ? PyDict.find(m, index) : PyDict.ABSENT;
          case List<?> l when PyNumbers.isInt(index) -> at(l, index);
          case String s when PyNumbers.isInt(index) -> codePointAt(s, index);
          case Py.Markup m when PyNumbers.isInt(index) -> {
            Object c = codePointAt(m.text(), index);
            yield c instanceof String s ? new Py.Markup(s) : c;
          }
          default -> PyDict.ABSENT;
        };
    if (found != PyDict.ABSENT) {
      return found;
    }
    if (Py.isText(index)) {
      return ownAttribute(object, Py.str(index)).orElseGet(() -> missing(object, index));
    }
    return missing(object, index);
  }

  private static boolean isHashable(Object key) {
    return !(key instanceof ArrayList || key instanceof Map);
  }

  private static Object at(List<?> list, Object index) {
    int i = PyNumbers.index(index);
    i = i < 0 ? i + list.size() : i;
    return i >= 0 && i < list.size() ? list.get(i) : PyDict.ABSENT;
  }

  private static Object codePointAt(String s, Object index) {
    JinjaBudget.CURRENT.get().work(s.length());
    int n = PyStr.length(s);
    int i = PyNumbers.index(index);
    i = i < 0 ? i + n : i;
    return i >= 0 && i < n ? Character.toString(s.codePointAt(PyStr.offset(s, i))) : PyDict.ABSENT;
  }

  private static Py.Undefined missing(Object object, Object name) {
    String type = object == Py.NONE ? "None" : Py.typeName(object) + " object";
    return new Py.Undefined(
        "'"
            + type
            + "' has no "
            + (name instanceof String ? "attribute " : "element ")
            + Py.repr(name));
  }

  /** What Python's {@code getattr} finds; names the sandbox forbids give an undefined value. */
  private static Optional<Object> ownAttribute(Object object, String name) {
    return switch (object) {
      case Py.Namespace n -> {
        Object value = PyDict.find(n.attributes(), name);
        yield value == PyDict.ABSENT ? Optional.empty() : Optional.of(value);
      }
      case JinjaLoop loop -> loop.attribute(name);
      case JinjaMacro macro -> macro.attribute(name);
      case JinjaGlobals.Cycler cycler -> cycler.attribute(name);
      case Py.Group g when name.equals("grouper") -> Optional.of(g.get(0));
      case Py.Group g when name.equals("list") -> Optional.of(g.get(1));
      default -> PyMethods.find(object, name);
    };
  }

  /** {@code object[start:stop:step]}; an absent bound is {@link Py#NONE}. */
  static Object slice(Object object, Object start, Object stop, Object step, JinjaBudget budget) {
    if (object instanceof Py.Undefined u) {
      throw u.error();
    }
    boolean text = Py.isText(object);
    if (!text && !(object instanceof List<?>)) {
      throw new JinjaException("'" + Py.typeName(object) + "' object cannot be sliced");
    }
    if (!isBound(start) || !isBound(stop) || !isBound(step)) {
      throw new JinjaException("slice indices must be integers or None");
    }
    int by = step == Py.NONE ? 1 : PyNumbers.index(step);
    if (by == 0) {
      throw new JinjaException("slice step cannot be zero");
    }
    int n = Py.length(object);
    int from = bound(start, n, by, by > 0 ? 0 : n - 1);
    int to = bound(stop, n, by, by > 0 ? n : -1);
    if (text) {
      String s = Py.str(object);
      budget.characters(s.length());
      return markup(sliceText(s, from, to, by), object instanceof Py.Markup);
    }
    List<?> list = (List<?>) object;
    List<Object> out = new ArrayList<>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      out.add(list.get((int) i));
    }
    budget.elements(out.size());
    if (object instanceof Py.Range r) {
      return new Py.Range(r.start + from * r.step, r.start + to * r.step, r.step * by, out.size());
    }
    return object instanceof Py.Tuple ? Py.Tuple.of(out) : out;
  }

  private static boolean isBound(Object v) {
    return v == Py.NONE || PyNumbers.isInt(v);
  }

  private static int bound(Object v, int n, int step, int absent) {
    if (v == Py.NONE) {
      return absent;
    }
    long i = PyNumbers.index(v);
    i = i < 0 ? i + n : i;
    return Math.clamp(i, step > 0 ? 0 : -1, step > 0 ? n : n - 1);
  }

  private static String sliceText(String s, int from, int to, int by) {
    if (by == 1) {
      return from >= to ? "" : s.substring(PyStr.offset(s, from), PyStr.offset(s, to));
    }
    int[] points = s.codePoints().toArray();
    StringBuilder out = new StringBuilder();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      out.appendCodePoint(points[(int) i]);
    }
    return out.toString();
  }
}
