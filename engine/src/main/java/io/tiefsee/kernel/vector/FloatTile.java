package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.F;
import static io.tiefsee.kernel.vector.Lanes.L;
import static io.tiefsee.kernel.vector.Lanes.get;
import static io.tiefsee.kernel.vector.Lanes.load;
import static io.tiefsee.kernel.vector.Lanes.set;
import static io.tiefsee.kernel.vector.Lanes.store;
import static io.tiefsee.kernel.vector.Lanes.sum;

import io.tiefsee.kernel.Scratch;
import jdk.incubator.vector.FloatVector;

/**
 * Products of f32 rows with f32 rows. Each single product is one chain of fused multiply-adds per
 * lane, then {@link Lanes#sum}, then the columns that fill no register; tiles only decide how many
 * such chains run side by side, so results do not depend on them.
 */
final class FloatTile {
  /** Slot of {@link Scratch} that the callers leave alone. */
  private static final int WORK = 5;

  private FloatTile() {}

  /**
   * y[t][r] = Σc w[r][c]·x[t][c]; strides in bytes.
   *
   * @param w address of [rows, cols]
   * @param x address of [tokens, cols]
   * @param y address of [tokens, rows]
   */
  static void multiply(
      long w,
      long wStride,
      int rows,
      long x,
      long xStride,
      int tokens,
      int cols,
      long y,
      long yStride) {
    long work = Scratch.bytes(WORK, 48L * L).address();
    int t = 0;
    for (; t <= tokens - 3; t += 3) {
      long xt = x + xStride * t;
      long yt = y + yStride * t;
      int r = 0;
      for (; r <= rows - 4; r += 4) {
        tile4x3(w + wStride * r, wStride, xt, xStride, cols, yt + 4L * r, yStride, work);
      }
      for (; r < rows; r++) {
        for (int i = 0; i < 3; i++) {
          set(yt + yStride * i + 4L * r, dot(w + wStride * r, xt + xStride * i, cols));
        }
      }
    }
    for (; t < tokens; t++) {
      long xt = x + xStride * t;
      long yt = y + yStride * t;
      int r = 0;
      for (; r <= rows - 4; r += 4) {
        tile4x1(w + wStride * r, wStride, xt, cols, yt + 4L * r, work);
      }
      for (; r < rows; r++) {
        set(yt + 4L * r, dot(w + wStride * r, xt, cols));
      }
    }
  }

  private static float dot(long w, long x, int cols) {
    FloatVector a = FloatVector.zero(F);
    int end = cols - cols % L;
    for (int c = 0; c < end; c += L) {
      a = load(w + 4L * c).fma(load(x + 4L * c), a);
    }
    return tail(sum(a), w, x, end, cols);
  }

  private static float tail(float sum, long w, long x, int from, int cols) {
    for (int c = from; c < cols; c++) {
      sum = Math.fma(get(w + 4L * c), get(x + 4L * c), sum);
    }
    return sum;
  }

  private static void tile4x1(long w, long stride, long x, int cols, long y, long work) {
    long w1 = w + stride;
    long w2 = w1 + stride;
    long w3 = w2 + stride;
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    int end = cols - cols % L;
    for (int c = 0; c < end; c += L) {
      FloatVector v = load(x + 4L * c);
      a0 = load(w + 4L * c).fma(v, a0);
      a1 = load(w1 + 4L * c).fma(v, a1);
      a2 = load(w2 + 4L * c).fma(v, a2);
      a3 = load(w3 + 4L * c).fma(v, a3);
    }
    store(a0, work);
    store(a1, work + 4L * L);
    store(a2, work + 8L * L);
    store(a3, work + 12L * L);
    sums4(work, w, stride, x, end, cols, y);
  }

  private static void tile4x3(
      long w, long stride, long x, long xStride, int cols, long y, long yStride, long work) {
    long w1 = w + stride;
    long w2 = w1 + stride;
    long w3 = w2 + stride;
    long x1 = x + xStride;
    long x2 = x1 + xStride;
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector b2 = a0;
    FloatVector b3 = a0;
    FloatVector c0 = a0;
    FloatVector c1 = a0;
    FloatVector c2 = a0;
    FloatVector c3 = a0;
    int end = cols - cols % L;
    for (int c = 0; c < end; c += L) {
      FloatVector va = load(x + 4L * c);
      FloatVector vb = load(x1 + 4L * c);
      FloatVector vc = load(x2 + 4L * c);
      FloatVector v = load(w + 4L * c);
      a0 = v.fma(va, a0);
      b0 = v.fma(vb, b0);
      c0 = v.fma(vc, c0);
      v = load(w1 + 4L * c);
      a1 = v.fma(va, a1);
      b1 = v.fma(vb, b1);
      c1 = v.fma(vc, c1);
      v = load(w2 + 4L * c);
      a2 = v.fma(va, a2);
      b2 = v.fma(vb, b2);
      c2 = v.fma(vc, c2);
      v = load(w3 + 4L * c);
      a3 = v.fma(va, a3);
      b3 = v.fma(vb, b3);
      c3 = v.fma(vc, c3);
    }
    store(a0, work);
    store(a1, work + 4L * L);
    store(a2, work + 8L * L);
    store(a3, work + 12L * L);
    store(b0, work + 16L * L);
    store(b1, work + 20L * L);
    store(b2, work + 24L * L);
    store(b3, work + 28L * L);
    store(c0, work + 32L * L);
    store(c1, work + 36L * L);
    store(c2, work + 40L * L);
    store(c3, work + 44L * L);
    sums4(work, w, stride, x, end, cols, y);
    sums4(work + 16L * L, w, stride, x1, end, cols, y + yStride);
    sums4(work + 32L * L, w, stride, x2, end, cols, y + 2 * yStride);
  }

  /** Through memory: with all sums in the tile's method the compiler would stop inlining. */
  private static void sums4(long work, long w, long stride, long x, int end, int cols, long y) {
    for (int r = 0; r < 4; r++) {
      set(y + 4L * r, tail(sum(load(work + 4L * L * r)), w + stride * r, x, end, cols));
    }
  }
}
