package io.tiefsee.train;

import io.tiefsee.kernel.Softmax;
import io.tiefsee.tensor.Tensor;

/**
 * Log-probabilities of target tokens and entropies of the distributions they come from, with their
 * gradients: what cross-entropy and policy gradients are made of.
 *
 * <p>A log-probability is the logit minus the log of the sum of exponentials, computed as the
 * engine does it when it reports log-probabilities, so that both are equal.
 */
public final class LogProbs {
  private final Tape tape;
  private final Tensor logits;
  private final int[] targets;
  private final double[] logSumExp;
  private final float[] values;
  private final float[] entropies;

  private LogProbs(Tape tape, Tensor logits, int[] targets) {
    this.tape = tape;
    this.logits = logits;
    this.targets = targets.clone();
    this.logSumExp = new double[logits.rows()];
    this.values = new float[logits.rows()];
    this.entropies = new float[logits.rows()];
  }

  /**
   * @param logits [rows, vocab], made on the tape
   * @param targets a token for each row, [rows]
   */
  public static LogProbs of(Tape tape, Tensor logits, int[] targets) {
    if (targets.length != logits.rows()) {
      throw new IllegalArgumentException(
          targets.length + " targets for " + logits.rows() + " rows of logits");
    }
    LogProbs p = new LogProbs(tape, logits, targets);
    tape.rows(logits.rows(), logits.cols(), (from, to, thread) -> p.compute(from, to));
    return p;
  }

  private void compute(int from, int to) {
    Softmax softmax = new Softmax(tape.rowOps, logits.cols());
    for (int t = from; t < to; t++) {
      softmax.read(logits, t);
      logSumExp[t] = softmax.logSumExp();
      values[t] = softmax.logProb(targets[t]);
      entropies[t] = softmax.entropy();
    }
  }

  /** Natural log-probability of each row's target, [rows]. */
  public float[] values() {
    return values;
  }

  /** Entropy of each row's distribution in nats, [rows]. */
  public float[] entropies() {
    return entropies;
  }

  /**
   * −Σ weights·values: with mask / Σ mask as weights, the mean cross-entropy of the chosen targets.
   *
   * @param weights [rows]
   */
  public double crossEntropy(float[] weights) {
    double loss = 0;
    for (int t = 0; t < values.length; t++) {
      loss -= weights[t] * (double) values[t];
    }
    return loss;
  }

  /** Leaves the gradient of {@link #crossEntropy} on the tape. */
  public void crossEntropyGradient(float[] weights) {
    float[] d = new float[weights.length];
    for (int t = 0; t < d.length; t++) {
      d[t] = -weights[t];
    }
    gradient(d, new float[d.length]);
  }

  /**
   * Leaves the gradient of the logits on the tape. With p the softmax of a row, H its entropy and y
   * its target: d logit_j = dValue·([j = y] − p_j) − dEntropy·p_j·(ln p_j + H).
   *
   * @param dValues derivatives of the loss by {@link #values}, [rows]
   * @param dEntropies derivatives of the loss by {@link #entropies}, [rows]
   */
  public void gradient(float[] dValues, float[] dEntropies) {
    Tensor d = tape.newGradient(logits);
    tape.rows(
        logits.rows(),
        logits.cols(),
        (from, to, thread) -> {
          for (int t = from; t < to; t++) {
            gradient(d, t, dValues[t], dEntropies[t]);
          }
        });
  }

  private void gradient(Tensor d, int t, float dValue, float dEntropy) {
    int vocab = logits.cols();
    long at = logits.rowOffset(t);
    float shift = (float) logSumExp[t];
    if (dEntropy == 0) {
      tape.gradientOps.scaledExp(logits.address() + at, shift, -dValue, d.address() + at, vocab);
    } else {
      for (int j = 0; j < vocab; j++) {
        double logP = logits.get(t, j) - logSumExp[t];
        double p = Math.exp(logP);
        d.set(t, j, (float) (-dValue * p - dEntropy * p * (logP + entropies[t])));
      }
    }
    d.set(t, targets[t], d.get(t, targets[t]) + dValue);
  }
}
