package io.tiefsee.text;

import java.util.List;
import java.util.Map;

/** Keys of dicts, equal as Python says: 1, 1.0 and True are one key. */
final class PyDict {
  /** Given for a key that is not there. */
  static final Object ABSENT = new Object();

  private PyDict() {}

  /** The value of {@code key}, or {@link #ABSENT}; a key that cannot be hashed is an error. */
  static Object find(Map<?, ?> map, Object key) {
    Object plain = key instanceof Py.Markup m ? m.text() : key;
    checkHashable(plain, 0);
    Object value = map.get(plain);
    if (value != null) {
      return value;
    }
    if (PyNumbers.isNumber(plain)) {
      JinjaBudget.CURRENT.get().elements(map.size());
      for (Map.Entry<?, ?> e : map.entrySet()) {
        if (PyNumbers.isNumber(e.getKey()) && PyNumbers.equal(e.getKey(), plain)) {
          return e.getValue();
        }
      }
    }
    return ABSENT;
  }

  /** Sets a value; an equal key that is there already stays. */
  static void put(Map<Object, Object> map, Object key, Object value) {
    Object plain = key instanceof Py.Markup m ? m.text() : key;
    checkHashable(plain, 0);
    if (PyNumbers.isNumber(plain) && !map.containsKey(plain)) {
      JinjaBudget.CURRENT.get().elements(map.size());
      for (Object known : map.keySet()) {
        if (PyNumbers.isNumber(known) && PyNumbers.equal(known, plain)) {
          map.put(known, value);
          return;
        }
      }
    }
    map.put(plain, value);
  }

  static void checkHashable(Object key, int depth) {
    Py.checkNesting(depth);
    switch (key) {
      case Py.Tuple t -> {
        for (Object item : t) {
          checkHashable(item, depth + 1);
        }
      }
      case Py.Range _ -> {}
      case List<?> _, Map<?, ?> _ ->
          throw new JinjaException("unhashable type: '" + Py.typeName(key) + "'");
      default -> {}
    }
  }
}
