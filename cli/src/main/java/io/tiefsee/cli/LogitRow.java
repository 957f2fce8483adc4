package io.tiefsee.cli;

import io.tiefsee.tensor.Tensor;

/**
 * What counts of one position's logits.
 *
 * @param argmax the most probable token, the lowest id of equals
 * @param top the most probable tokens, best first
 * @param logProbs their natural log-probabilities
 */
record LogitRow(int argmax, int[] top, float[] logProbs) {

  /** Reads row {@code row} of logits [·, vocab]. */
  static LogitRow of(Tensor logits, int row, int k) {
    float[] values = copy(logits, row);
    int[] best = best(values, Math.max(1, Math.min(k, values.length)));
    double norm = logSumExp(values);
    int n = Math.min(k, best.length);
    int[] top = java.util.Arrays.copyOf(best, n);
    float[] logProbs = new float[n];
    for (int i = 0; i < n; i++) {
      logProbs[i] = (float) (values[top[i]] - norm);
    }
    return new LogitRow(best[0], top, logProbs);
  }

  static float[] copy(Tensor logits, int row) {
    float[] values = new float[logits.cols()];
    for (int i = 0; i < values.length; i++) {
      values[i] = logits.get(row, i);
    }
    return values;
  }

  /** Indices of the k largest, by insertion into a sorted list: k is small. */
  private static int[] best(float[] values, int k) {
    int[] best = new int[k];
    int size = 0;
    for (int i = 0; i < values.length; i++) {
      if (size == k && !(values[i] > values[best[k - 1]])) {
        continue;
      }
      int at = size < k ? size++ : k - 1;
      while (at > 0 && values[i] > values[best[at - 1]]) {
        best[at] = best[at - 1];
        at--;
      }
      best[at] = i;
    }
    return best;
  }

  /** log Σ exp(v), in double. */
  static double logSumExp(float[] values) {
    float max = Float.NEGATIVE_INFINITY;
    for (float v : values) {
      max = Math.max(max, v);
    }
    double sum = 0;
    for (float v : values) {
      sum += Math.exp((double) v - max);
    }
    return max + Math.log(sum);
  }
}
