package io.tiefsee.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** The {@code loop} of a {@code for}: looks one element ahead only when asked to. */
final class JinjaLoop implements Py.Callable {
  private final Object iterable;
  private final Optional<BiFunction<Object, Integer, String>> recurse;
  private final int depth;
  private Iterator<Object> items;
  private int index = -1;
  private int length = -1;
  private Object before = PyDict.ABSENT;
  private Object current = PyDict.ABSENT;
  private Object after = PyDict.ABSENT;
  private Object lastChanged = PyDict.ABSENT;

  /**
   * @param iterable what is walked
   * @param recurse renders the same loop over other elements at a depth, where it is recursive
   * @param depth 0 for the outermost loop
   */
  JinjaLoop(Object iterable, Optional<BiFunction<Object, Integer, String>> recurse, int depth) {
    this.iterable = iterable;
    this.items = Py.iterate(iterable);
    this.recurse = recurse;
    this.depth = depth;
  }

  boolean hasNext() {
    if (after == PyDict.ABSENT && items.hasNext()) {
      after = items.next();
    }
    return after != PyDict.ABSENT;
  }

  /** Whether there is an element; does not compute it. */
  boolean advance() {
    if (after == PyDict.ABSENT) {
      if (!items.hasNext()) {
        return false;
      }
      after = items.next();
    }
    index++;
    before = current;
    current = after;
    after = PyDict.ABSENT;
    return true;
  }

  Object current() {
    return current;
  }

  int length() {
    if (length < 0) {
      length = iterable instanceof Py.Iter ? -1 : Py.lengthOrNone(iterable);
      if (length < 0) {
        List<Object> rest = new ArrayList<>();
        items.forEachRemaining(rest::add);
        items = rest.iterator();
        length = rest.size() + index + 1 + (after == PyDict.ABSENT ? 0 : 1);
      }
    }
    return length;
  }

  Optional<Object> attribute(String name) {
    Object value =
        switch (name) {
          case "index" -> index + 1L;
          case "index0" -> (long) index;
          case "revindex" -> (long) length() - index;
          case "revindex0" -> length() - index - 1L;
          case "first" -> index == 0;
          case "last" -> !hasNext();
          case "length" -> (long) length();
          case "depth" -> depth + 1L;
          case "depth0" -> (long) depth;
          case "previtem" ->
              index == 0 || before == PyDict.ABSENT
                  ? new Py.Undefined("there is no previous item")
                  : before;
          case "nextitem" -> hasNext() ? after : new Py.Undefined("there is no next item");
          case "cycle" -> (Py.Callable) this::cycle;
          case "changed" -> (Py.Callable) this::changed;
          default -> PyDict.ABSENT;
        };
    return value == PyDict.ABSENT ? Optional.empty() : Optional.of(value);
  }

  private Object cycle(PyArgs args) {
    if (args.positional().isEmpty()) {
      throw new JinjaException("no items for cycling given");
    }
    return args.positional().get(index % args.positional().size());
  }

  private Object changed(PyArgs args) {
    Object now = Py.Tuple.of((Collection<?>) args.positional());
    boolean changed = lastChanged == PyDict.ABSENT || !PyCompare.equal(lastChanged, now);
    lastChanged = now;
    return changed;
  }

  /** {@code loop(children)} renders the loop again, one level deeper. */
  @Override
  public Object call(PyArgs args) {
    if (recurse.isEmpty()) {
      throw new JinjaException(
          "The loop must have the 'recursive' marker to be called recursively.");
    }
    return recurse.get().apply(args.bind(1, "iterable")[0], depth + 1);
  }

  @Override
  public String toString() {
    return "<LoopContext " + (index + 1) + "/" + length() + ">";
  }
}
