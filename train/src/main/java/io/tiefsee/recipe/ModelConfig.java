package io.tiefsee.recipe;

import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables {@code [model]} and {@code [student]}: a model to make from nothing, or one to go on with.
 *
 * @param from a GGUF file or a Hugging Face folder; empty: from nothing, of the shape below
 * @param architecture {@code deepseek2} (latent attention, experts), {@code llama}, {@code qwen2}
 *     or {@code qwen3} (grouped-query attention, dense)
 * @param layers in all
 * @param denseLayers leading layers without experts; of dense architectures all are
 * @param dim width of the residual stream
 * @param hidden of the dense layers
 * @param heads query heads
 * @param kvHeads key heads of grouped-query attention
 * @param headDim numbers in such a head
 * @param queryRank of latent attention; 0: one full matrix
 * @param latent numbers in the latent of keys and values
 * @param nope numbers of a head that see no rotation
 * @param rope numbers of a head that are rotated
 * @param value numbers in a head's value
 * @param experts routed experts; 0: all layers are dense, as they are of dense architectures
 * @param expertsUsed experts that a token visits
 * @param expertHidden of a routed expert
 * @param sharedHidden of the shared expert
 * @param routedScale factor of the routed experts
 * @param context tokens of prompt and answer together
 * @param ropeTheta base of the rotation's frequencies
 * @param tied the output is the embedding
 * @param deviation of the normal distribution that the matrices start from
 * @param nextTokens further tokens that a multi-token-prediction head learns (DeepSeek-V3, section
 *     2.2); 0: no head
 */
public record ModelConfig(
    String from,
    String architecture,
    int layers,
    int denseLayers,
    int dim,
    int hidden,
    int heads,
    int kvHeads,
    int headDim,
    int queryRank,
    int latent,
    int nope,
    int rope,
    int value,
    int experts,
    int expertsUsed,
    int expertHidden,
    int sharedHidden,
    double routedScale,
    int context,
    double ropeTheta,
    boolean tied,
    double deviation,
    int nextTokens) {
  private static final List<String> ARCHITECTURES = List.of("deepseek2", "llama", "qwen2", "qwen3");

  /** A small model of R1's own kind. */
  public static final ModelConfig DEFAULTS =
      new ModelConfig(
          "",
          "deepseek2",
          4,
          1,
          128,
          352,
          4,
          4,
          32,
          64,
          48,
          16,
          16,
          32,
          8,
          2,
          96,
          96,
          1,
          512,
          10_000,
          false,
          0.02,
          0);

  /** A small dense model of the kind that R1 was distilled into. */
  public static final ModelConfig STUDENT =
      new ModelConfig(
          "", "qwen2", 4, 4, 128, 352, 4, 2, 32, 0, 48, 16, 16, 32, 0, 2, 96, 0, 1, 512, 10_000,
          true, 0.02, 0);

  public ModelConfig {
    if (!ARCHITECTURES.contains(architecture)) {
      throw new BadInput("architecture is one of " + ARCHITECTURES + ", not " + architecture);
    }
    Limits.atLeast("layers", layers, 1);
    Limits.atLeast("dense_layers", denseLayers, 0);
    Limits.atLeast("dim", dim, 1);
    Limits.atLeast("hidden", hidden, 1);
    Limits.atLeast("heads", heads, 1);
    Limits.atLeast("kv_heads", kvHeads, 1);
    if (!architecture.equals("deepseek2") && heads % kvHeads != 0) {
      throw new BadInput("kv_heads divides heads: " + kvHeads + " does not divide " + heads);
    }
    Limits.atLeast("head_dim", headDim, 2);
    Limits.atLeast("query_rank", queryRank, 0);
    Limits.atLeast("latent", latent, 1);
    Limits.atLeast("nope", nope, 1);
    Limits.atLeast("rope", rope, 2);
    if (rope % 2 != 0 || headDim % 2 != 0) {
      throw new BadInput((rope % 2 != 0 ? "rope" : "head_dim") + " is even: pairs are rotated");
    }
    Limits.atLeast("value", value, 1);
    Limits.atLeast("experts", experts, 0);
    Limits.atLeast("shared_hidden", sharedHidden, 0);
    if (hasExperts(architecture, experts)) {
      Limits.within("experts_used", expertsUsed, 1, experts);
      Limits.atLeast("expert_hidden", expertHidden, 1);
      if (sharedHidden % expertHidden != 0 && denseLayers < layers) {
        throw new BadInput(
            "shared_hidden is a multiple of expert_hidden, as the file formats want it: "
                + "%d is none of %d".formatted(sharedHidden, expertHidden));
      }
    }
    Limits.above("routed_scale", routedScale, 0);
    Limits.atLeast("context", context, 16);
    Limits.above("rope_theta", ropeTheta, 1);
    Limits.above("deviation", deviation, 0);
    Limits.within("next_tokens", nextTokens, 0, 1);
  }

  /** Of the files' architectures only DeepSeek's has a place for experts. */
  private static boolean hasExperts(String architecture, int experts) {
    return architecture.equals("deepseek2") && experts > 0;
  }

  /**
   * The shape of a model from nothing.
   *
   * @param name what the model calls itself
   * @param vocab rows of the embedding
   */
  public ModelSpec spec(String name, int vocab) {
    boolean latentAttention = architecture.equals("deepseek2");
    AttentionSpec attention =
        latentAttention
            ? new AttentionSpec.Mla(
                heads, queryRank, latent, nope, rope, value, (float) (1 / Math.sqrt(nope + rope)))
            : new AttentionSpec.Gqa(heads, kvHeads, headDim);
    RopeSpec rotation =
        new RopeSpec(
            latentAttention ? rope : headDim,
            ropeTheta,
            latentAttention || architecture.equals("llama"),
            new RopeSpec.None());
    List<FfnSpec> ffn = new ArrayList<>();
    boolean dense = !hasExperts(architecture, experts);
    for (int i = 0; i < layers; i++) {
      ffn.add(
          dense || i < denseLayers
              ? new FfnSpec.Dense(hidden)
              : new FfnSpec.Moe(
                  experts,
                  expertsUsed,
                  expertHidden,
                  sharedHidden,
                  FfnSpec.Gate.SIGMOID,
                  true,
                  (float) routedScale,
                  1,
                  1));
    }
    return new ModelSpec(
        architecture, name, dim, vocab, context, 1e-6f, attention, rotation, ffn, nextTokens > 0);
  }
}
