package io.tiefsee.config;

import io.tiefsee.tensor.BadInput;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Tables of a configuration into records: a component {@code learningRate} is the key {@code
 * learning_rate}; what is not given stays as in the record of defaults. Whole numbers, fractions,
 * decimal numbers, booleans, strings, dates, times of day, enums (in lower case), lists, records
 * within records, and any of these as an {@link Optional}. What a record's constructor refuses is
 * reported with the place of its table.
 */
public final class ConfigReader {
  private final ConfigSource source;

  public ConfigReader(ConfigSource source) {
    this.source = source;
  }

  /**
   * The whole document as a record.
   *
   * @throws BadInput with file and line, at the first thing that is wrong
   */
  public <R extends Record> R read(Class<R> type, R defaults) {
    return record(type, defaults, source.root(), "");
  }

  private <R extends Record> R record(Class<R> type, R defaults, JsonNode table, String path) {
    if (!table.isObject()) {
      throw source.bad(path, path + " is a table of keys and values, not " + table);
    }
    Map<String, RecordComponent> components = new TreeMap<>();
    for (RecordComponent c : type.getRecordComponents()) {
      components.put(key(c.getName()), c);
    }
    for (String key : table.propertyNames()) {
      if (!components.containsKey(key)) {
        throw unknown(path, key, components.keySet());
      }
    }
    Object[] values =
        Arrays.stream(type.getRecordComponents())
            .map(c -> {
              String key = key(c.getName());
              Object old = get(c, defaults);
              return table.has(key)
                  ? value(c.getGenericType(), old, table.path(key), join(path, key))
                  : old;
            })
            .toArray();
    return construct(type, values, path);
  }

  private <R extends Record> R construct(Class<R> type, Object[] values, String path) {
    try {
      var constructor =
          type.getDeclaredConstructor(
              Arrays.stream(type.getRecordComponents())
                  .map(RecordComponent::getType)
                  .toArray(Class<?>[]::new));
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof BadInput bad) {
        throw source.bad(offender(bad, type, path), String.valueOf(bad.getMessage()));
      }
      throw new IllegalStateException(type + " cannot be made", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  /** The key that a refusal begins with, if it does; then its own line can be named. */
  private static String offender(BadInput bad, Class<?> type, String path) {
    String first = String.valueOf(bad.getMessage()).split("[ :,]", 2)[0];
    return Arrays.stream(type.getRecordComponents()).anyMatch(c -> key(c.getName()).equals(first))
        ? join(path, first)
        : path;
  }

  private static Object get(RecordComponent c, Object record) {
    try {
      return c.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(c + " cannot be read", e);
    }
  }

  private Object value(Type type, Object old, JsonNode node, String path) {
    if (type == int.class || type == Integer.class) {
      if (!node.isIntegralNumber() || !node.canConvertToInt()) {
        throw wrong(path, "a whole number", node);
      }
      return node.intValue();
    } else if (type == long.class || type == Long.class) {
      if (!node.isIntegralNumber() || !node.canConvertToLong()) {
        throw wrong(path, "a whole number", node);
      }
      return node.longValue();
    } else if (type == double.class || type == Double.class) {
      if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
        throw wrong(path, "a number", node);
      }
      return node.doubleValue();
    } else if (type == BigDecimal.class) {
      if (!node.isIntegralNumber() && !node.isBigDecimal()) {
        throw wrong(path, "a number", node);
      }
      return node.decimalValue();
    } else if (type == boolean.class || type == Boolean.class) {
      if (!node.isBoolean()) {
        throw wrong(path, "true or false", node);
      }
      return node.booleanValue();
    } else if (type == String.class) {
      if (!node.isString()) {
        throw wrong(path, "a text in quotes", node);
      }
      return node.stringValue();
    } else if (type == LocalDate.class) {
      return time(node, path, "a date like 2025-02-09", LocalDate::parse);
    } else if (type == LocalTime.class) {
      return time(node, path, "a time of day like 16:30", LocalTime::parse);
    } else if (type instanceof Class<?> c && c.isEnum()) {
      return constant(c, node, path);
    } else if (type instanceof Class<?> c && c.isRecord()) {
      return nested(c.asSubclass(Record.class), (Record) old, node, path);
    } else if (type instanceof ParameterizedType p && p.getRawType() == List.class) {
      return list(p.getActualTypeArguments()[0], node, path);
    } else if (type instanceof ParameterizedType p && p.getRawType() == Optional.class) {
      Type of = p.getActualTypeArguments()[0];
      return Optional.of(value(of, defaults(of), node, path));
    }
    throw new IllegalStateException(path + " has a type that no configuration holds: " + type);
  }

  private Object time(JsonNode node, String path, String wanted, Function<String, Object> parser) {
    try {
      return parser.apply(node.isString() ? node.stringValue() : "");
    } catch (DateTimeException e) {
      throw wrong(path, wanted, node);
    }
  }

  private <R extends Record> R nested(Class<R> type, Record old, JsonNode node, String path) {
    return record(type, type.cast(old), node, path);
  }

  private Object list(Type of, JsonNode node, String path) {
    if (!node.isArray()) {
      throw wrong(path, "a list", node);
    }
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      list.add(value(of, defaults(of), node.get(i), path + "[" + i + "]"));
    }
    return List.copyOf(list);
  }

  /** Of records in lists, the constant DEFAULTS of their type. */
  private static Object defaults(Type type) {
    if (!(type instanceof Class<?> c) || !c.isRecord()) {
      return "";
    }
    try {
      return c.getDeclaredField("DEFAULTS").get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(c + " lacks DEFAULTS", e);
    }
  }

  private Object constant(Class<?> type, JsonNode node, String path) {
    List<String> names = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String name = name((Enum<?>) constant);
      if (node.isString() && node.stringValue().equals(name)) {
        return constant;
      }
      names.add("\"" + name + "\"");
    }
    throw wrong(path, "one of " + String.join(", ", names), node);
  }

  private BadInput wrong(String path, String wanted, JsonNode got) {
    return source.bad(path, path + " is " + wanted + ", not " + got);
  }

  private BadInput unknown(String path, String key, Iterable<String> known) {
    String near =
        nearest(key, known)
            .map(k -> "; did you mean " + k + "?")
            .orElse("; there are " + String.join(", ", known));
    return source.bad(join(path, key), "there is no key " + join(path, key) + near);
  }

  /** The known key that takes the fewest edits, if they are few. */
  public static Optional<String> nearest(String key, Iterable<String> known) {
    String best = "";
    int least = Math.max(2, key.length() / 3) + 1;
    for (String k : known) {
      int d = edits(key, k);
      if (d < least) {
        least = d;
        best = k;
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(best);
  }

  /** Levenshtein's distance. */
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  /** As a constant is written: {@code q8_0}, {@code standardised}. */
  public static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** {@code learningRate} → {@code learning_rate}. */
  public static String key(String component) {
    return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
