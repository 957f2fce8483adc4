package io.tiefsee.recipe;

/**
 * Seeds by place instead of by order: what is random in a step derives from the run's seed, the
 * step and an index, so that a run can be resumed anywhere.
 */
final class Seeds {
  private Seeds() {}

  /** A seed for a place; SplitMix64's finaliser (Steele et al., 2014) over the parts in turn. */
  static long of(long seed, long... place) {
    long h = mix(seed + 0x9E3779B97F4A7C15L);
    for (long p : place) {
      h = mix((h ^ p) + 0x9E3779B97F4A7C15L);
    }
    return h;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
