package io.tiefsee.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The filters over sequences. Those that Jinja2 writes as generators are lazy here too: an element
 * fails when it is reached, and the result has no length.
 */
final class JinjaSequences {
  private JinjaSequences() {}

  static Object apply(String name, Object v, PyArgs args) {
    return switch (name) {
      case "first" -> {
        args.bind(0);
        Iterator<Object> it = Py.iterate(v);
        yield it.hasNext() ? it.next() : new Py.Undefined("No first item, sequence was empty.");
      }
      case "last" -> {
        args.bind(0);
        Iterator<Object> it = reversed(v, args.budget()).iterator();
        yield it.hasNext() ? it.next() : new Py.Undefined("No last item, sequence was empty.");
      }
      case "reverse" -> reverse(v, args);
      case "list" -> {
        args.bind(0);
        yield list(v, args.budget());
      }
      case "items" -> {
        args.bind(0);
        if (v instanceof Py.Undefined) {
          yield new Py.Iter(Collections.emptyIterator());
        }
        if (!(v instanceof Map<?, ?> m)) {
          throw new JinjaException("Can only get item pairs from a mapping.");
        }
        yield new Py.Iter(new Py.DictView("items", PyMethods.asDict(m)).iterator());
      }
      case "join" -> join(v, args);
      case "map" -> map(v, args);
      case "select" -> select(v, args, false, true);
      case "reject" -> select(v, args, false, false);
      case "selectattr" -> select(v, args, true, true);
      case "rejectattr" -> select(v, args, true, false);
      case "dictsort" -> dictSort(v, args);
      case "sort" -> {
        Object[] a = args.bind(0, "reverse", "case_sensitive", "attribute");
        List<Object> sorted = list(v, args.budget());
        sort(sorted, keys(a[2], isTrue(a[1])), flag(a[0]));
        yield sorted;
      }
      case "unique" -> unique(v, args);
      case "min" -> extreme(v, args, "<");
      case "max" -> extreme(v, args, ">");
      case "sum" -> sum(v, args);
      case "groupby" -> groupBy(v, args);
      case "batch" -> batch(v, args);
      default -> slices(v, args);
    };
  }

  private static boolean isTrue(Object v) {
    return v != PyDict.ABSENT && Py.truth(v);
  }

  /** A flag that Python takes from an int only. */
  private static boolean flag(Object v) {
    return v != PyDict.ABSENT && PyNumbers.index(v) != 0;
  }

  private static boolean given(Object v) {
    return v != PyDict.ABSENT && v != Py.NONE;
  }

  static List<Object> list(Object v, JinjaBudget budget) {
    List<Object> out = new ArrayList<>();
    Iterator<Object> it = Py.iterate(v);
    while (it.hasNext()) {
      budget.step();
      out.add(it.next());
    }
    return out;
  }

  private static List<Object> reversed(Object v, JinjaBudget budget) {
    if (v instanceof Py.Iter) {
      throw new JinjaException("'generator' object is not reversible");
    }
    return list(v, budget).reversed();
  }

  private static Object reverse(Object v, PyArgs args) {
    args.bind(0);
    if (Py.isText(v)) {
      return JinjaFilters.text(v, PyStr.reverse(Py.str(v)));
    }
    return new Py.Iter(list(v, args.budget()).reversed().iterator());
  }

  /** Follows a path such as {@code function.name} or {@code 0.id}; nothing given is the item. */
  private static Function<Object, Object> getter(Object path, Object otherwise) {
    if (!given(path)) {
      return item -> item;
    }
    List<Object> parts = new ArrayList<>();
    if (Py.isText(path)) {
      for (Object part : PyStr.split(Py.str(path), ".", -1)) {
        String s = Py.str(part);
        boolean index = PyStrMethods.is(s, "isdigit") && s.length() < 10;
        parts.add(index ? (Object) Long.valueOf(s) : s);
      }
    } else {
      parts.add(path);
    }
    return item -> {
      Object value = item;
      for (Object part : parts) {
        value = PyOps.item(value, part);
        if (value instanceof Py.Undefined && given(otherwise)) {
          value = otherwise;
        }
      }
      return value;
    };
  }

  private static Object folded(Object v, boolean caseSensitive) {
    return !caseSensitive && Py.isText(v) ? PyStr.lower(Py.str(v)) : v;
  }

  /** Sort keys: a list with one value for each comma-separated path. */
  private static Function<Object, Object> keys(Object paths, boolean caseSensitive) {
    List<Object> split = Py.isText(paths) ? PyStr.split(Py.str(paths), ",", -1) : List.of(paths);
    List<Function<Object, Object>> getters = new ArrayList<>();
    split.forEach(path -> getters.add(getter(path, PyDict.ABSENT)));
    return item -> {
      List<Object> key = new ArrayList<>();
      getters.forEach(g -> key.add(folded(g.apply(item), caseSensitive)));
      return key;
    };
  }

  /** A stable sort that asks only {@code <}; reversed, equal elements keep their order. */
  static <T> void sort(List<T> items, Function<? super T, Object> key, boolean reverse) {
    record Keyed<T>(T item, Object key) {}
    List<Keyed<T>> keyed = new ArrayList<>();
    items.forEach(item -> keyed.add(new Keyed<>(item, key.apply(item))));
    Comparator<Keyed<T>> order =
        (a, b) ->
            PyCompare.ordered("<", a.key(), b.key())
                ? -1
                : PyCompare.ordered("<", b.key(), a.key()) ? 1 : 0;
    try {
      keyed.sort(reverse ? order.reversed() : order);
    } catch (IllegalArgumentException _) { // an order with NaN in it is none
      throw new JinjaException("the elements cannot be sorted");
    }
    for (int i = 0; i < items.size(); i++) {
      items.set(i, keyed.get(i).item());
    }
  }

  private static Object join(Object v, PyArgs args) {
    Object[] a = args.bind(0, "d", "attribute");
    String separator = a[0] == PyDict.ABSENT ? "" : Py.str(a[0]);
    Function<Object, Object> getter = getter(a[1], PyDict.ABSENT);
    StringBuilder out = new StringBuilder();
    boolean first = true;
    Iterator<Object> it = Py.iterate(v);
    while (it.hasNext()) {
      String text = Py.str(getter.apply(it.next()));
      out.append(first ? "" : separator).append(text);
      first = false;
      args.budget().characters(out.length() > JinjaBudget.MAX_SIZE ? out.length() : text.length());
    }
    return out.toString();
  }

  private static Object map(Object v, PyArgs args) {
    return JinjaIterators.lazily(() -> {
      if (!Py.truth(v)) {
        return Collections.emptyIterator();
      }
      Function<Object, Object> f;
      if (args.positional().isEmpty() && args.named().containsKey("attribute")) {
        Object[] a = args.bind(0, "attribute", "default");
        f = getter(a[0], a[1]);
      } else if (args.positional().isEmpty()) {
        throw new JinjaException("map requires a filter argument");
      } else {
        String name = Py.str(args.positional().getFirst());
        PyArgs rest = rest(name, args, 1);
        f = item -> JinjaFilters.apply(name, item, rest);
      }
      return JinjaIterators.mapped(Py.iterate(v), f, args.budget());
    });
  }

  private static PyArgs rest(String name, PyArgs args, int from) {
    List<Object> positional = args.positional().subList(from, args.positional().size());
    return new PyArgs(name, positional, args.named(), args.budget());
  }

  private static Object select(Object v, PyArgs args, boolean attribute, boolean keep) {
    return JinjaIterators.lazily(() -> {
      if (!Py.truth(v)) {
        return Collections.emptyIterator();
      }
      List<Object> given = args.positional();
      if (attribute && given.isEmpty()) {
        throw new JinjaException("Missing parameter for attribute name");
      }
      Function<Object, Object> getter =
          attribute ? getter(given.getFirst(), PyDict.ABSENT) : item -> item;
      int at = attribute ? 1 : 0;
      Predicate<Object> test = Py::truth;
      if (given.size() > at) {
        String name = Py.str(given.get(at));
        PyArgs rest = rest(name, args, at + 1);
        test = item -> JinjaTests.test(name, item, rest);
      }
      Predicate<Object> passes = test;
      return JinjaIterators.filtered(
          Py.iterate(v), item -> passes.test(getter.apply(item)) == keep, args.budget());
    });
  }

  private static Object dictSort(Object v, PyArgs args) {
    Object[] a = args.bind(0, "case_sensitive", "by", "reverse");
    String by = a[1] == PyDict.ABSENT ? "key" : Py.str(a[1]);
    if (!by.equals("key") && !by.equals("value")) {
      throw new JinjaException("You can only sort by either \"key\" or \"value\"");
    }
    if (v instanceof Py.Undefined u) {
      throw u.error();
    }
    if (!(v instanceof Map<?, ?> m)) {
      throw new JinjaException("dictsort needs a dict, got " + Py.typeName(v));
    }
    int at = by.equals("key") ? 0 : 1;
    List<Object> items = list(new Py.DictView("items", PyMethods.asDict(m)), args.budget());
    sort(items, e -> folded(((Py.Tuple) e).get(at), isTrue(a[0])), flag(a[2]));
    return items;
  }

  private static Object unique(Object v, PyArgs args) {
    Object[] a = args.bind(0, "case_sensitive", "attribute");
    Function<Object, Object> getter = getter(a[1], PyDict.ABSENT);
    Set<Object> seen = new HashSet<>();
    return new Py.Iter(
        JinjaIterators.filtered(
            Py.iterate(v),
            item -> {
              Object key = folded(getter.apply(item), isTrue(a[0]));
              PyDict.checkHashable(key, 0);
              boolean whole =
                  PyNumbers.isNumber(key) && PyNumbers.equal(key, PyNumbers.round(key, 0));
              return seen.add(
                  whole
                      ? PyNumbers.big(PyNumbers.isInt(key) ? key : PyNumbers.truncate((Double) key))
                      : key);
            },
            args.budget()));
  }

  private static Object extreme(Object v, PyArgs args, String op) {
    Object[] a = args.bind(0, "case_sensitive", "attribute");
    Function<Object, Object> getter = getter(a[1], PyDict.ABSENT);
    Object best = PyDict.ABSENT;
    Object bestKey = PyDict.ABSENT;
    Iterator<Object> it = Py.iterate(v);
    while (it.hasNext()) {
      args.budget().step();
      Object item = it.next();
      Object key = folded(getter.apply(item), isTrue(a[0]));
      if (best == PyDict.ABSENT || PyCompare.ordered(op, key, bestKey)) {
        best = item;
        bestKey = key;
      }
    }
    return best == PyDict.ABSENT
        ? new Py.Undefined("No aggregated item, sequence was empty.")
        : best;
  }

  private static Object sum(Object v, PyArgs args) {
    Object[] a = args.bind(0, "attribute", "start");
    Function<Object, Object> getter = getter(a[0], PyDict.ABSENT);
    Object total = a[1] == PyDict.ABSENT ? (Object) 0L : a[1];
    if (Py.isText(total)) {
      throw new JinjaException("sum() can't sum strings [use ''.join(seq) instead]");
    }
    Iterator<Object> it = Py.iterate(v);
    while (it.hasNext()) {
      args.budget().step();
      total = PyOps.binary("+", total, getter.apply(it.next()), args.budget());
    }
    return total;
  }

  private static Object groupBy(Object v, PyArgs args) {
    Object[] a = args.bind(1, "attribute", "default", "case_sensitive");
    Function<Object, Object> getter = getter(a[0], a[1]);
    Function<Object, Object> key = item -> folded(getter.apply(item), isTrue(a[2]));
    List<Object> items = list(v, args.budget());
    sort(items, key, false);
    List<Object> groups = new ArrayList<>();
    List<Object> group = new ArrayList<>();
    Object last = PyDict.ABSENT;
    for (Object item : items) {
      Object k = key.apply(item);
      if (last == PyDict.ABSENT || !PyCompare.equal(k, last)) {
        group = new ArrayList<>();
        groups.add(new Py.Group(getter.apply(item), group));
        last = k;
      }
      group.add(item);
    }
    return groups;
  }

  private static Object batch(Object v, PyArgs args) {
    Object[] a = args.bind(1, "linecount", "fill_with");
    int size = PyNumbers.index(a[0]);
    List<Object> rows = new ArrayList<>();
    List<Object> row = new ArrayList<>();
    boolean started = false;
    for (Object item : list(v, args.budget())) {
      if (row.size() == size) {
        rows.add(row);
        row = new ArrayList<>();
      }
      row.add(item);
      started = true;
    }
    if (started) {
      args.budget().elements(given(a[1]) ? size : 0);
      while (given(a[1]) && row.size() < size) {
        row.add(a[1]);
      }
      rows.add(row);
    }
    return new Py.Iter(rows.iterator());
  }

  private static Object slices(Object v, PyArgs args) {
    Object[] a = args.bind(1, "slices", "fill_with");
    int n = PyNumbers.index(a[0]);
    List<Object> items = list(v, args.budget());
    if (n == 0) {
      throw new JinjaException("integer division or modulo by zero");
    }
    args.budget().elements(Math.max(0, n));
    List<Object> out = new ArrayList<>();
    int each = Math.floorDiv(items.size(), n);
    int extra = Math.floorMod(items.size(), n);
    int start = 0;
    for (int i = 0; i < n; i++) {
      int end = start + each + (i < extra ? 1 : 0);
      List<Object> part = new ArrayList<>(items.subList(start, end));
      if (given(a[1]) && i >= extra) {
        part.add(a[1]);
      }
      out.add(part);
      start = end;
    }
    return new Py.Iter(out.iterator());
  }
}
