package io.tiefsee.recipe;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/** Configurations that differ from the default in a few options. */
final class Configs {
  private Configs() {}

  /**
   * @param options names and values in turn, set one after the other
   */
  static <R extends Record> R with(R base, Object... options) {
    R changed = base;
    for (int i = 0; i < options.length; i += 2) {
      changed = with(changed, (String) options[i], options[i + 1]);
    }
    return changed;
  }

  private static <R extends Record> R with(R base, String name, Object value) {
    RecordComponent[] parts = base.getClass().getRecordComponents();
    if (Arrays.stream(parts).noneMatch(p -> p.getName().equals(name))) {
      throw new IllegalArgumentException("no option " + name);
    }
    try {
      Object[] values = new Object[parts.length];
      for (int i = 0; i < parts.length; i++) {
        values[i] = parts[i].getName().equals(name) ? value : parts[i].getAccessor().invoke(base);
      }
      @SuppressWarnings("unchecked")
      R changed = (R) base.getClass().getDeclaredConstructors()[0].newInstance(values);
      return changed;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
