package io.tiefsee.kernel;

import io.tiefsee.tensor.Tensor;

/**
 * Attention that threads can share even within one item of work: each does chunks of {@link #CHUNK}
 * positions, then the chunks' states are joined in order. {@link #run} adds up in the very same
 * way, so the bits do not tell who did what.
 */
public interface SplitAttention extends AttentionKernel {
  /** Positions that are added up by themselves. */
  int CHUNK = 8 * KvLayer.PAGE;

  /** Whether rows of this shape can be split. */
  boolean splits(KvLayer kv);

  /** Floats that the state of one item's chunk takes. */
  int stateFloats(Task task);

  /**
   * Computes the state of item {@code item} over positions from {@code chunk · CHUNK} on, which its
   * token must reach.
   *
   * @param states [·, stateFloats]
   * @param row which row the state becomes
   */
  void part(Task task, int item, int chunk, Tensor states, int row);

  /**
   * Joins the states of an item's chunks and writes its part of the task's output.
   *
   * @param states [·, stateFloats], the states of chunk c in row {@code first + c · step}
   */
  void join(Task task, int item, Tensor states, int first, int step);
}
