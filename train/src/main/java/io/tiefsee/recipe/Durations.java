package io.tiefsee.recipe;

import java.util.Locale;

/** Seconds for people. */
public final class Durations {
  private Durations() {}

  /** {@code 4.2 s}, {@code 3:20}, {@code 1:03:20}. */
  public static String of(double seconds) {
    long s = Math.round(seconds);
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    } else if (s < 3600) {
      return String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60);
    }
    return String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
  }
}
