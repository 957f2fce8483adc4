package io.tiefsee.text;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What Python's generators do: elements are made when they are asked for. */
final class JinjaIterators {
  private JinjaIterators() {}

  static Iterator<Object> mapped(
      Iterator<Object> items, Function<Object, Object> f, JinjaBudget budget) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return items.hasNext();
      }

      @Override
      public Object next() {
        budget.step();
        return f.apply(items.next());
      }
    };
  }

  /** The elements that pass, looked for only when asked for. */
  static Iterator<Object> filtered(
      Iterator<Object> items, Predicate<Object> test, JinjaBudget budget) {
    return new Iterator<>() {
      private Object ahead = PyDict.ABSENT;

      @Override
      public boolean hasNext() {
        while (ahead == PyDict.ABSENT && items.hasNext()) {
          budget.step();
          Object item = items.next();
          ahead = test.test(item) ? item : PyDict.ABSENT;
        }
        return ahead != PyDict.ABSENT;
      }

      @Override
      public Object next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Object item = ahead;
        ahead = PyDict.ABSENT;
        return item;
      }
    };
  }

  /** An iterator made, and so with its errors, at the first element. */
  static Py.Iter lazily(Supplier<Iterator<Object>> source) {
    return new Py.Iter(
        new Iterator<>() {
          private Iterator<Object> items = Collections.emptyIterator();
          private boolean started;

          @Override
          public boolean hasNext() {
            if (!started) {
              started = true;
              items = source.get();
            }
            return items.hasNext();
          }

          @Override
          public Object next() {
            return hasNext() ? items.next() : Collections.emptyIterator().next();
          }
        });
  }
}
