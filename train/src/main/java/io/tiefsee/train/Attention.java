package io.tiefsee.train;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.Batch;
import io.tiefsee.model.KvCache;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.tensor.Tensor;
import java.util.Arrays;

/**
 * What the attentions of one pass share: the batch, the cache and the rotations. The batch holds
 * whole sequences, each from position 0 on.
 */
final class Attention {
  final int[] starts;
  private final Tape tape;
  private final Batch batch;
  private final KvCache cache;
  private final boolean adjacent;
  private final int[] rows;
  private final Tensor cos;
  private final Tensor sin;
  private final Tensor minusSin;

  Attention(Tape tape, RopeSpec rope, Batch batch, KvCache cache) {
    this.tape = tape;
    this.batch = batch;
    this.cache = cache;
    this.adjacent = rope.adjacent();
    int n = batch.size();
    this.starts = starts(batch);
    this.rows = new int[n];
    Arrays.setAll(rows, i -> i);
    double[] frequencies = rope.frequencies();
    cos = tape.take(n, frequencies.length);
    sin = tape.take(n, frequencies.length);
    minusSin = tape.take(n, frequencies.length);
    rope.rotations(batch.positions(), frequencies, cos, sin);
    minusSin.fill(0);
    for (int t = 0; t < n; t++) {
      tape.rowOps.addScaled(sin, t, -1, minusSin, t);
    }
  }

  /** First row of each sequence, and the number of rows. */
  private static int[] starts(Batch batch) {
    int n = batch.size();
    int[] starts = new int[n + 1];
    int count = 0;
    for (int t = 0; t < n; t++) {
      boolean first = t == 0 || batch.sequences()[t] != batch.sequences()[t - 1];
      if (batch.positions()[t] != (first ? 0 : batch.positions()[t - 1] + 1)) {
        throw new IllegalArgumentException("row " + t + " of the batch goes on no whole sequence");
      }
      if (first) {
        starts[count++] = t;
      }
    }
    starts[count] = n;
    return Arrays.copyOf(starts, count + 1);
  }

  /** Rotates in place by the positions, forward or back; as {@code RowOps.rope} has it. */
  void rotate(Tensor x, int offset, int heads, int stride, int half, boolean back) {
    tape.rows(
        x.rows(),
        x.cols(),
        (r0, r1, id) ->
            tape.rowOps.rope(
                x,
                offset,
                heads,
                stride,
                half,
                cos,
                back ? minusSin : sin,
                rows,
                adjacent,
                r0,
                r1));
  }

  /** Stores k and v in the cache of the layer and attends with the kernel that serves. */
  Tensor attend(int layer, AttentionGradient.Heads heads, Tensor q, Tensor k, Tensor v) {
    KvLayer kv = cache.layer(layer);
    AttentionKernel kernel = tape.kernels.attention(kv.type());
    tape.rows(
        batch.size(),
        k.cols(),
        (from, to, thread) -> kernel.store(kv, k, v, batch.slots(), from, to));
    Tensor out = tape.take(q.rows(), heads.heads() * heads.vDim());
    AttentionKernel.Task task =
        new AttentionKernel.Task(
            q,
            out,
            heads.heads(),
            heads.scale(),
            kv,
            batch.positions(),
            batch.sequences(),
            batch.pages());
    tape.parallel.run(
        q.rows() * kv.kvHeads(), 1, (from, to, thread) -> kernel.run(task, from, to, thread));
    return out;
  }
}
