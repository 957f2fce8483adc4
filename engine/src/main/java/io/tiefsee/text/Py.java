package io.tiefsee.text;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of templates and what Python does with them: truth, text, equality, order, iteration.
 *
 * <p>A value is {@link None}, {@link Undefined}, {@link Boolean}, {@link Long}, {@link BigInteger},
 * {@link Double}, {@link String}, {@link Markup}, a list ({@link ArrayList}), {@link Tuple}, {@link
 * Range}, a dict ({@link Map}), {@link DictView}, {@link Iter}, {@link Namespace} or a {@link
 * Callable}. Values are never null and, but for namespaces and iterators, never change once a
 * template sees them.
 */
final class Py {
  /** Nesting that printing and comparing follow; the value of a template can be built deeper. */
  private static final int MAX_NESTING = 300;

  private Py() {}

  enum None {
    NONE
  }

  static final None NONE = None.NONE;

  /**
   * The value of a name or item that does not exist: prints as nothing, is false and empty, and
   * every other use is an error with {@code why} as its message.
   */
  record Undefined(String why) {
    JinjaException error() {
      return new JinjaException(why);
    }
  }

  /** A text marked as safe HTML: what is joined to it gets escaped. */
  record Markup(String text) {}

  /** A fixed sequence, {@code (a, b)}. */
  static class Tuple extends java.util.AbstractList<Object> {
    private final Object[] items;

    Tuple(Object... items) {
      this.items = items;
    }

    static Tuple of(Collection<?> items) {
      return new Tuple(items.toArray());
    }

    @Override
    public Object get(int index) {
      return items[index];
    }

    @Override
    public int size() {
      return items.length;
    }

    /** Cheap on purpose: a deep tuple must not recurse without a bound. */
    @Override
    public int hashCode() {
      return items.length;
    }

    @Override
    public boolean equals(Object other) {
      return PyCompare.equal(this, other);
    }
  }

  /** A pair of {@code groupby}, whose parts also have names. */
  static final class Group extends Tuple {
    Group(Object grouper, Object list) {
      super(grouper, list);
    }
  }

  /** {@code range(start, stop, step)} of {@code size} elements. */
  static final class Range extends java.util.AbstractList<Object> {
    final long start;
    final long stop;
    final long step;
    private final int size;

    Range(long start, long stop, long step, int size) {
      this.start = start;
      this.stop = stop;
      this.step = step;
      this.size = size;
    }

    @Override
    public Object get(int index) {
      return start + index * step;
    }

    @Override
    public int size() {
      return size;
    }
  }

  /** What {@code dict.items()}, {@code keys()} or {@code values()} gives. */
  record DictView(String kind, Map<Object, Object> map) {
    Iterator<Object> iterator() {
      return switch (kind) {
        case "keys" -> map.keySet().iterator();
        case "values" -> map.values().iterator();
        default -> {
          Iterator<Map.Entry<Object, Object>> entries = map.entrySet().iterator();
          yield new Iterator<>() {
            @Override
            public boolean hasNext() {
              return entries.hasNext();
            }

            @Override
            public Object next() {
              Map.Entry<Object, Object> e = entries.next();
              return new Tuple(e.getKey(), e.getValue());
            }
          };
        }
      };
    }
  }

  /** A generator: can be walked once, has no length. */
  record Iter(Iterator<Object> iterator) {}

  /** {@code namespace(...)}: the one thing a template can change. */
  record Namespace(Map<Object, Object> attributes) {}

  /** Anything that can be called. */
  @FunctionalInterface
  interface Callable {
    Object call(PyArgs args);
  }

  /** Turns what Java and JSON have into values; the structure is copied. */
  static Object of(Object v) {
    return of(v, 0);
  }

  private static Object of(Object v, int depth) {
    if (depth > 600) {
      throw new JinjaException("the input is nested too deeply (600 levels)");
    }
    return switch (v) {
      case null -> NONE;
      case None none -> none;
      case String s -> s;
      case Boolean b -> b;
      case Long l -> l;
      case Integer i -> (long) i;
      case Short s -> (long) s;
      case Byte b -> (long) b;
      case Double d -> d;
      case Float f -> (double) f;
      case BigInteger b -> PyNumbers.shrink(b);
      case BigDecimal b -> b.doubleValue();
      case CharSequence s -> s.toString();
      case Map<?, ?> m -> {
        Map<Object, Object> dict = LinkedHashMap.newLinkedHashMap(m.size());
        m.forEach((k, value) -> dict.put(of(k, depth + 1), of(value, depth + 1)));
        yield dict;
      }
      case Collection<?> c -> {
        List<Object> list = new ArrayList<>(c.size());
        c.forEach(e -> list.add(of(e, depth + 1)));
        yield list;
      }
      default -> throw new JinjaException("a template cannot use a " + v.getClass().getName());
    };
  }

  static String typeName(Object v) {
    return switch (v) {
      case None _ -> "NoneType";
      case Undefined _ -> "Undefined";
      case Boolean _ -> "bool";
      case Long _, BigInteger _ -> "int";
      case Double _ -> "float";
      case String _ -> "str";
      case Markup _ -> "Markup";
      case Tuple _ -> "tuple";
      case Range _ -> "range";
      case List<?> _ -> "list";
      case Map<?, ?> _ -> "dict";
      case DictView d -> "dict_" + d.kind();
      case Iter _ -> "generator";
      case Namespace _ -> "Namespace";
      default -> "function";
    };
  }

  static boolean truth(Object v) {
    return switch (v) {
      case Boolean b -> b;
      case None _, Undefined _ -> false;
      case Long l -> l != 0;
      case Double d -> d != 0;
      case String s -> !s.isEmpty();
      case Markup m -> !m.text().isEmpty();
      case Collection<?> c -> !c.isEmpty();
      case Map<?, ?> m -> !m.isEmpty();
      case DictView d -> !d.map().isEmpty();
      case JinjaLoop loop -> loop.length() != 0;
      default -> true;
    };
  }

  /** The text of a string or marked text; other values are an error that names {@code use}. */
  static String text(Object v, String use) {
    return switch (v) {
      case String s -> s;
      case Markup m -> m.text();
      case Undefined u -> throw u.error();
      default -> throw new JinjaException(use + " must be str, not " + typeName(v));
    };
  }

  static boolean isText(Object v) {
    return v instanceof String || v instanceof Markup;
  }

  /** What {@code str(v)} gives, and so what a template prints. */
  static String str(Object v) {
    return switch (v) {
      case String s -> s;
      case Markup m -> m.text();
      case Undefined _ -> "";
      default -> repr(v);
    };
  }

  static String repr(Object v) {
    return PyRepr.of(v);
  }

  /** To be called for each part of a walk: a small value can hold the same part many times. */
  static void checkNesting(int depth) {
    JinjaBudget.CURRENT.get().step();
    if (depth > MAX_NESTING) {
      throw new JinjaException("a value is nested too deeply (" + MAX_NESTING + " levels)");
    }
  }

  static Iterator<Object> iterate(Object v) {
    return switch (v) {
      case String s -> PyStr.codePoints(s);
      case Markup m -> PyStr.codePoints(m.text());
      case Undefined _ -> java.util.Collections.emptyIterator();
      case Map<?, ?> m -> asObjects(m.keySet());
      case Collection<?> c -> asObjects(c);
      case DictView d -> d.iterator();
      case Iter i -> i.iterator();
      default -> throw new JinjaException("'" + typeName(v) + "' object is not iterable");
    };
  }

  @SuppressWarnings("unchecked") // an iterator only gives elements out
  private static Iterator<Object> asObjects(Collection<?> c) {
    return (Iterator<Object>) c.iterator();
  }

  static boolean isIterable(Object v) {
    return isText(v)
        || v instanceof Undefined
        || v instanceof Map
        || v instanceof Collection
        || v instanceof DictView
        || v instanceof Iter
        || v instanceof JinjaLoop;
  }

  /** The length, or -1 for what has none. */
  static int lengthOrNone(Object v) {
    return switch (v) {
      case String s -> PyStr.length(s);
      case Markup m -> PyStr.length(m.text());
      case Undefined _ -> 0;
      case Map<?, ?> m -> m.size();
      case Collection<?> c -> c.size();
      case DictView d -> d.map().size();
      case JinjaLoop loop -> loop.length();
      default -> -1;
    };
  }

  static int length(Object v) {
    int n = lengthOrNone(v);
    if (n < 0) {
      throw new JinjaException("object of type '" + typeName(v) + "' has no len()");
    }
    return n;
  }
}
