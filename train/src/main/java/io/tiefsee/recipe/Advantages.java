package io.tiefsee.recipe;

import java.util.Arrays;

/** Advantages relative to a group: how much better an answer is than its fellows. */
public final class Advantages {
  /** Keeps a group of almost equal rewards from being blown up. */
  private static final double EPSILON = 1e-4;

  private Advantages() {}

  /**
   * Of the answers to one question.
   *
   * @param rewards by answer, [group]
   * @param std whether differences count by the group's standard deviation: Â = (r − mean) / std
   *     (DeepSeekMath, section 4.1.2); without, Â = r − mean, which does not favour questions that
   *     are almost always or almost never answered (Dr. GRPO: Liu et al., 2025, section 3.2)
   * @return [group]
   */
  public static double[] of(double[] rewards, boolean std) {
    if (!differ(rewards)) {
      return new double[rewards.length]; // exactly 0: Adam would make much of rounding errors
    }
    double mean = Arrays.stream(rewards).sum() / rewards.length;
    double variance = 0;
    for (double r : rewards) {
      variance += (r - mean) * (r - mean) / rewards.length;
    }
    double scale = std ? 1 / (Math.sqrt(variance) + EPSILON) : 1;
    double[] advantages = new double[rewards.length];
    for (int i = 0; i < rewards.length; i++) {
      advantages[i] = (rewards[i] - mean) * scale;
    }
    return advantages;
  }

  /** Whether the rewards differ: a group without differences teaches nothing. */
  public static boolean differ(double[] rewards) {
    for (double r : rewards) {
      if (r != rewards[0]) {
        return true;
      }
    }
    return false;
  }
}
