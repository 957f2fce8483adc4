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
 * @param mtp the module of multi-token prediction, if it is loaded
 */
public record ModelWeights(
    Matrix embedding, List<Layer> layers, Tensor norm, Matrix output, Optional<Mtp> mtp) {

  public ModelWeights {
    layers = List.copyOf(layers);
  }

  /** Weights without multi-token prediction. */
  public ModelWeights(Matrix embedding, List<Layer> layers, Tensor norm, Matrix output) {
    this(embedding, layers, norm, output, Optional.empty());
  }

  /**
   * Bytes of matrices that are read to compute one token: all but the embedding table (of which one
   * row is read, unless it is the output too) and, of routed experts, those that a token visits.
   */
  public long bytesPerToken(ModelSpec spec) {
    long bytes = output.bytes();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      bytes +=
          switch (layer.attention()) {
            case Gqa w -> bytes(w.qkv()) + w.output().bytes();
            case Mla w ->
                bytes(w.down())
                    + w.qUp().map(Matrix::bytes).orElse(0L)
                    + bytes(w.keyUp())
                    + bytes(w.valueUp())
                    + w.output().bytes();
          };
      bytes +=
          switch (layer.ffn()) {
            case Dense w -> bytes(w);
            case Moe w -> {
              int visited = ((FfnSpec.Moe) spec.ffn().get(i)).used();
              long expert = bytes(w.gateUp()[0]) + w.down()[0].bytes();
              yield w.router().bytes()
                  + visited * expert
                  + w.shared().map(ModelWeights::bytes).orElse(0L);
            }
          };
    }
    return bytes;
  }

  private static long bytes(Dense w) {
    return bytes(w.gateUp()) + w.down().bytes();
  }

  private static long bytes(Matrix[] matrices) {
    long bytes = 0;
    for (Matrix m : matrices) {
      bytes += m.bytes();
    }
    return bytes;
  }

  /**
   * One block.
   *
   * @param attentionNorm [1, dim]
   * @param ffnNorm [1, dim]
   */
  public record Layer(Tensor attentionNorm, Attention attention, Tensor ffnNorm, Ffn ffn) {}

  /**
   * Multi-token prediction of depth 1 (DeepSeek-V3, section 2.2): one block over the projection of
   * [embedding of the next token, hidden state]; embedding and output are the model's own.
   *
   * @param embeddingNorm [1, dim], of the next token's embedding (enorm)
   * @param hiddenNorm [1, dim], of the hidden state (hnorm)
   * @param project [dim, 2 · dim] (eh_proj)
   * @param norm [1, dim], before the shared output
   */
  public record Mtp(
      Tensor embeddingNorm, Tensor hiddenNorm, Matrix project, Layer layer, Tensor norm) {}

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
