package io.tiefsee.engine;

/** Truncations of a distribution: parallel arrays of token ids and unnormalised probabilities. */
final class Nucleus {
  private Nucleus() {}

  /**
   * Moves the smallest set of tokens whose share of {@code sum} reaches {@code topP} to the front,
   * best first; returns its size (Holtzman et al., 2020).
   */
  static int select(int[] ids, float[] p, int n, double sum, double topP) {
    // Tokens that together cannot fill the tail are not in the nucleus: no need to sort them.
    float least = (float) ((1 - topP) * sum / n);
    int kept = 0;
    for (int i = 0; i < n; i++) {
      if (p[i] >= least) {
        swap(ids, p, i, kept++);
      }
    }
    if (kept == 0) {
      kept = n;
    }
    int sorted = 0;
    double mass = 0;
    int next = Math.min(64, kept);
    while (true) {
      partialSort(ids, p, sorted, kept, next);
      for (; sorted < next; sorted++) {
        mass += p[sorted];
        if (mass >= topP * sum) {
          return sorted + 1;
        }
      }
      if (sorted == kept) {
        return kept;
      }
      next = (int) Math.min(kept, 4L * next);
    }
  }

  /** Moves tokens with at least {@code minP} times the best probability to the front. */
  static int atLeast(int[] ids, float[] p, int n, double minP) {
    float best = 0;
    for (int i = 0; i < n; i++) {
      best = Math.max(best, p[i]);
    }
    int kept = 0;
    for (int i = 0; i < n; i++) {
      if (p[i] >= minP * best) {
        swap(ids, p, i, kept++);
      }
    }
    return kept;
  }

  /** Moves the {@code k} best of n to the front, best first; ties by token id. */
  static void partialSort(int[] ids, float[] p, int n, int k) {
    partialSort(ids, p, 0, n, k);
  }

  private static void partialSort(int[] ids, float[] p, int from, int n, int k) {
    int lo = from;
    int hi = n;
    // Quickselect: afterwards [from, k) holds the best.
    while (hi - lo > 1 && k > lo && k < hi) {
      int pivot = pivot(ids, p, lo, hi);
      if (pivot < k) {
        lo = pivot + 1;
      } else {
        hi = pivot;
      }
    }
    sort(ids, p, from, k);
  }

  private static int pivot(int[] ids, float[] p, int lo, int hi) {
    swap(ids, p, (lo + hi) >>> 1, hi - 1);
    int store = lo;
    for (int i = lo; i < hi - 1; i++) {
      if (before(ids, p, i, hi - 1)) {
        swap(ids, p, i, store++);
      }
    }
    swap(ids, p, store, hi - 1);
    return store;
  }

  private static void sort(int[] ids, float[] p, int lo, int hi) {
    while (hi - lo > 12) {
      int pivot = pivot(ids, p, lo, hi);
      if (pivot - lo < hi - pivot) {
        sort(ids, p, lo, pivot);
        lo = pivot + 1;
      } else {
        sort(ids, p, pivot + 1, hi);
        hi = pivot;
      }
    }
    for (int i = lo + 1; i < hi; i++) {
      for (int j = i; j > lo && before(ids, p, j, j - 1); j--) {
        swap(ids, p, j, j - 1);
      }
    }
  }

  private static boolean before(int[] ids, float[] p, int a, int b) {
    return p[a] > p[b] || (p[a] == p[b] && ids[a] < ids[b]);
  }

  private static void swap(int[] ids, float[] p, int a, int b) {
    int id = ids[a];
    ids[a] = ids[b];
    ids[b] = id;
    float q = p[a];
    p[a] = p[b];
    p[b] = q;
  }
}
