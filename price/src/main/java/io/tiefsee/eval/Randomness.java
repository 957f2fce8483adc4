package io.tiefsee.eval;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Chance that depends on its seed only. */
final class Randomness {
  private final SplittableRandom random;

  Randomness(long seed) {
    random = new SplittableRandom(seed);
  }

  /** One seed of two, by SplitMix64's finaliser: neighbours give unrelated ones. */
  static long mix(long a, long b) {
    long h = a + 0x9e3779b97f4a7c15L * (b + 1);
    h = (h ^ (h >>> 30)) * 0xbf58476d1ce4e5b9L;
    h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
    return h ^ (h >>> 31);
  }

  /** From {@code low} to {@code high}, both included. */
  int between(int low, int high) {
    return random.nextInt(low, high + 1);
  }

  boolean coin() {
    return random.nextBoolean();
  }

  <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  void shuffle(List<?> list) {
    Collections.shuffle(list, new Random(random.nextLong()));
  }
}
