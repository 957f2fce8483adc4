package io.tiefsee.model;

import io.tiefsee.tensor.Tensor;

/**
 * Rotary position embedding of a model.
 *
 * @param dims numbers of a head that rotate, even
 * @param theta base of the frequencies
 * @param adjacent pairs are (0,1), (2,3), …; else (i, i + dims/2)
 * @param scaling how the frequencies are stretched for long contexts
 */
public record RopeSpec(int dims, double theta, boolean adjacent, Scaling scaling) {

  /** Stretching of frequencies. */
  public sealed interface Scaling {}

  public record None() implements Scaling {}

  /** All frequencies divided by {@code factor}. */
  public record Linear(double factor) implements Scaling {}

  /** Each frequency divided by its own factor, as GGUF's rope_freqs.weight has it. */
  public record Divisors(float[] divisors) implements Scaling {}

  /** Llama 3.1's rule: long waves are slowed, short ones kept, those between interpolated. */
  public record Llama3(double factor, double lowFreq, double highFreq, int original)
      implements Scaling {}

  /**
   * YaRN (Peng et al., 2023) with DeepSeek's two mscales.
   *
   * @param factor stretch of the context
   * @param original context of the pre-training
   * @param betaFast rotations above which a frequency is kept
   * @param betaSlow rotations below which a frequency is divided by factor
   * @param mscale weight of ln(factor) in the size of cos and sin
   * @param mscaleAllDim weight of ln(factor) in the scale of the scores
   */
  public record Yarn(
      double factor,
      int original,
      double betaFast,
      double betaSlow,
      double mscale,
      double mscaleAllDim)
      implements Scaling {
    static double magnitude(double factor, double mscale) {
      return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
    }

    /** m² of the score scale (DeepSeek-V3's reference: softmax_scale · mscale²). */
    public double scoreFactor() {
      double m = magnitude(factor, mscaleAllDim);
      return m * m;
    }
  }

  /** Angle per position of each of the dims/2 pairs. */
  public double[] frequencies() {
    int half = dims / 2;
    double[] f = new double[half];
    for (int i = 0; i < half; i++) {
      f[i] = Math.pow(theta, -2.0 * i / dims);
    }
    switch (scaling) {
      case None n -> {}
      case Linear l -> {
        for (int i = 0; i < half; i++) {
          f[i] /= l.factor;
        }
      }
      case Divisors d -> {
        for (int i = 0; i < half; i++) {
          f[i] /= d.divisors[i];
        }
      }
      case Llama3 l -> llama3(f, l);
      case Yarn y -> yarn(f, y);
    }
    return f;
  }

  /**
   * Cosines and sines, times {@link #magnitude}, of the first rows(cos) positions.
   *
   * @param frequencies of {@link #frequencies}
   * @param cos [tokens, dims/2], filled
   * @param sin [tokens, dims/2], filled
   */
  public void rotations(int[] positions, double[] frequencies, Tensor cos, Tensor sin) {
    float magnitude = (float) magnitude();
    for (int t = 0; t < cos.rows(); t++) {
      for (int i = 0; i < frequencies.length; i++) {
        double angle = positions[t] * frequencies[i];
        cos.set(t, i, (float) Math.cos(angle) * magnitude);
        sin.set(t, i, (float) Math.sin(angle) * magnitude);
      }
    }
  }

  /** Factor of cos and sin. */
  public double magnitude() {
    return scaling instanceof Yarn y
        ? Yarn.magnitude(y.factor, y.mscale) / Yarn.magnitude(y.factor, y.mscaleAllDim)
        : 1;
  }

  private static void llama3(double[] f, Llama3 l) {
    double longWave = l.original / l.lowFreq;
    double shortWave = l.original / l.highFreq;
    for (int i = 0; i < f.length; i++) {
      double wave = 2 * Math.PI / f[i];
      if (wave > longWave) {
        f[i] /= l.factor;
      } else if (wave >= shortWave) {
        double smooth = (l.original / wave - l.lowFreq) / (l.highFreq - l.lowFreq);
        f[i] = (1 - smooth) * f[i] / l.factor + smooth * f[i];
      }
    }
  }

  private void yarn(double[] f, Yarn y) {
    double low = Math.max(0, Math.floor(dimOf(y.betaFast, y.original)));
    double high = Math.min(dims - 1, Math.ceil(dimOf(y.betaSlow, y.original)));
    if (low == high) {
      high += 0.001; // as the reference does, against a division by zero
    }
    for (int i = 0; i < f.length; i++) {
      double ramp = Math.clamp((i - low) / (high - low), 0.0, 1.0);
      f[i] = f[i] * (1 - ramp) + f[i] / y.factor * ramp;
    }
  }

  /** The pair that turns {@code rotations} times within the original context. */
  private double dimOf(double rotations, int original) {
    return dims * Math.log(original / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
  }
}
