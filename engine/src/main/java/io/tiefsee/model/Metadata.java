package io.tiefsee.model;

import io.tiefsee.tensor.BadInput;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's hyperparameters under both of their names: GGUF's key without the architecture prefix,
 * and config.json's. Values that are missing where they are needed, or of the wrong type, are a
 * {@link BadInput} that names the key.
 *
 * @param architecture GGUF's name of the family
 * @param gguf keys are GGUF's, else config.json's
 * @param values numbers, strings, booleans, lists and maps
 */
record Metadata(String architecture, boolean gguf, Map<String, Object> values) {

  Optional<Object> find(String ggufKey, String hfKey) {
    String key = gguf ? ggufName(ggufKey) : hfKey;
    return key.isEmpty() ? Optional.empty() : Optional.ofNullable(values.get(key));
  }

  private String ggufName(String key) {
    return key.isEmpty() || key.startsWith("general.") || key.startsWith("tokenizer.")
        ? key
        : architecture + "." + key;
  }

  private BadInput missing(String ggufKey, String hfKey) {
    return new BadInput("the model's metadata lacks " + (gguf ? ggufName(ggufKey) : hfKey));
  }

  private static BadInput wrong(String key, Object value, String wanted) {
    return new BadInput("the model's metadata has " + key + " = " + value + ", wanted " + wanted);
  }

  int integer(String ggufKey, String hfKey) {
    return find(ggufKey, hfKey)
        .map(v -> toInt(gguf ? ggufName(ggufKey) : hfKey, v))
        .orElseThrow(() -> missing(ggufKey, hfKey));
  }

  int integer(String ggufKey, String hfKey, int otherwise) {
    return find(ggufKey, hfKey)
        .map(v -> toInt(gguf ? ggufName(ggufKey) : hfKey, v))
        .orElse(otherwise);
  }

  /** A positive number that something is made from. */
  int size(String ggufKey, String hfKey) {
    int n = integer(ggufKey, hfKey);
    if (n < 1 || n > 1 << 26) {
      throw wrong(gguf ? ggufName(ggufKey) : hfKey, n, "a sensible size");
    }
    return n;
  }

  private static int toInt(String key, Object v) {
    // Some files hold one value a layer; all equal in the families known here.
    Object first = v;
    if (v instanceof int[] a && a.length > 0) {
      first = a[0];
    } else if (v instanceof long[] a && a.length > 0) {
      first = a[0];
    } else if (v instanceof List<?> l && !l.isEmpty()) {
      first = l.getFirst();
    }
    if (first instanceof Number n && n.doubleValue() == n.intValue()) {
      return n.intValue();
    }
    throw wrong(key, v, "an integer");
  }

  double number(String ggufKey, String hfKey, double otherwise) {
    return find(ggufKey, hfKey)
        .map(v -> {
          if (v instanceof Number n && Double.isFinite(n.doubleValue())) {
            return n.doubleValue();
          }
          throw wrong(gguf ? ggufName(ggufKey) : hfKey, v, "a number");
        })
        .orElse(otherwise);
  }

  boolean flag(String ggufKey, String hfKey, boolean otherwise) {
    return find(ggufKey, hfKey)
        .map(v -> {
          if (v instanceof Boolean b) {
            return b;
          }
          throw wrong(gguf ? ggufName(ggufKey) : hfKey, v, "true or false");
        })
        .orElse(otherwise);
  }

  String text(String ggufKey, String hfKey, String otherwise) {
    return find(ggufKey, hfKey).map(Object::toString).orElse(otherwise);
  }

  /** A nested object of config.json. */
  Optional<Metadata> object(String hfKey) {
    if (gguf || !(values.get(hfKey) instanceof Map<?, ?> map)) {
      return Optional.empty();
    }
    Map<String, Object> inner = new java.util.HashMap<>();
    map.forEach((k, v) -> inner.put(k.toString(), v));
    return Optional.of(new Metadata(architecture, false, inner));
  }
}
