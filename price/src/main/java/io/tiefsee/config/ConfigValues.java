package io.tiefsee.config;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The way back from records to tables. */
public final class ConfigValues {
  private ConfigValues() {}

  public static Map<String, Object> of(Record config) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (RecordComponent c : config.getClass().getRecordComponents()) {
      try {
        values.put(ConfigReader.key(c.getName()), value(c.getAccessor().invoke(config)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(c + " cannot be read", e);
      }
    }
    return values;
  }

  private static Object value(Object value) {
    return switch (value) {
      case Record r -> of(r);
      case Enum<?> e -> ConfigReader.name(e);
      case List<?> list -> list.stream().map(ConfigValues::value).toList();
      default -> value;
    };
  }
}
