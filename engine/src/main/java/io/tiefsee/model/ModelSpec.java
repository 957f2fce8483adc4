package io.tiefsee.model;

import io.tiefsee.tensor.QuantType;
import java.util.List;

/**
 * A model as data: what {@link Transformer} needs to know beside the weights.
 *
 * @param architecture family, by GGUF's name: llama, qwen2, qwen3, deepseek2
 * @param name what the file calls itself
 * @param dim width of the residual stream
 * @param vocab rows of the embedding
 * @param context tokens that the model was made for
 * @param normEps epsilon of every norm
 * @param attention shape of attention
 * @param rope rotary embedding
 * @param ffn feed-forward part of each layer
 * @param mtp a module of multi-token prediction follows the layers: one more block, made like the
 *     last layer
 */
public record ModelSpec(
    String architecture,
    String name,
    int dim,
    int vocab,
    int context,
    float normEps,
    AttentionSpec attention,
    RopeSpec rope,
    List<FfnSpec> ffn,
    boolean mtp) {
  public ModelSpec {
    ffn = List.copyOf(ffn);
  }

  /** A model without multi-token prediction. */
  public ModelSpec(
      String architecture,
      String name,
      int dim,
      int vocab,
      int context,
      float normEps,
      AttentionSpec attention,
      RopeSpec rope,
      List<FfnSpec> ffn) {
    this(architecture, name, dim, vocab, context, normEps, attention, rope, ffn, false);
  }

  /** The same model with or without multi-token prediction. */
  public ModelSpec withMtp(boolean value) {
    return new ModelSpec(
        architecture, name, dim, vocab, context, normEps, attention, rope, ffn, value);
  }

  public int layers() {
    return ffn.size();
  }

  /** Layers and the block of multi-token prediction. */
  public int blocks() {
    return layers() + (mtp ? 1 : 0);
  }

  /** Feed-forward part of a block; that of multi-token prediction has the last layer's shape. */
  public FfnSpec feedForward(int block) {
    return ffn.get(Math.min(block, layers() - 1));
  }

  /** Bytes that one cached token takes over all blocks. */
  public long kvBytesPerToken(QuantType cache) {
    long row = cache.bytes((long) attention.kvHeads() * attention.keyDim());
    if (attention instanceof AttentionSpec.Gqa) {
      row += cache.bytes((long) attention.kvHeads() * attention.valueDim());
    }
    return row * blocks();
  }
}
