package io.tiefsee.recipe;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;

/** Configurations that differ from the default in a few options. */
final class Configs {
  private Configs() {}

  static GrpoConfig with(String name, Object value, String name2, Object value2) {
    return with(with(GrpoConfig.DEFAULTS, name, value), name2, value2);
  }

  static GrpoConfig with(Map<String, Object> options) {
    GrpoConfig c = GrpoConfig.DEFAULTS;
    for (var e : options.entrySet()) {
      c = with(c, e.getKey(), e.getValue());
    }
    return c;
  }

  static <R extends Record> R with(R base, String name, Object value) {
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
