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
    List<FfnSpec> ffn) {
  public ModelSpec {
    ffn = List.copyOf(ffn);
  }

  public int layers() {
    return ffn.size();
  }

  /** Bytes that one cached token takes over all layers. */
  public long kvBytesPerToken(QuantType cache) {
    long row = cache.bytes((long) attention.kvHeads() * attention.keyDim());
    if (attention instanceof AttentionSpec.Gqa) {
      row += cache.bytes((long) attention.kvHeads() * attention.valueDim());
    }
    return row * layers();
  }
}
