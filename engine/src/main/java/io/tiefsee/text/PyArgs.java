package io.tiefsee.text;

import java.util.List;
import java.util.Map;

/**
 * The arguments of one call of {@code function}.
 *
 * @param positional in order
 * @param named by name; may be changed by who takes the call
 * @param budget of the rendering
 */
record PyArgs(
    String function, List<Object> positional, Map<String, Object> named, JinjaBudget budget) {

  /**
   * Binds the arguments to {@code parameters}. The result has a value for each; {@link
   * PyDict#ABSENT} where none was given. Too many, unknown or doubled arguments are an error, and
   * so is a missing one of the first {@code required}.
   */
  Object[] bind(int required, String... parameters) {
    if (positional.size() > parameters.length) {
      throw new JinjaException(
          "%s() takes at most %d arguments (%d given)"
              .formatted(function, parameters.length, positional.size()));
    }
    Object[] values = new Object[parameters.length];
    int used = 0;
    for (int i = 0; i < parameters.length; i++) {
      Object byName = named.get(parameters[i]);
      if (i < positional.size()) {
        values[i] = positional.get(i);
      } else if (byName != null) {
        values[i] = byName;
        used++;
      } else if (i < required) {
        throw new JinjaException(
            "%s() missing required argument: '%s'".formatted(function, parameters[i]));
      } else {
        values[i] = PyDict.ABSENT;
      }
    }
    if (used < named.size()) {
      throw new JinjaException(
          "%s() got an unexpected or repeated keyword argument (of %s)"
              .formatted(function, String.join(", ", named.keySet())));
    }
    return values;
  }

  /** Like {@link #bind} for methods of C Python, which take no names. */
  Object[] bindPositional(int required, int most) {
    if (!named.isEmpty()) {
      throw new JinjaException(function + "() takes no keyword arguments");
    }
    if (positional.size() < required || positional.size() > most) {
      throw new JinjaException(
          "%s() takes %d to %d arguments (%d given)"
              .formatted(function, required, most, positional.size()));
    }
    Object[] values = new Object[most];
    for (int i = 0; i < most; i++) {
      values[i] = i < positional.size() ? positional.get(i) : PyDict.ABSENT;
    }
    return values;
  }
}
