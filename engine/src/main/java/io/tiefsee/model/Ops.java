package io.tiefsee.model;

import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Tensor;

/**
 * The coarse operations of a transformer. {@link EagerOps} computes them on scratch memory; a taped
 * implementation may record them for a backward pass with the same forward kernels.
 *
 * <p>Results belong to the implementation: they hold until {@link #layerDone()}, the ones made
 * before the first layer and after the last until the next {@link #begin}.
 */
public interface Ops {
  /** Starts a forward pass over {@code batch}. */
  void begin(Batch batch, KvCache cache);

  /** Rows of {@code table} for the batch's tokens: [tokens, dim]. */
  Tensor embed(Matrix table);

  /** Rows of {@code table} for other tokens, one for each of the batch's: [tokens, dim]. */
  Tensor embed(Matrix table, int[] tokens);

  /** Each row of x followed by that of y: [rows, x.cols + y.cols]. */
  Tensor join(Tensor x, Tensor y);

  /** RMSNorm of each row: x and the result are [rows, cols], weight is [1, cols]. */
  Tensor norm(Tensor x, Tensor weight, float eps);

  /** RMSNorm of each vector of weight.cols numbers within the rows of x (Qwen3's q and k norm). */
  Tensor headNorm(Tensor x, Tensor weight, float eps);

  /** x · wᵀ: x is [rows, cols], w is [n, cols], the result [rows, n]. */
  Tensor matmul(Matrix w, Tensor x);

  /** Several products of the same x in one go. */
  Tensor[] matmul(Matrix[] w, Tensor x);

  /** x + bias in each row; may work in place. */
  Tensor addBias(Tensor x, Tensor bias);

  /** x + y; may work in place on x. */
  Tensor add(Tensor x, Tensor y);

  /**
   * Attention with grouped heads: rotates q and k, stores k and v in the cache, attends.
   *
   * @param q [tokens, heads · headDim]
   * @param k [tokens, kvHeads · headDim]
   * @param v [tokens, kvHeads · headDim]
   * @return [tokens, heads · headDim]
   */
  Tensor attention(int layer, AttentionSpec.Gqa spec, Tensor q, Tensor k, Tensor v);

  /**
   * Attention over latents, absorbed: queries are brought to the latent by {@code keyUp}, the
   * attended latents to values by {@code valueUp}.
   *
   * @param q [tokens, heads · (nope + rope)]
   * @param kv [tokens, kvLora + rope], not yet normed nor rotated
   * @param kvNorm [1, kvLora]
   * @param keyUp by head [kvLora, nope]
   * @param valueUp by head [value, kvLora]
   * @return [tokens, heads · value]
   */
  Tensor latentAttention(
      int layer,
      AttentionSpec.Mla spec,
      Tensor q,
      Tensor kv,
      Tensor kvNorm,
      float eps,
      Matrix[] keyUp,
      Matrix[] valueUp);

  /** gate · sigmoid(gate) · up, all [rows, hidden]. */
  Tensor swiglu(Tensor gate, Tensor up);

  /** Routed experts of each row of x ([tokens, dim]), weighted and summed; without the shared. */
  Tensor moe(int layer, FfnSpec.Moe spec, ModelWeights.Moe w, Tensor x);

  /** The rows of x whose logits the batch wants. */
  Tensor logitRows(Tensor x);

  /** The first {@code count} of the given rows of x. */
  Tensor rows(Tensor x, int[] rows, int count);

  /** The residual stream {@code x} goes on, all else that was made in this layer may be reused. */
  void layerDone(Tensor x);
}
