package io.tiefsee.kernel;

import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;

/**
 * Causal attention of new tokens over cached keys and values, one fused pass with an online softmax
 * (Milakov and Gimelshein, 2018; Dao et al., 2022).
 *
 * <p>Each (token, head) adds up in an order that depends on its position alone: keys in ascending
 * position, page by page. Neither the other tokens of the batch nor the split into ranges matter.
 */
public interface AttentionKernel {
  /** Storage of the cache that this kernel reads and writes. */
  QuantType cache();

  Isa isa();

  /**
   * What one layer's attention works on.
   *
   * @param q [tokens, heads · kDim]
   * @param out [tokens, heads · vDim]
   * @param heads query heads; heads / kvHeads of them share a key head
   * @param scale factor of the scores before the softmax
   * @param kv the layer's cache
   * @param positions position of each token in its sequence
   * @param sequence which page table a token uses
   * @param pages page tables: pages[s][p] holds positions p·PAGE … of sequence s
   */
  record Task(
      Tensor q,
      Tensor out,
      int heads,
      float scale,
      KvLayer kv,
      int[] positions,
      int[] sequence,
      int[][] pages) {}

  /** Writes key rows and value rows of the new tokens [t0, t1) into their slots. */
  void store(KvLayer kv, Tensor k, Tensor v, int[] slots, int t0, int t1);

  /**
   * Computes work items [i0, i1); item i is token i / kvHeads and key head i % kvHeads with its
   * heads / kvHeads query heads.
   *
   * @param thread which scratch memory to use, 0 … threads-1
   */
  void run(Task task, int i0, int i1, int thread);
}
