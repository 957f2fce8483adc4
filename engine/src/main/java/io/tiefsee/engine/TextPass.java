package io.tiefsee.engine;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.Batch;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Tensor;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Puts a whole text through the model for its logits or hidden states, chunk by chunk, between the
 * steps of other requests. One text at a time: two that each held a part of the pages could wait
 * for each other for ever. Where pages lack, requests give way.
 */
final class TextPass {
  /** Takes what a chunk gives, on the engine's thread. */
  interface Chunk {
    /**
     * @param from position of the chunk's first token
     * @param to position after its last
     */
    void run(int from, int to, Batch batch);
  }

  private static final int NOT_TAKEN = -1;

  private final EngineThread thread;
  private final ReentrantLock one = new ReentrantLock(true);

  TextPass(EngineThread thread) {
    this.thread = thread;
  }

  /**
   * Blocks until it is done.
   *
   * @param chunk tokens at once
   */
  void run(int[] tokens, int chunk, Chunk work) {
    one.lock();
    try {
      int[] table = new int[Math.ceilDiv(tokens.length, KvLayer.PAGE)];
      Arrays.fill(table, NOT_TAKEN);
      try {
        thread.call(() -> take(table));
        for (int from = 0; from < tokens.length; from += chunk) {
          int start = from;
          int end = Math.min(tokens.length, from + chunk);
          thread.call(
              () -> thread.pass(() -> work.run(start, end, batch(tokens, start, end, table))));
        }
      } finally {
        // Comes after what was called, even if the caller was interrupted while waiting for that.
        thread.post(() -> giveBack(table));
      }
    } finally {
      one.unlock();
    }
  }

  private void take(int[] table) {
    thread.scheduler().freePages(table.length);
    if (thread.pages().free() < table.length) {
      throw new BadInput("the KV cache is too small for the text");
    }
    for (int i = 0; i < table.length; i++) {
      table[i] = thread.pages().take();
    }
  }

  private void giveBack(int[] table) {
    for (int page : table) {
      if (page != NOT_TAKEN) {
        thread.pages().release(page);
      }
    }
  }

  private static Batch batch(int[] tokens, int from, int to, int[] table) {
    Batch batch = new Batch();
    batch.sequence(table);
    for (int p = from; p < to; p++) {
      int slot = table[p / KvLayer.PAGE] * KvLayer.PAGE + p % KvLayer.PAGE;
      batch.add(tokens[p], p, slot, true);
    }
    return batch;
  }

  /**
   * A text as a vector of length 1.
   *
   * @return [dim]
   */
  float[] embed(ModelRunner model, int[] tokens, int chunk, Pooling pooling) {
    int dim = model.transformer.spec().dim();
    double[] sum = new double[dim];
    run(
        tokens,
        chunk,
        (from, to, batch) -> {
          Tensor states = model.states(batch);
          for (int p = pooling == Pooling.MEAN ? from : Math.max(from, tokens.length - 1);
              p < to;
              p++) {
            for (int i = 0; i < dim; i++) {
              sum[i] += states.get(p - from, i);
            }
          }
        });
    double square = 0;
    for (double x : sum) {
      square += x * x;
    }
    float[] vector = new float[dim];
    for (int i = 0; i < dim && square > 0; i++) {
      vector[i] = (float) (sum[i] / Math.sqrt(square));
    }
    return vector;
  }
}
