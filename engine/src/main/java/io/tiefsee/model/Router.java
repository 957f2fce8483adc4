package io.tiefsee.model;

import io.tiefsee.tensor.Tensor;
import java.util.Arrays;

/**
 * Chooses the experts of each token from the router's logits: softmax (DeepSeek-V2) or sigmoid with
 * a correction bias and limited groups (DeepSeek-V3, equations 12 to 16). Holds the choice of one
 * batch, [tokens, used], ascending by expert.
 */
public final class Router {
  private static final float TINY = 1e-20f;

  private final FfnSpec.Moe spec;
  private final float[] scores;
  private final float[] choice;
  private final float[] groupScores;
  private int[] experts = new int[0];
  private float[] weights = new float[0];

  public Router(FfnSpec.Moe spec) {
    this.spec = spec;
    this.scores = new float[spec.experts()];
    this.choice = new float[spec.experts()];
    this.groupScores = new float[spec.groups()];
  }

  /**
   * Chooses for all tokens of a batch.
   *
   * @param logits [tokens, experts]
   * @param bias [1, experts] or an empty array
   */
  public void choose(Tensor logits, float[] bias) {
    int tokens = logits.rows();
    int used = spec.used();
    if (experts.length < tokens * used) {
      experts = new int[tokens * used];
      weights = new float[tokens * used];
    }
    for (int t = 0; t < tokens; t++) {
      score(logits, t);
      for (int e = 0; e < scores.length; e++) {
        choice[e] = bias.length == 0 ? scores[e] : scores[e] + bias[e];
      }
      if (spec.groups() > spec.groupsUsed()) {
        dropGroups();
      }
      pick(t * used);
    }
  }

  /** Expert of choice {@code i} of a token. */
  public int expert(int token, int i) {
    return experts[token * spec.used() + i];
  }

  /** Weight of choice {@code i} of a token. */
  public float weight(int token, int i) {
    return weights[token * spec.used() + i];
  }

  private void score(Tensor logits, int t) {
    int n = scores.length;
    if (spec.gate() == FfnSpec.Gate.SIGMOID) {
      for (int e = 0; e < n; e++) {
        scores[e] = (float) (1 / (1 + Math.exp(-logits.get(t, e))));
      }
      return;
    }
    float max = Float.NEGATIVE_INFINITY;
    for (int e = 0; e < n; e++) {
      max = Math.max(max, logits.get(t, e));
    }
    double sum = 0;
    for (int e = 0; e < n; e++) {
      scores[e] = (float) Math.exp(logits.get(t, e) - max);
      sum += scores[e];
    }
    for (int e = 0; e < n; e++) {
      scores[e] = (float) (scores[e] / sum);
    }
  }

  /**
   * Leaves the experts of the best groups only. A group counts by the sum of its two best experts
   * (V3) or by its best one (V2, softmax).
   */
  private void dropGroups() {
    int size = choice.length / groupScores.length;
    for (int g = 0; g < groupScores.length; g++) {
      float first = Float.NEGATIVE_INFINITY;
      float second = Float.NEGATIVE_INFINITY;
      for (int e = g * size; e < (g + 1) * size; e++) {
        if (choice[e] > first) {
          second = first;
          first = choice[e];
        } else if (choice[e] > second) {
          second = choice[e];
        }
      }
      groupScores[g] = spec.gate() == FfnSpec.Gate.SIGMOID && size > 1 ? first + second : first;
    }
    for (int drop = spec.groups() - spec.groupsUsed(); drop > 0; drop--) {
      int worst = -1;
      for (int g = 0; g < groupScores.length; g++) {
        if (!Float.isNaN(groupScores[g]) && (worst < 0 || groupScores[g] <= groupScores[worst])) {
          worst = g;
        }
      }
      groupScores[worst] = Float.NaN;
      Arrays.fill(choice, worst * size, (worst + 1) * size, Float.NEGATIVE_INFINITY);
    }
  }

  private void pick(int at) {
    int used = spec.used();
    for (int i = 0; i < used; i++) {
      int best = -1;
      for (int e = 0; e < choice.length; e++) {
        // A choice of NaN is never taken twice: the marker below is NaN too.
        if (!Float.isNaN(choice[e]) && (best < 0 || choice[e] > choice[best])) {
          best = e;
        }
      }
      if (best < 0) {
        throw new IllegalStateException("the router's logits are not numbers");
      }
      experts[at + i] = best;
      choice[best] = Float.NaN;
    }
    Arrays.sort(experts, at, at + used);
    double sum = TINY;
    for (int i = at; i < at + used; i++) {
      weights[i] = scores[experts[i]];
      sum += weights[i];
    }
    for (int i = at; i < at + used; i++) {
      double w = spec.normalise() ? weights[i] / sum : weights[i];
      weights[i] = (float) (w * spec.scale());
    }
  }
}
