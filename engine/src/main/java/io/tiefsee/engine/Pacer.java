package io.tiefsee.engine;

import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;

/**
 * Decides how many tokens of prompts a step may take on, from what earlier steps took.
 *
 * <p>While requests are answering, the prompts in a step take at most as long as the answers' own
 * part of it, or {@value #BESIDE_MILLIS} ms if that is more: a long prompt at most doubles the time
 * to the others' next token, or adds that. Prompts alone are computed in steps of {@value
 * #ALONE_MILLIS} ms, so that a new request is looked at within that time; but a step has {@link
 * #leastAlone} tokens or more, which a slow machine takes longer for. Owned by the engine's thread.
 */
final class Pacer {
  private static final long BESIDE_MILLIS = 100;
  private static final long ALONE_MILLIS = 250;

  /** Fewer would read all weights for next to nothing. */
  private static final int LEAST_BESIDE = 8;

  private static final int LEAST_ALONE = 128;

  /** Tokens of an expert that make up for reading its weights. */
  private static final int LEAST_OF_EXPERT = 32;

  /** Before anything was measured. */
  private static final int FIRST_BESIDE = 32;

  /** Weight of the newest step in the means. */
  private static final double NEWEST = 0.3;

  private final int most;
  private final int leastAlone;
  private double answerNanos;
  private double promptTokenNanos;

  /**
   * @param most tokens of one step
   * @param leastAlone tokens below which a step without answers would mostly read weights
   */
  Pacer(int most, int leastAlone) {
    this.most = most;
    this.leastAlone = leastAlone;
  }

  /** The {@code leastAlone} of a model: an expert gets a part of a step's tokens only. */
  static int leastAlone(ModelSpec spec) {
    int least = LEAST_ALONE;
    for (FfnSpec ffn : spec.ffn()) {
      if (ffn instanceof FfnSpec.Moe moe) {
        least = Math.max(least, LEAST_OF_EXPERT * moe.experts() / moe.used());
      }
    }
    return least;
  }

  /**
   * Prompt tokens that the next step may take on.
   *
   * @param answering requests that get their next token in this step
   */
  int promptTokens(int answering) {
    int room = Math.max(0, most - answering);
    if (promptTokenNanos == 0) {
      return answering == 0 ? room : Math.min(room, FIRST_BESIDE);
    }
    double nanos = answering == 0 ? ALONE_MILLIS * 1e6 : Math.max(BESIDE_MILLIS * 1e6, answerNanos);
    int least = answering == 0 ? leastAlone : LEAST_BESIDE;
    double tokens = Math.min(most, nanos / promptTokenNanos);
    return Math.min(room, Math.max(least, (int) tokens));
  }

  /** Learns from a step. */
  void learn(int answering, int promptTokens, long nanos) {
    if (promptTokens == 0) {
      answerNanos = mean(answerNanos, nanos);
    } else {
      double prompts = nanos - (answering == 0 ? 0 : answerNanos);
      promptTokenNanos = mean(promptTokenNanos, Math.max(1, prompts / promptTokens));
    }
  }

  private static double mean(double old, double now) {
    return old == 0 ? now : old + NEWEST * (now - old);
  }
}
