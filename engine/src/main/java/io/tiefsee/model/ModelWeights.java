package io.tiefsee.model;

import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The weights of a model, in the layouts that the kernels want.
 *
 * @param embedding [vocab, dim]
 * @param layers the blocks, in order
 * @param norm [1, dim]
 * @param output [vocab, dim], the embedding itself where the two are tied
 */
public record ModelWeights(Matrix embedding, List<Layer> layers, Tensor norm, Matrix output) {

  public ModelWeights {
    layers = List.copyOf(layers);
  }

  /**
   * One block.
   *
   * @param attentionNorm [1, dim]
   * @param ffnNorm [1, dim]
   */
  public record Layer(Tensor attentionNorm, Attention attention, Tensor ffnNorm, Ffn ffn) {}

  /** Weights of attention. */
  public sealed interface Attention {}

  /**
   * Grouped-query attention.
   *
   * @param qkv [heads · headDim, dim], [kvHeads · headDim, dim] twice
   * @param bias of the three, each [1, rows], or none
   * @param qNorm [1, headDim] (Qwen3)
   * @param kNorm [1, headDim]
   * @param output [dim, heads · headDim]
   */
  public record Gqa(
      Matrix[] qkv, Tensor[] bias, Optional<Tensor> qNorm, Optional<Tensor> kNorm, Matrix output)
      implements Attention {}

  /**
   * Multi-head latent attention.
   *
   * @param down without q-LoRA: [heads · (nope + rope), dim] and [kvLora + rope, dim]; with it, the
   *     first is [qLora, dim]
   * @param qNorm [1, qLora]
   * @param qUp [heads · (nope + rope), qLora]
   * @param kvNorm [1, kvLora]
   * @param keyUp by head, [kvLora, nope]: turns a query into one against the latent
   * @param valueUp by head, [value, kvLora]
   * @param output [dim, heads · value]
   */
  public record Mla(
      Matrix[] down,
      Optional<Tensor> qNorm,
      Optional<Matrix> qUp,
      Tensor kvNorm,
      Matrix[] keyUp,
      Matrix[] valueUp,
      Matrix output)
      implements Attention {}

  /** Weights of a feed-forward part. */
  public sealed interface Ffn {}

  /**
   * SwiGLU.
   *
   * @param gateUp [hidden, dim] twice
   * @param down [dim, hidden]
   */
  public record Dense(Matrix[] gateUp, Matrix down) implements Ffn {}

  /**
   * Experts.
   *
   * @param router [experts, dim], f32
   * @param bias [1, experts]: added to the scores for the choice only (V3's load balance)
   * @param gateUp by expert, as in {@link Dense}
   * @param down by expert
   * @param shared the shared experts, as one
   */
  public record Moe(
      Matrix router,
      Optional<Tensor> bias,
      Matrix[][] gateUp,
      Matrix[] down,
      Optional<Dense> shared)
      implements Ffn {}
}
