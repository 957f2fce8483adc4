package io.tiefsee.engine;

import java.util.Arrays;

/**
 * Notices when a text repeats itself, by a {@link LoopGuard}'s measure. For each period p it counts
 * how many of the last tokens equal the one p before, so a token costs maxPeriod comparisons.
 */
final class LoopDetector {
  private final LoopGuard guard;
  private final int[] last;
  private final int[] equal;
  private int count;

  LoopDetector(LoopGuard guard) {
    this.guard = guard;
    this.last = new int[guard.maxPeriod()];
    this.equal = new int[guard.maxPeriod() + 1];
  }

  /** Takes the next token; whether the text now ends in a loop. */
  boolean accept(int token) {
    boolean loop = false;
    int size = last.length;
    int periods = Math.min(size, count);
    for (int p = 1; p <= periods; p++) {
      equal[p] = last[Math.floorMod(count - p, size)] == token ? equal[p] + 1 : 0;
      int stretch = equal[p] + p;
      loop |=
          stretch >= guard.minTokens() && stretch >= (long) guard.minRepeats() * p && equal[p] > 0;
    }
    last[count % size] = token;
    count++;
    return loop;
  }

  /** Begins another text. */
  void reset() {
    count = 0;
    Arrays.fill(equal, 0);
  }
}
