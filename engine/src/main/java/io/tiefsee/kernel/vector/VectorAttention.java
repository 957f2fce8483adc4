package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.KvLayer.PAGE;
import static io.tiefsee.kernel.vector.Lanes.F;
import static io.tiefsee.kernel.vector.Lanes.L;
import static io.tiefsee.kernel.vector.Lanes.get;
import static io.tiefsee.kernel.vector.Lanes.load;
import static io.tiefsee.kernel.vector.Lanes.set;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Attention page by page. The keys and values of a page become f32 in the cache (an F32 cache is
 * read where it is) and meet all query rows that use them: the heads that share the key head, of
 * neighbouring tokens of one sequence.
 *
 * <p>Invariants: a query row keeps its maximum, its sum and its vector of values in scratch memory;
 * per page all scores that the row may not see are −∞, so their weights are 0 and change no sum.
 * The arithmetic of a row is therefore the same however rows are taken together. Scratch memory
 * belongs to the calling thread.
 */
final class VectorAttention implements AttentionKernel {
  /** Query rows that are worked on together, unless one token alone has more. */
  private static final int ROWS = 32;

  private static final int KEYS = 0;
  private static final int VALUES = 1;
  private static final int SCORES = 2;
  private static final int STATE = 3;
  private static final int QUERIES = 4;

  private final AttentionKernel scalar;

  /**
   * @param scalar the kernel that stores into the same cache
   */
  VectorAttention(AttentionKernel scalar) {
    this.scalar = scalar;
  }

  @Override
  public QuantType cache() {
    return scalar.cache();
  }

  @Override
  public Isa isa() {
    return Isa.VECTOR;
  }

  @Override
  public void store(KvLayer kv, Tensor k, Tensor v, int[] slots, int t0, int t1) {
    scalar.store(kv, k, v, slots, t0, t1);
  }

  @Override
  public void run(Task task, int i0, int i1, int thread) {
    int kvHeads = task.kv().kvHeads();
    int share = task.heads() / kvHeads;
    int most = Math.max(1, ROWS / share);
    for (int g = 0; g < kvHeads; g++) {
      int end = Math.ceilDiv(i1 - g, kvHeads);
      int t = Math.ceilDiv(Math.max(0, i0 - g), kvHeads);
      while (t < end) {
        int next = t + 1;
        while (next < end && next < t + most && task.sequence()[next] == task.sequence()[t]) {
          next++;
        }
        block(task, g, t, next);
        t = next;
      }
    }
  }

  /** Tokens [t0, t1) of one sequence with the query heads of key head {@code g}. */
  private void block(Task task, int g, int t0, int t1) {
    KvLayer kv = task.kv();
    int share = task.heads() / kv.kvHeads();
    int rows = (t1 - t0) * share;
    int vDim = kv.vDim();
    // Per row: its values, then maximum and sum.
    long stateStride = 4L * (vDim + 2);
    long state = Scratch.bytes(STATE, stateStride * rows).address();
    long queries = gather(task, g, t0, t1);
    long scores = Scratch.floats(SCORES, (long) rows * PAGE).address();
    int last = 0;
    for (int t = t0; t < t1; t++) {
      last = Math.max(last, task.positions()[t]);
    }
    for (int i = 0; i < rows; i++) {
      clear(state + stateStride * i, vDim);
    }
    int[] table = task.pages()[task.sequence()[t0]];
    for (int p = 0; p * PAGE <= last; p++) {
      int n = Math.min(PAGE, last - p * PAGE + 1);
      int slot = table[p] * PAGE;
      long keyStride = 4L * kv.kDim();
      long keys = page(kv, kv.keys(), kv.keyOffset(slot, g), kv.kDim(), n, KEYS);
      FloatTile.multiply(
          keys, keyStride, n, queries, keyStride, rows, kv.kDim(), scores, 4L * PAGE);
      for (int i = 0; i < rows; i++) {
        int seen = Math.clamp(task.positions()[t0 + i / share] - p * PAGE + 1, 0, n);
        long row = state + stateStride * i;
        if (seen > 0) {
          softmax(scores + 4L * PAGE * i, seen, task.scale(), row, vDim);
        } else {
          zero(scores + 4L * PAGE * i);
        }
      }
      long values = keys;
      long valueStride = keyStride;
      if (!kv.shared()) {
        values = page(kv, kv.values(), kv.valueOffset(slot, g), vDim, n, VALUES);
        valueStride = 4L * vDim;
      }
      accumulate(scores, rows, values, valueStride, n, vDim, state, stateStride);
    }
    for (int i = 0; i < rows; i++) {
      int head = g * share + i % share;
      long to = task.out().address() + task.out().rowOffset(t0 + i / share) + 4L * head * vDim;
      finish(state + stateStride * i, vDim, to);
    }
  }

  /** Query rows one after the other: token by token, head by head. */
  private static long gather(Task task, int g, int t0, int t1) {
    int share = task.heads() / task.kv().kvHeads();
    long bytes = 4L * share * task.kv().kDim();
    MemorySegment to = Scratch.bytes(QUERIES, bytes * (t1 - t0));
    for (int t = t0; t < t1; t++) {
      long from = task.q().rowOffset(t) + bytes * g;
      MemorySegment.copy(task.q().data(), from, to, bytes * (t - t0), bytes);
    }
    return to.address();
  }

  /** Address of {@code n} cache rows as f32. */
  private long page(KvLayer kv, MemorySegment rows, long offset, int dim, int n, int slot) {
    long from = rows.address() + offset;
    if (kv.type() == QuantType.F32) {
      return from;
    }
    long to = Scratch.floats(slot, (long) PAGE * dim).address();
    if (kv.type() == QuantType.F16) {
      Widen.f16(from, to, n * dim);
    } else {
      Widen.q8(from, to, n * dim);
    }
    return to;
  }

  private static void clear(long row, int vDim) {
    for (int c = 0; c < vDim; c++) {
      set(row + 4L * c, 0);
    }
    set(row + 4L * vDim, Float.NEGATIVE_INFINITY);
    set(row + 4L * vDim + 4, 0);
  }

  private static void zero(long scores) {
    for (int i = 0; i < PAGE; i += L) {
      Lanes.store(FloatVector.zero(F), scores + 4L * i);
    }
  }

  /** Scores of a page to weights; rescales what the row has gathered so far. */
  private static void softmax(long scores, int seen, float scale, long row, int vDim) {
    for (int i = seen; i < PAGE; i++) {
      set(scores + 4L * i, Float.NEGATIVE_INFINITY);
    }
    float oldMax = get(row + 4L * vDim);
    float max = oldMax;
    for (int i = 0; i < seen; i++) {
      float s = get(scores + 4L * i) * scale;
      set(scores + 4L * i, s);
      max = Math.max(max, s);
    }
    float keep = exp(oldMax - max);
    FloatVector sums = FloatVector.zero(F);
    for (int i = 0; i < PAGE; i += L) {
      FloatVector w = Lanes.exp(load(scores + 4L * i).sub(max));
      Lanes.store(w, scores + 4L * i);
      sums = sums.add(w);
    }
    set(row + 4L * vDim, max);
    set(row + 4L * vDim + 4, get(row + 4L * vDim + 4) * keep + Lanes.sum(sums));
    rescale(row, vDim, keep);
  }

  private static float exp(float x) {
    return Lanes.exp(FloatVector.broadcast(F, x)).lane(0);
  }

  private static void rescale(long x, int n, float factor) {
    if (factor == 1f) {
      return;
    }
    int end = n - n % L;
    for (int c = 0; c < end; c += L) {
      Lanes.store(load(x + 4L * c).mul(factor), x + 4L * c);
    }
    for (int c = end; c < n; c++) {
      set(x + 4L * c, get(x + 4L * c) * factor);
    }
  }

  /** state[i] += Σ weights[i][k] · values[k], keys in ascending order. */
  private static void accumulate(
      long weights, int rows, long values, long stride, int n, int vDim, long state, long step) {
    int i = 0;
    for (; i <= rows - 4; i += 4) {
      long w = weights + 4L * PAGE * i;
      long y = state + step * i;
      int c = 0;
      for (; c <= vDim - 2 * L; c += 2 * L) {
        accumulate4x2(w, values + 4L * c, stride, n, y + 4L * c, step);
      }
      for (int j = 0; j < 4; j++) {
        accumulateRow(w + 4L * PAGE * j, values, stride, n, y + step * j, c, vDim);
      }
    }
    for (; i < rows; i++) {
      accumulateRow(weights + 4L * PAGE * i, values, stride, n, state + step * i, 0, vDim);
    }
  }

  private static void accumulateRow(
      long w, long values, long stride, int n, long y, int from, int vDim) {
    int c = from;
    for (; c <= vDim - 4 * L; c += 4 * L) {
      accumulate1x4(w, values + 4L * c, stride, n, y + 4L * c);
    }
    for (; c <= vDim - L; c += L) {
      FloatVector a = load(y + 4L * c);
      for (int k = 0; k < n; k++) {
        a = load(values + stride * k + 4L * c).fma(FloatVector.broadcast(F, get(w + 4L * k)), a);
      }
      Lanes.store(a, y + 4L * c);
    }
    for (; c < vDim; c++) {
      float a = get(y + 4L * c);
      for (int k = 0; k < n; k++) {
        a = Math.fma(get(values + stride * k + 4L * c), get(w + 4L * k), a);
      }
      set(y + 4L * c, a);
    }
  }

  private static void accumulate1x4(long w, long values, long stride, int n, long y) {
    FloatVector a0 = load(y);
    FloatVector a1 = load(y + 4L * L);
    FloatVector a2 = load(y + 8L * L);
    FloatVector a3 = load(y + 12L * L);
    for (int k = 0; k < n; k++) {
      FloatVector f = FloatVector.broadcast(F, get(w + 4L * k));
      long v = values + stride * k;
      a0 = load(v).fma(f, a0);
      a1 = load(v + 4L * L).fma(f, a1);
      a2 = load(v + 8L * L).fma(f, a2);
      a3 = load(v + 12L * L).fma(f, a3);
    }
    Lanes.store(a0, y);
    Lanes.store(a1, y + 4L * L);
    Lanes.store(a2, y + 8L * L);
    Lanes.store(a3, y + 12L * L);
  }

  private static void accumulate4x2(long w, long values, long stride, int n, long y, long step) {
    FloatVector a0 = load(y);
    FloatVector a1 = load(y + 4L * L);
    FloatVector b0 = load(y + step);
    FloatVector b1 = load(y + step + 4L * L);
    FloatVector c0 = load(y + 2 * step);
    FloatVector c1 = load(y + 2 * step + 4L * L);
    FloatVector d0 = load(y + 3 * step);
    FloatVector d1 = load(y + 3 * step + 4L * L);
    for (int k = 0; k < n; k++) {
      FloatVector v0 = load(values + stride * k);
      FloatVector v1 = load(values + stride * k + 4L * L);
      FloatVector f = FloatVector.broadcast(F, get(w + 4L * k));
      a0 = v0.fma(f, a0);
      a1 = v1.fma(f, a1);
      f = FloatVector.broadcast(F, get(w + 4L * (PAGE + k)));
      b0 = v0.fma(f, b0);
      b1 = v1.fma(f, b1);
      f = FloatVector.broadcast(F, get(w + 4L * (2 * PAGE + k)));
      c0 = v0.fma(f, c0);
      c1 = v1.fma(f, c1);
      f = FloatVector.broadcast(F, get(w + 4L * (3 * PAGE + k)));
      d0 = v0.fma(f, d0);
      d1 = v1.fma(f, d1);
    }
    Lanes.store(a0, y);
    Lanes.store(a1, y + 4L * L);
    Lanes.store(b0, y + step);
    Lanes.store(b1, y + step + 4L * L);
    Lanes.store(c0, y + 2 * step);
    Lanes.store(c1, y + 2 * step + 4L * L);
    Lanes.store(d0, y + 3 * step);
    Lanes.store(d1, y + 3 * step + 4L * L);
  }

  private static void finish(long row, int vDim, long to) {
    float sum = get(row + 4L * vDim + 4);
    int end = vDim - vDim % L;
    for (int c = 0; c < end; c += L) {
      Lanes.store(load(row + 4L * c).div(sum), to + 4L * c);
    }
    for (int c = end; c < vDim; c++) {
      set(to + 4L * c, get(row + 4L * c) / sum);
    }
  }
}
