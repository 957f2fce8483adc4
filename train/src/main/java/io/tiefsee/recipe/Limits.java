package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;

/** Checks of configured values; a message begins with the key, which tells its line in the file. */
final class Limits {
  private Limits() {}

  static void atLeast(String key, long value, long least) {
    if (value < least) {
      throw new BadInput(key + " is at least " + least + ", not " + value);
    }
  }

  static void above(String key, double value, double bound) {
    if (!(value > bound)) {
      throw new BadInput(key + " is above " + text(bound) + ", not " + text(value));
    }
  }

  static void below(String key, double value, double bound) {
    if (!(value < bound)) {
      throw new BadInput(key + " is below " + text(bound) + ", not " + text(value));
    }
  }

  /** Both ends included. */
  static void within(String key, double value, double from, double to) {
    if (!(value >= from && value <= to)) {
      throw new BadInput(
          key + " lies within " + text(from) + " and " + text(to) + ", not at " + text(value));
    }
  }

  private static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
