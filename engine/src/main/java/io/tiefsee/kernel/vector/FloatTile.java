package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.F;
import static io.tiefsee.kernel.vector.Lanes.L;
import static io.tiefsee.kernel.vector.Lanes.get;
import static io.tiefsee.kernel.vector.Lanes.load;
import static io.tiefsee.kernel.vector.Lanes.set;
import static io.tiefsee.kernel.vector.Lanes.sum;

import jdk.incubator.vector.FloatVector;

/**
 * Products of f32 rows with f32 rows. Each single product is one chain of fused multiply-adds per
 * lane, then {@link Lanes#sum}, then the columns that fill no register; tiles only decide how many
 * such chains run side by side, so results do not depend on them.
 */
final class FloatTile {
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
    int t = 0;
    for (; t <= tokens - 3; t += 3) {
      long xt = x + xStride * t;
      long yt = y + yStride * t;
      int r = 0;
      for (; r <= rows - 4; r += 4) {
        tile4x3(w + wStride * r, wStride, xt, xStride, cols, yt + 4L * r, yStride);
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
        tile4x1(w + wStride * r, wStride, xt, cols, yt + 4L * r);
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

  private static void tile4x1(long w, long stride, long x, int cols, long y) {
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
    set(y, tail(sum(a0), w, x, end, cols));
    set(y + 4, tail(sum(a1), w1, x, end, cols));
    set(y + 8, tail(sum(a2), w2, x, end, cols));
    set(y + 12, tail(sum(a3), w3, x, end, cols));
  }

  private static void tile4x3(
      long w, long stride, long x, long xStride, int cols, long y, long yStride) {
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
    set(y, tail(sum(a0), w, x, end, cols));
    set(y + 4, tail(sum(a1), w1, x, end, cols));
    set(y + 8, tail(sum(a2), w2, x, end, cols));
    set(y + 12, tail(sum(a3), w3, x, end, cols));
    long y1 = y + yStride;
    set(y1, tail(sum(b0), w, x1, end, cols));
    set(y1 + 4, tail(sum(b1), w1, x1, end, cols));
    set(y1 + 8, tail(sum(b2), w2, x1, end, cols));
    set(y1 + 12, tail(sum(b3), w3, x1, end, cols));
    long y2 = y1 + yStride;
    set(y2, tail(sum(c0), w, x2, end, cols));
    set(y2 + 4, tail(sum(c1), w1, x2, end, cols));
    set(y2 + 8, tail(sum(c2), w2, x2, end, cols));
    set(y2 + 12, tail(sum(c3), w3, x2, end, cols));
  }
}
