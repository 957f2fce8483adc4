package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;
import java.util.List;

/**
 * Table {@code [lora]}: low-rank adapters instead of all weights (Hu et al., 2021).
 *
 * @param rank of the adapters; 0: all weights learn
 * @param alpha the adapters' product is scaled by alpha / rank
 * @param targets projections that get one, by Hugging Face's names
 */
public record LoraConfig(int rank, double alpha, List<String> targets) {
  public static final LoraConfig DEFAULTS =
      new LoraConfig(
          0,
          16,
          List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"));

  public LoraConfig {
    Limits.atLeast("rank", rank, 0);
    Limits.above("alpha", alpha, 0);
    targets = List.copyOf(targets);
    if (targets.isEmpty()) {
      throw new BadInput("targets of the adapters are missing");
    }
  }
}
