package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;

/**
 * The loss of a policy gradient step, by token, and its derivative by the token's log-probability.
 * With ρ = exp(new − old) and advantage Â:
 *
 * <pre>
 * loss = −min(ρ·Â, clip(ρ, 1 − low, 1 + high)·Â) + kl·k3 − entropy·H
 * k3   = exp(ref − new) − (ref − new) − 1
 * </pre>
 *
 * (DeepSeekMath: Shao et al., 2024, equations 3 and 4; k3: Schulman, 2020; an upper bound of its
 * own so that rare tokens may grow: DAPO, Yu et al., 2025, section 3.1.)
 *
 * @param clipLow how far the ratio may fall below 1
 * @param clipHigh how far it may rise above 1
 * @param kl weight of the divergence from the reference; 0: none
 * @param entropy weight of the bonus for entropy; 0: none
 */
public record Surrogate(double clipLow, double clipHigh, double kl, double entropy) {

  public Surrogate {
    if (!(clipLow > 0 && clipLow < 1) || !(clipHigh > 0)) {
      throw new BadInput(
          "the ratio is clipped to 1 - "
              + clipLow
              + " and 1 + "
              + clipHigh
              + ", which is no range");
    }
    if (!(kl >= 0) || !(Math.abs(entropy) < 100)) {
      throw new BadInput("weights of kl and entropy are " + kl + " and " + entropy);
    }
  }

  /** Loss of a token with these log-probabilities, its entropy left out. */
  double loss(double now, double old, double reference, double advantage) {
    double ratio = Math.exp(now - old);
    double clipped = Math.clamp(ratio, 1 - clipLow, 1 + clipHigh);
    return -Math.min(ratio * advantage, clipped * advantage)
        + (kl == 0 ? 0 : kl * k3(now, reference));
  }

  /** Derivative of {@link #loss} by {@code now}. */
  double gradient(double now, double old, double reference, double advantage) {
    double policy = clips(now, old, advantage) ? 0 : -Math.exp(now - old) * advantage;
    return policy + (kl == 0 ? 0 : kl * (1 - Math.exp(reference - now)));
  }

  /** Whether the clip holds the token: it has moved far enough in the wanted direction. */
  boolean clips(double now, double old, double advantage) {
    double ratio = Math.exp(now - old);
    return advantage > 0 ? ratio > 1 + clipHigh : advantage < 0 && ratio < 1 - clipLow;
  }

  /**
   * Estimate of KL(now ‖ reference) from one token sampled by {@code now}: unbiased, never below 0.
   */
  static double k3(double now, double reference) {
    double d = reference - now;
    return Math.expm1(d) - d;
  }
}
