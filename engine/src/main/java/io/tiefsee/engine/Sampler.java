package io.tiefsee.engine;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.RowOps;
import io.tiefsee.kernel.Softmax;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * Chooses tokens from rows of logits. Owned by one thread; a choice allocates nothing unless
 * log-probabilities are asked for.
 */
final class Sampler {
  /** exp(-30) · 150,000 tokens is less than what f32 can tell from nothing. */
  private static final float NEGLIGIBLE = -30;

  private static final Generation.LogProb[] NO_LOG_PROBS = {};

  private final Softmax softmax;
  private final float[] logits;
  private final int[] ids;
  private final float[] probabilities;
  private final TokenCounts seen = new TokenCounts();

  /** Whether {@link #softmax} has read the row that was sampled last. */
  private boolean holdsRow;

  Sampler(RowOps ops, int vocab) {
    softmax = new Softmax(ops, vocab);
    logits = new float[vocab];
    ids = new int[vocab];
    probabilities = new float[vocab];
  }

  /**
   * The next token after {@code tokens}.
   *
   * @param rows [·, vocab]
   * @param tokens prompt and answer so far, [length]
   * @param promptLength how many of them are the prompt
   * @return token id
   */
  int sample(
      Tensor rows,
      int row,
      SamplingParams params,
      TokenGuide guide,
      long seed,
      int[] tokens,
      int length,
      int promptLength) {
    holdsRow = params.isPlain() && guide == TokenGuide.NONE;
    if (holdsRow) {
      softmax.read(rows, row);
      return draw(uniform(seed, length));
    }
    read(rows, row);
    if (!params.logitBias().isEmpty()) {
      bias(params.logitBias());
    }
    if (params.hasPenalties()) {
      penalise(params, tokens, length, promptLength);
    }
    guide.guide(tokens, promptLength, length, logits);
    return params.temperature() == 0 ? argmax() : draw(params, uniform(seed, length));
  }

  /** A token of the model's own distribution. */
  private int draw(double u) {
    float[] p = softmax.exponentials();
    double at = u * softmax.sum();
    int last = 0;
    for (int i = 0; i < p.length; i++) {
      if (p[i] > 0) {
        last = i;
        at -= p[i];
        if (at < 0) {
          return i;
        }
      }
    }
    return last;
  }

  private void read(Tensor rows, int row) {
    MemorySegment.copy(rows.data(), JAVA_FLOAT, rows.rowOffset(row), logits, 0, logits.length);
  }

  private void bias(Map<Integer, Float> biases) {
    for (Map.Entry<Integer, Float> bias : biases.entrySet()) {
      if (bias.getKey() >= 0 && bias.getKey() < logits.length) {
        logits[bias.getKey()] += bias.getValue();
      }
    }
  }

  private void penalise(SamplingParams p, int[] tokens, int length, int promptLength) {
    if (p.repetitionPenalty() != 1) {
      seen.count(tokens, 0, length);
      for (int i = 0; i < seen.size(); i++) {
        int id = seen.token(i);
        float l = logits[id];
        logits[id] = l > 0 ? l / p.repetitionPenalty() : l * p.repetitionPenalty();
      }
    }
    if (p.presencePenalty() != 0 || p.frequencyPenalty() != 0) {
      seen.count(tokens, promptLength, length);
      for (int i = 0; i < seen.size(); i++) {
        logits[seen.token(i)] -= p.presencePenalty() + p.frequencyPenalty() * seen.times(i);
      }
    }
  }

  private int argmax() {
    float max = max();
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] == max) {
        return i;
      }
    }
    throw new IllegalStateException("the model's logits are not numbers");
  }

  private float max() {
    float max = Float.NEGATIVE_INFINITY;
    for (float l : logits) {
      max = Math.max(max, l);
    }
    return max;
  }

  private int draw(SamplingParams p, double u) {
    float max = max();
    if (!(max > Float.NEGATIVE_INFINITY) || max == Float.POSITIVE_INFINITY) {
      throw new IllegalStateException("the model's logits are not numbers");
    }
    float inverse = 1 / p.temperature();
    int n = 0;
    double sum = 0;
    float smallest = p.minP() > 0 ? (float) Math.max(NEGLIGIBLE, Math.log(p.minP())) : NEGLIGIBLE;
    boolean minPFirst = p.topK() == 0 && p.topP() == 1;
    float cut = minPFirst ? smallest : NEGLIGIBLE;
    for (int i = 0; i < logits.length; i++) {
      float z = (logits[i] - max) * inverse;
      if (z >= cut) {
        float e = (float) Math.exp(z);
        ids[n] = i;
        probabilities[n++] = e;
        sum += e;
      }
    }
    if (p.topK() > 0 && p.topK() < n) {
      Nucleus.partialSort(ids, probabilities, n, p.topK());
      n = p.topK();
      sum = total(n);
    }
    if (p.topP() < 1) {
      n = Nucleus.select(ids, probabilities, n, sum, p.topP());
      sum = total(n);
    }
    if (p.minP() > 0 && !minPFirst) {
      n = Nucleus.atLeast(ids, probabilities, n, p.minP());
      sum = total(n);
    }
    double at = u * sum;
    for (int i = 0; i < n; i++) {
      at -= probabilities[i];
      if (at < 0) {
        return ids[i];
      }
    }
    return ids[n - 1];
  }

  private double total(int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += probabilities[i];
    }
    return sum;
  }

  /**
   * Natural log-probability of a token under the model.
   *
   * @param rows [·, vocab]; the row is that of the last {@link #sample}
   */
  float logProb(Tensor rows, int row, int token) {
    if (!holdsRow) {
      softmax.read(rows, row);
      holdsRow = true;
    }
    return softmax.logProb(token);
  }

  /** The {@code k} most probable tokens of the row of the last {@link #logProb}, best first. */
  Generation.LogProb[] top(Tensor rows, int row, int k) {
    if (k == 0) {
      return NO_LOG_PROBS;
    }
    read(rows, row);
    int n = logits.length;
    int wanted = Math.min(k, n);
    for (int i = 0; i < n; i++) {
      ids[i] = i;
    }
    System.arraycopy(logits, 0, probabilities, 0, n);
    Nucleus.partialSort(ids, probabilities, n, wanted);
    double logSumExp = softmax.logSumExp();
    Generation.LogProb[] top = new Generation.LogProb[wanted];
    for (int i = 0; i < wanted; i++) {
      top[i] = new Generation.LogProb(ids[i], (float) (probabilities[i] - logSumExp));
    }
    return top;
  }

  /** A token of a text with its log-probability in a row, and the {@code k} most probable. */
  Generation.Token score(Tensor rows, int row, int token, int k) {
    holdsRow = false;
    float logProb = logProb(rows, row, token);
    return new Generation.Token(token, logProb, List.of(top(rows, row, k)));
  }

  /** A number in [0, 1) from (seed, position) alone: SplitMix64 (Steele et al., 2014). */
  static double uniform(long seed, int position) {
    long z = mix(seed) + (position + 1L) * 0x9E3779B97F4A7C15L;
    return (mix(z) >>> 11) * 0x1.0p-53;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
