package io.tiefsee.model;

/** Shape of a model's attention; the same in all layers. */
public sealed interface AttentionSpec {
  int heads();

  /** Heads that the KV cache holds. */
  int kvHeads();

  /** Numbers in a cached key row of a head. */
  int keyDim();

  /** Numbers in a cached value row of a head. */
  int valueDim();

  /** Factor of the scores before the softmax. */
  float scale();

  /**
   * Grouped-query attention (Ainslie et al., 2023): Llama and Qwen.
   *
   * @param heads query heads
   * @param kvHeads key and value heads
   * @param headDim numbers in a head
   */
  record Gqa(int heads, int kvHeads, int headDim) implements AttentionSpec {
    @Override
    public int keyDim() {
      return headDim;
    }

    @Override
    public int valueDim() {
      return headDim;
    }

    @Override
    public float scale() {
      return (float) (1 / Math.sqrt(headDim));
    }
  }

  /**
   * Multi-head latent attention (DeepSeek-V2, section 2.1): keys and values of all heads come from
   * one latent per token, which is what the cache holds, beside the rope key that all heads share.
   *
   * @param heads query heads
   * @param qLora rank of the query's low-rank product, 0 where the query has one full matrix
   * @param kvLora numbers in the latent
   * @param nope numbers of a head's query that see no rotation
   * @param rope numbers of a head's query that are rotated
   * @param value numbers in a head's value
   * @param scale (nope + rope)^-½ times YaRN's mscale²
   */
  record Mla(int heads, int qLora, int kvLora, int nope, int rope, int value, float scale)
      implements AttentionSpec {
    @Override
    public int kvHeads() {
      return 1;
    }

    @Override
    public int keyDim() {
      return kvLora + rope;
    }

    @Override
    public int valueDim() {
      return kvLora;
    }
  }
}
