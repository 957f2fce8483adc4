package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;
import java.util.List;

/**
 * Tables {@code [grpo]} and {@code [grpo2]}: group relative policy optimisation (DeepSeekMath,
 * section 4; DeepSeek-R1, section 2.2.1), with the changes of later papers as choices.
 *
 * @param steps batches of prompts
 * @param prompts of a step
 * @param group answers sampled a prompt (G)
 * @param minibatches optimiser steps that share a batch
 * @param epochs how often a batch is learnt from
 * @param clipLow the ratio is clipped below 1 − this
 * @param clipHigh and above 1 + this (DAPO, section 3.1: clip-higher)
 * @param advantage how rewards become advantages
 * @param loss over what the loss is averaged
 * @param kl weight of the divergence from the model that the stage began with (k3); 0: none
 * @param entropy weight of a bonus for entropy; 0: none
 * @param temperature of the sampling
 * @param maxTokens of an answer
 * @param formatReward for an answer of the right form
 * @param languageReward for thoughts in the question's script (R1, section 2.3.2); 0: nothing
 * @param lengthReward for answers that are shorter than their fellows (Kimi k1.5, section 2.3.3);
 *     0: nothing
 * @param overlong what becomes of answers that the limit cut
 * @param overlongCache tokens before the limit over which the punishment grows, with {@code punish}
 * @param dynamicSampling other prompts are drawn for those whose answers all got the same reward
 *     (DAPO, section 3.2)
 * @param maxDraws prompts drawn at most, as a multiple of {@code prompts}, with dynamic sampling
 * @param maxRatio a step whose largest ratio is above is an explosion and ends the run
 * @param optimiser how the weights move
 */
public record GrpoConfig(
    int steps,
    int prompts,
    int group,
    int minibatches,
    int epochs,
    double clipLow,
    double clipHigh,
    Advantage advantage,
    Loss loss,
    double kl,
    double entropy,
    double temperature,
    int maxTokens,
    double formatReward,
    double languageReward,
    double lengthReward,
    Overlong overlong,
    int overlongCache,
    boolean dynamicSampling,
    int maxDraws,
    double maxRatio,
    OptimiserConfig optimiser) {
  /** From rewards of a group to advantages. */
  public enum Advantage {
    /** (r − mean) / standard deviation: GRPO as published. */
    STANDARDISED,
    /** r − mean: Dr. GRPO, section 3.2, which removes the bias towards easy and hard prompts. */
    CENTRED
  }

  /** What the loss is averaged over. */
  public enum Loss {
    /** Within each answer, then over the answers: GRPO as published (equation 3). */
    SEQUENCE,
    /** Over all tokens of the batch: DAPO, section 3.3. */
    TOKEN,
    /** Sums of answers, divided by the limit of tokens: Dr. GRPO, section 3.2. */
    CONSTANT;

    /**
     * Weight of each token of each answer; 0 for answers that do not count.
     *
     * @param lengths tokens of each answer, [answers]
     * @param counts which answers count, [answers]
     * @param maxTokens limit of tokens of an answer
     * @return weight of each of its tokens, [answers]
     */
    double[] weights(List<Integer> lengths, boolean[] counts, int maxTokens) {
      double answers = 0;
      double tokens = 0;
      for (int i = 0; i < counts.length; i++) {
        answers += counts[i] ? 1 : 0;
        tokens += counts[i] ? lengths.get(i) : 0;
      }
      double[] weights = new double[counts.length];
      for (int i = 0; i < counts.length; i++) {
        if (counts[i]) {
          weights[i] =
              switch (this) {
                case SEQUENCE -> 1 / (answers * lengths.get(i));
                case TOKEN -> 1 / tokens;
                case CONSTANT -> 1 / (answers * maxTokens);
              };
        }
      }
      return weights;
    }
  }

  /** Answers that reach the limit of tokens. */
  public enum Overlong {
    /** Count as they are, which is wrong answers. */
    KEEP,
    /** Are not learnt from (DAPO, section 3.4: filtering). */
    FILTER,
    /** Lose up to 1 the nearer they come to the limit (DAPO, equation 13). */
    PUNISH
  }

  public static final GrpoConfig DEFAULTS =
      new GrpoConfig(
          60,
          24,
          8,
          2,
          1,
          0.2,
          0.28,
          Advantage.CENTRED,
          Loss.SEQUENCE,
          0,
          0,
          1,
          256,
          0.1,
          0,
          0,
          Overlong.KEEP,
          32,
          false,
          3,
          1e4,
          OptimiserConfig.REINFORCED);

  public GrpoConfig {
    Limits.atLeast("steps", steps, 0);
    Limits.atLeast("prompts", prompts, 1);
    Limits.atLeast("group", group, 2);
    Limits.within("minibatches", minibatches, 1, prompts);
    Limits.atLeast("epochs", epochs, 1);
    Limits.above("clip_low", clipLow, 0);
    Limits.below("clip_low", clipLow, 1);
    Limits.above("clip_high", clipHigh, 0);
    Limits.within("kl", kl, 0, 100);
    Limits.within("entropy", entropy, -1, 1);
    if (temperature != 1) {
      throw new BadInput(
          "temperature is 1, not "
              + temperature
              + ": the ratios of GRPO compare the model's own probabilities");
    }
    Limits.atLeast("max_tokens", maxTokens, 1);
    Limits.within("format_reward", formatReward, 0, 10);
    Limits.within("language_reward", languageReward, 0, 10);
    Limits.within("length_reward", lengthReward, 0, 1);
    Limits.atLeast("overlong_cache", overlongCache, 1);
    if (overlong == Overlong.PUNISH) {
      Limits.within("overlong_cache", overlongCache, 1, maxTokens);
    }
    Limits.atLeast("max_draws", maxDraws, 1);
    Limits.above("max_ratio", maxRatio, 1);
  }

  Surrogate surrogate() {
    return new Surrogate(clipLow, clipHigh, kl, entropy);
  }

  /** Batches of prompts that a step may draw. */
  int draws() {
    return dynamicSampling ? maxDraws : 1;
  }

  /** Rewards of a group's answers, the punishment of long ones included, [group]. */
  double[] rewards(Rollout.Group answers) {
    double[] rewards = new Reward(1, formatReward, languageReward, lengthReward).of(answers);
    if (overlong == Overlong.PUNISH) {
      for (int i = 0; i < rewards.length; i++) {
        int over = answers.rollouts().get(i).length() - (maxTokens - overlongCache);
        rewards[i] -= Math.clamp((double) over / overlongCache, 0, 1);
      }
    }
    return rewards;
  }
}
