package io.tiefsee.train;

import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.tensor.Tensor;
import java.util.Arrays;

/**
 * How the tokens spread over the experts, and DeepSeek-V3's balancing without an auxiliary loss
 * (section 2.1.2; Wang et al., 2024): after a step, the correction bias of an expert that got more
 * than its share falls by γ, that of one that got less rises by γ.
 */
public final class ExpertLoad {
  private final long[][] visits;

  ExpertLoad(ModelSpec spec) {
    visits = new long[spec.blocks()][];
    for (int i = 0; i < visits.length; i++) {
      visits[i] = new long[spec.feedForward(i) instanceof FfnSpec.Moe moe ? moe.experts() : 0];
    }
  }

  /** Visits by expert of a layer since the last {@link #reset}; empty for a dense layer. */
  public long[] visits(int layer) {
    return visits[layer];
  }

  /**
   * How far the fullest expert of a layer is above its share: visits / mean − 1 (MaxVio); 0 for a
   * dense layer or one without visits.
   */
  public double maxViolation(int layer) {
    long total = 0;
    long most = 0;
    for (long n : visits[layer]) {
      total += n;
      most = Math.max(most, n);
    }
    return total == 0 ? 0 : (double) most * visits[layer].length / total - 1;
  }

  /** Moves the correction biases by {@code gamma} towards balance, and counts anew. */
  public void balance(ModelWeights weights, float gamma) {
    for (int i = 0; i < visits.length; i++) {
      ModelWeights.Layer block =
          i < weights.layers().size()
              ? weights.layers().get(i)
              : weights.mtp().orElseThrow().layer();
      if (block.ffn() instanceof ModelWeights.Moe moe) {
        int layer = i;
        moe.bias().ifPresent(bias -> balance(visits[layer], bias, gamma));
      }
    }
    reset();
  }

  private static void balance(long[] visits, Tensor bias, float gamma) {
    long total = 0;
    for (long n : visits) {
      total += n;
    }
    for (int e = 0; e < visits.length; e++) {
      int sign = Long.signum(total - visits[e] * visits.length);
      bias.set(0, e, bias.get(0, e) + gamma * sign);
    }
  }

  /** Counts anew. */
  public void reset() {
    for (long[] layer : visits) {
      Arrays.fill(layer, 0);
    }
  }
}
