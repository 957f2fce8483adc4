package io.tiefsee.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The attributes of Python's built-in values. Methods that change their object exist but are
 * forbidden, as in Jinja's immutable sandbox: the name gives an undefined value.
 */
final class PyMethods {
  private static final Set<String> LIST = Set.of("copy", "count", "index");
  private static final Set<String> LIST_FORBIDDEN =
      Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
  private static final Set<String> DICT =
      Set.of("copy", "fromkeys", "get", "items", "keys", "values");
  private static final Set<String> DICT_FORBIDDEN =
      Set.of("clear", "pop", "popitem", "setdefault", "update");
  private static final Set<String> INT =
      Set.of("bit_length", "bit_count", "conjugate", "as_integer_ratio");

  private PyMethods() {}

  static Optional<Object> find(Object object, String name) {
    return switch (object) {
      case String _, Py.Markup _ ->
          PyStrMethods.NAMES.contains(name) ? Optional.of(text(object, name)) : Optional.empty();
      case Py.Tuple _, Py.Range _ ->
          name.equals("count") || name.equals("index")
              ? Optional.of(list((List<?>) object, name))
              : object instanceof Py.Range r ? rangeAttribute(r, name) : Optional.empty();
      case List<?> l ->
          LIST.contains(name)
              ? Optional.of(list(l, name))
              : forbidden("list", name, LIST_FORBIDDEN);
      case Map<?, ?> m ->
          DICT.contains(name)
              ? Optional.of(dict(asDict(m), name))
              : forbidden("dict", name, DICT_FORBIDDEN);
      default -> PyNumbers.isNumber(object) ? number(object, name) : Optional.empty();
    };
  }

  @SuppressWarnings("unchecked") // values are made by Py.of and the templates: keys are Objects
  static Map<Object, Object> asDict(Map<?, ?> m) {
    return (Map<Object, Object>) m;
  }

  private static Optional<Object> forbidden(String type, String name, Set<String> names) {
    return names.contains(name)
        ? Optional.of(
            new Py.Undefined("the method '" + name + "' of '" + type + "' is not for templates"))
        : Optional.empty();
  }

  private static Py.Callable text(Object self, String name) {
    return args -> PyStrMethods.call(self, name, args);
  }

  private static Optional<Object> rangeAttribute(Py.Range r, String name) {
    return switch (name) {
      case "start" -> Optional.of(r.start);
      case "stop" -> Optional.of(r.stop);
      case "step" -> Optional.of(r.step);
      default -> Optional.empty();
    };
  }

  private static Py.Callable list(List<?> self, String name) {
    return args -> {
      switch (name) {
        case "copy" -> {
          args.bindPositional(0, 0);
          args.budget().elements(self.size());
          return new ArrayList<Object>(self);
        }
        case "count" -> {
          Object item = args.bindPositional(1, 1)[0];
          args.budget().elements(self.size());
          return self.stream().filter(e -> e == item || PyCompare.equal(e, item)).count();
        }
        default -> {
          Object[] a = args.bindPositional(1, 3);
          args.budget().elements(self.size());
          int n = self.size();
          int from = clip(a[1], n, 0);
          int to = clip(a[2], n, n);
          for (int i = from; i < to; i++) {
            if (self.get(i) == a[0] || PyCompare.equal(self.get(i), a[0])) {
              return (long) i;
            }
          }
          throw new JinjaException(Py.repr(a[0]) + " is not in list");
        }
      }
    };
  }

  /** A start or end argument of a search, clipped to 0 … n. */
  static int clip(Object v, int n, int absent) {
    if (v == PyDict.ABSENT || v == Py.NONE) {
      return absent;
    }
    int i = PyNumbers.index(v);
    return Math.clamp(i < 0 ? (long) i + n : i, 0, n);
  }

  private static Py.Callable dict(Map<Object, Object> self, String name) {
    return args -> {
      switch (name) {
        case "get" -> {
          Object[] a = args.bindPositional(1, 2);
          Object value = PyDict.find(self, a[0]);
          return value != PyDict.ABSENT ? value : a[1] == PyDict.ABSENT ? Py.NONE : a[1];
        }
        case "copy" -> {
          args.bindPositional(0, 0);
          args.budget().elements(self.size());
          return new LinkedHashMap<>(self);
        }
        case "fromkeys" -> {
          Object[] a = args.bindPositional(1, 2);
          Map<Object, Object> out = new LinkedHashMap<>();
          Py.iterate(a[0])
              .forEachRemaining(k -> {
                args.budget().step();
                PyDict.put(out, k, a[1] == PyDict.ABSENT ? Py.NONE : a[1]);
              });
          return out;
        }
        default -> {
          args.bindPositional(0, 0);
          return new Py.DictView(name, self);
        }
      }
    };
  }

  private static Optional<Object> number(Object v, String name) {
    if (v instanceof Double d) {
      return switch (name) {
        case "real" -> Optional.of(d);
        case "imag" -> Optional.of(0.0);
        case "is_integer" -> Optional.of((Py.Callable) _ -> d == Math.rint(d) && !d.isInfinite());
        case "conjugate" -> Optional.of((Py.Callable) _ -> d);
        default -> Optional.empty();
      };
    }
    Object plain = PyNumbers.shrink(PyNumbers.big(v));
    return switch (name) {
      case "real", "numerator" -> Optional.of(plain);
      case "imag" -> Optional.of(0L);
      case "denominator" -> Optional.of(1L);
      default ->
          INT.contains(name)
              ? Optional.of(
                  (Py.Callable)
                      _ ->
                          switch (name) {
                            case "bit_length" -> (long) PyNumbers.big(v).abs().bitLength();
                            case "bit_count" -> (long) PyNumbers.big(v).abs().bitCount();
                            case "as_integer_ratio" -> new Py.Tuple(plain, 1L);
                            default -> plain;
                          })
              : Optional.empty();
    };
  }
}
