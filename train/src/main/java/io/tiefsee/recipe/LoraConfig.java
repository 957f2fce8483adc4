package io.tiefsee.recipe;

import io.tiefsee.model.Lora;
import io.tiefsee.tensor.BadInput;
import java.util.List;

/**
 * Table {@code [lora]}: low-rank adapters of {@code model.from} instead of all weights (Hu et al.,
 * 2021). What a stage leaves is then an adapter as PEFT has it.
 *
 * @param rank of the adapters; 0: all weights learn
 * @param alpha the adapters' product is scaled by alpha / rank
 * @param targets projections that get one, by Hugging Face's names
 * @param lastLayers only so many layers get adapters, counted from the end; 0: all. Learning then
 *     goes back through these alone, which saves time
 * @param from a folder with an adapter to go on with; empty: new ones
 * @param base how the weights that stand still lie in memory
 * @param merge the final model is written too, with the adapters worked in
 */
public record LoraConfig(
    int rank,
    double alpha,
    List<String> targets,
    int lastLayers,
    String from,
    Base base,
    boolean merge) {
  /** How weights that stand still lie in memory. */
  public enum Base {
    /** In the types of the file. */
    PACKED,
    /** As f32: four bytes a weight, and faster where that fits. */
    F32
  }

  public static final LoraConfig DEFAULTS =
      new LoraConfig(
          0,
          16,
          List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
          0,
          "",
          Base.PACKED,
          false);

  public LoraConfig {
    Limits.atLeast("rank", rank, 0);
    Limits.above("alpha", alpha, 0);
    Limits.atLeast("last_layers", lastLayers, 0);
    targets = List.copyOf(targets);
    if (targets.isEmpty()) {
      throw new BadInput("targets of the adapters are missing");
    }
  }

  /** True if adapters learn, not all weights. */
  boolean wanted() {
    return rank > 0;
  }

  Lora.Targets of() {
    return new Lora.Targets(targets, lastLayers);
  }
}
