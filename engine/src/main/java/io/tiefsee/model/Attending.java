package io.tiefsee.model;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.kernel.SplitAttention;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;

/**
 * Shares the work of attention among the threads: whole items (a token with a key head) where there
 * are enough of them; else chunks of positions, so that one long context keeps all threads busy.
 * The kernels give the same bits either way.
 */
final class Attending {
  /** Items a thread that even out their unequal lengths. */
  private static final int ENOUGH = 4;

  private final Parallel parallel;
  private final TensorPool pool;
  // Made once, so that a step makes no garbage.
  private final Parallel.Body whole = this::whole;
  private final Parallel.Body parts = this::parts;
  private final Parallel.Body joins = this::joins;
  private AttentionKernel kernel;
  private AttentionKernel.Task task;
  private Tensor states;
  private int items;

  /**
   * @param none any kernel
   */
  Attending(Parallel parallel, TensorPool pool, AttentionKernel none) {
    this.parallel = parallel;
    this.pool = pool;
    this.kernel = none;
  }

  /** Into how many chunks the longest of the contexts can be split. */
  static int chunks(AttentionKernel kernel, KvLayer kv, int[] positions, int tokens) {
    if (!(kernel instanceof SplitAttention split) || !split.splits(kv)) {
      return 1;
    }
    int longest = 0;
    for (int t = 0; t < tokens; t++) {
      longest = Math.max(longest, positions[t]);
    }
    return longest / SplitAttention.CHUNK + 1;
  }

  /** Attention of the first q.rows() tokens. */
  void run(AttentionKernel newKernel, AttentionKernel.Task newTask) {
    kernel = newKernel;
    task = newTask;
    KvLayer kv = task.kv();
    int tokens = task.q().rows();
    items = tokens * kv.kvHeads();
    int chunks = 1;
    if (parallel.threads() > 1 && items < ENOUGH * parallel.threads()) {
      chunks = chunks(kernel, kv, task.positions(), tokens);
    }
    if (chunks == 1) {
      parallel.run(items, 1, whole);
      return;
    }
    int floats = ((SplitAttention) kernel).stateFloats(task);
    states = pool.take(QuantType.F32, chunks * items, floats);
    parallel.run(chunks * items, 1, parts);
    parallel.run(items, 1, joins);
  }

  private void whole(int from, int to, int thread) {
    kernel.run(task, from, to, thread);
  }

  /** Part i is chunk i / items of item i % items. */
  private void parts(int from, int to, int thread) {
    for (int i = from; i < to; i++) {
      int item = i % items;
      int chunk = i / items;
      if (chunk * SplitAttention.CHUNK <= task.positions()[item / task.kv().kvHeads()]) {
        ((SplitAttention) kernel).part(task, item, chunk, states, i);
      }
    }
  }

  private void joins(int from, int to, int thread) {
    for (int item = from; item < to; item++) {
      ((SplitAttention) kernel).join(task, item, states, item, items);
    }
  }
}
