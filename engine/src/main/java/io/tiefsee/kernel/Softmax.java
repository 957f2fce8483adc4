package io.tiefsee.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The softmax of one row of logits after the other. Whoever samples and whoever learns read rows
 * here, so that they say the same of a token's probability, to the bit. Owned by one thread;
 * reading allocates nothing.
 */
public final class Softmax {
  private final RowOps ops;
  private final Tensor computed;
  private final float[] logits;
  private final float[] exponentials;
  private float max;
  private double sum;

  public Softmax(RowOps ops, int vocab) {
    this.ops = ops;
    this.computed = Tensor.allocate(Arena.ofAuto(), 1, vocab);
    this.logits = new float[vocab];
    this.exponentials = new float[vocab];
  }

  /**
   * Reads a row.
   *
   * @param rows [·, vocab]
   * @throws IllegalStateException if the logits are not numbers
   */
  public void read(Tensor rows, int row) {
    MemorySegment.copy(rows.data(), JAVA_FLOAT, rows.rowOffset(row), logits, 0, logits.length);
    max = Float.NEGATIVE_INFINITY;
    for (float l : logits) {
      max = Math.max(max, l);
    }
    if (!(max > Float.NEGATIVE_INFINITY) || max == Float.POSITIVE_INFINITY) {
      throw new IllegalStateException("the model's logits are not numbers");
    }
    ops.exp(rows, row, max, computed);
    MemorySegment.copy(computed.data(), JAVA_FLOAT, 0, exponentials, 0, logits.length);
    // Four chains, so that an addition does not wait for the one before.
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 4 <= exponentials.length; i += 4) {
      a += exponentials[i];
      b += exponentials[i + 1];
      c += exponentials[i + 2];
      d += exponentials[i + 3];
    }
    for (; i < exponentials.length; i++) {
      a += exponentials[i];
    }
    sum = (a + b) + (c + d);
  }

  /** exp(logit − largest logit), [vocab]; holds until the next {@link #read}. */
  public float[] exponentials() {
    return exponentials;
  }

  /** Of {@link #exponentials}. */
  public double sum() {
    return sum;
  }

  /**
   * Natural log of the sum of the logits' exponentials: a token's log-probability is logit − this.
   */
  public double logSumExp() {
    return max + Math.log(sum);
  }

  /** Natural log-probability of a token. */
  public float logProb(int token) {
    return (float) (logits[token] - logSumExp());
  }

  /** In nats. */
  public float entropy() {
    double weighted = 0;
    for (int i = 0; i < logits.length; i++) {
      if (exponentials[i] > 0) {
        weighted += exponentials[i] * (double) (logits[i] - max);
      }
    }
    return (float) (Math.log(sum) - weighted / sum);
  }
}
