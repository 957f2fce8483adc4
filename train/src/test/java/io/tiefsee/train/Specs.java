package io.tiefsee.train;

import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.RopeSpec;
import java.util.List;

/** Small models of every kind, with sizes that fill no register. */
final class Specs {
  private static final FfnSpec.Moe SIGMOID =
      new FfnSpec.Moe(8, 3, 20, 20, FfnSpec.Gate.SIGMOID, true, 1.5f, 4, 2);
  private static final FfnSpec.Moe SOFTMAX =
      new FfnSpec.Moe(6, 2, 20, 0, FfnSpec.Gate.SOFTMAX, false, 1f, 1, 1);

  private Specs() {}

  /** Llama, Qwen2 (biases) or Qwen3 (norms of q and k). */
  static ModelSpec dense(String architecture) {
    RopeSpec rope = new RopeSpec(12, 10_000, architecture.equals("llama"), new RopeSpec.None());
    return new ModelSpec(
        architecture,
        "small",
        28,
        37,
        256,
        1e-6f,
        new AttentionSpec.Gqa(4, 2, 12),
        rope,
        List.of(new FfnSpec.Dense(44), new FfnSpec.Dense(44)));
  }

  /** DeepSeek-V3: latent attention, a dense layer, then experts. */
  static ModelSpec latent(FfnSpec.Gate gate, int qLora) {
    RopeSpec.Yarn yarn = new RopeSpec.Yarn(4, 64, 32, 1, 1, 1);
    FfnSpec.Moe moe = gate == FfnSpec.Gate.SIGMOID ? SIGMOID : SOFTMAX;
    return new ModelSpec(
        "deepseek2",
        "small",
        28,
        37,
        256,
        1e-6f,
        new AttentionSpec.Mla(
            3, qLora, 20, 10, 6, 14, (float) (yarn.scoreFactor() / Math.sqrt(16))),
        new RopeSpec(6, 10_000, true, yarn),
        List.of(new FfnSpec.Dense(44), moe, moe));
  }

  static List<ModelSpec> all() {
    return List.of(
        dense("llama"),
        dense("qwen2"),
        dense("qwen3"),
        latent(FfnSpec.Gate.SIGMOID, 18),
        latent(FfnSpec.Gate.SOFTMAX, 0));
  }
}
