package io.tiefsee.text;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The functions every template has: Jinja2's own and those that transformers adds. */
final class JinjaGlobals {
  /** The sandbox's limit. */
  private static final int MAX_RANGE = 100_000;

  private JinjaGlobals() {}

  /** A new map of names to functions. */
  static Map<String, Object> make(Supplier<Clock> clock) {
    Map<String, Object> names = new HashMap<>();
    names.put("range", (Py.Callable) JinjaGlobals::range);
    names.put("dict", (Py.Callable) JinjaGlobals::dict);
    names.put("namespace", (Py.Callable) args -> new Py.Namespace(dict(args)));
    names.put("cycler", (Py.Callable) Cycler::new);
    names.put("joiner", (Py.Callable) JinjaGlobals::joiner);
    names.put(
        "raise_exception",
        (Py.Callable)
            args -> {
              throw JinjaException.raised(Py.str(args.bind(1, "message")[0]));
            });
    names.put(
        "strftime_now",
        (Py.Callable)
            args ->
                PyTime.format(
                    Py.text(args.bind(1, "format")[0], "the format"),
                    ZonedDateTime.now(clock.get())));
    return names;
  }

  private static Object range(PyArgs args) {
    Object[] a = args.bindPositional(1, 3);
    for (Object v : a) {
      if (v != PyDict.ABSENT && !PyNumbers.isInt(v)) {
        throw new JinjaException(
            "'" + Py.typeName(v) + "' object cannot be interpreted as an integer");
      }
    }
    long start = a[1] == PyDict.ABSENT ? 0 : PyNumbers.index(a[0]);
    long stop = PyNumbers.index(a[1] == PyDict.ABSENT ? a[0] : a[1]);
    long step = a[2] == PyDict.ABSENT ? 1 : PyNumbers.index(a[2]);
    if (step == 0) {
      throw new JinjaException("range() arg 3 must not be zero");
    }
    long span = step > 0 ? stop - start : start - stop;
    long size = Math.max(0, Math.ceilDiv(span, Math.abs(step)));
    if (size > MAX_RANGE) {
      throw new JinjaException(
          "Range too big. The sandbox blocks ranges larger than " + MAX_RANGE + ".");
    }
    return new Py.Range(start, stop, step, (int) size);
  }

  private static Map<Object, Object> dict(PyArgs args) {
    Map<Object, Object> out = new LinkedHashMap<>();
    if (args.positional().size() > 1) {
      throw new JinjaException("dict expected at most 1 argument");
    }
    for (Object source : args.positional()) {
      if (source instanceof Map<?, ?> m) {
        args.budget().elements(m.size());
        m.forEach(out::put);
        continue;
      }
      Py.iterate(source)
          .forEachRemaining(item -> {
            args.budget().step();
            List<Object> pair = new ArrayList<>();
            Py.iterate(item).forEachRemaining(pair::add);
            if (pair.size() != 2) {
              throw new JinjaException("dict() needs pairs of a key and a value");
            }
            PyDict.put(out, pair.get(0), pair.get(1));
          });
    }
    out.putAll(args.named());
    return out;
  }

  /** Gives nothing when first called and the separator from then on. */
  private static Object joiner(PyArgs made) {
    Object separator = made.bind(0, "sep")[0];
    boolean[] used = {false};
    return (Py.Callable)
        args -> {
          args.bind(0);
          Object text = !used[0] ? "" : separator == PyDict.ABSENT ? ", " : separator;
          used[0] = true;
          return text;
        };
  }

  /** {@code cycler(a, b, …)}: {@code next()} walks the values round and round. */
  static final class Cycler {
    private final List<Object> items;
    private int position;

    Cycler(PyArgs args) {
      if (args.positional().isEmpty()) {
        throw new JinjaException("at least one item has to be provided");
      }
      items = args.positional();
    }

    Optional<Object> attribute(String name) {
      return switch (name) {
        case "current" -> Optional.of(items.get(position));
        case "next" ->
            Optional.of(
                (Py.Callable)
                    _ -> {
                      Object item = items.get(position);
                      position = (position + 1) % items.size();
                      return item;
                    });
        case "reset" ->
            Optional.of(
                (Py.Callable)
                    _ -> {
                      position = 0;
                      return Py.NONE;
                    });
        default -> Optional.empty();
      };
    }
  }
}
