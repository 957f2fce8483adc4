package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Lanes.F;
import static io.tiefsee.kernel.vector.Lanes.I;
import static io.tiefsee.kernel.vector.Lanes.L;
import static io.tiefsee.kernel.vector.Lanes.LE;
import static io.tiefsee.kernel.vector.Lanes.get;
import static io.tiefsee.kernel.vector.Lanes.load;
import static io.tiefsee.kernel.vector.Lanes.set;
import static io.tiefsee.kernel.vector.Lanes.store;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.RowOps;
import io.tiefsee.tensor.Tensor;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Row operations over whole registers. Columns that fill no register go through the same
 * instructions under a mask, so a number's result does not depend on where it lies.
 */
final class VectorRowOps implements RowOps {
  private static final float ROUND = 12582912f;
  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

  /** Bytes that hold the quants of one register; at least eight. */
  private static final VectorSpecies<Byte> QUANTS =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * L)));

  private static final VectorShuffle<Float> PAIRS_LOW = VectorShuffle.fromOp(F, i -> i / 2);
  private static final VectorShuffle<Float> PAIRS_HIGH =
      VectorShuffle.fromOp(F, i -> L / 2 + i / 2);
  private static final VectorShuffle<Float> SWAP = VectorShuffle.fromOp(F, i -> i ^ 1);
  private static final FloatVector SIGNS = alternating();

  private static FloatVector alternating() {
    float[] signs = new float[L];
    for (int i = 0; i < L; i++) {
      signs[i] = i % 2 == 0 ? -1 : 1;
    }
    return FloatVector.fromArray(F, signs, 0);
  }

  @Override
  public Isa isa() {
    return Isa.VECTOR;
  }

  @Override
  public void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, int r0, int r1) {
    int cols = x.cols();
    for (int r = r0; r < r1; r++) {
      long from = x.address() + x.rowOffset(r);
      float mean = squares(from, cols) / cols;
      float factor = (float) (1 / Math.sqrt((double) mean + eps));
      scale(from, factor, weight.address(), y.address() + y.rowOffset(r), cols);
    }
  }

  private static float squares(long x, int n) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = a;
    int c = 0;
    for (; c <= n - 2 * L; c += 2 * L) {
      FloatVector v = load(x + 4L * c);
      FloatVector w = load(x + 4L * (c + L));
      a = v.fma(v, a);
      b = w.fma(w, b);
    }
    float sum = Lanes.sum(a.add(b));
    for (; c < n; c++) {
      float v = get(x + 4L * c);
      sum = Math.fma(v, v, sum);
    }
    return sum;
  }

  private static void scale(long x, float factor, long weight, long y, int n) {
    int end = n - n % L;
    for (int c = 0; c < end; c += L) {
      store(load(x + 4L * c).mul(factor).mul(load(weight + 4L * c)), y + 4L * c);
    }
    for (int c = end; c < n; c++) {
      set(y + 4L * c, get(x + 4L * c) * factor * get(weight + 4L * c));
    }
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor y, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      swiglu(
          gate.address() + gate.rowOffset(r),
          up.address() + up.rowOffset(r),
          y.address() + y.rowOffset(r),
          gate.cols());
    }
  }

  private static void swiglu(long gate, long up, long y, int n) {
    int end = n - n % L;
    for (int c = 0; c < end; c += L) {
      store(swiglu(load(gate + 4L * c), load(up + 4L * c)), y + 4L * c);
    }
    if (end < n) {
      VectorMask<Float> m = F.indexInRange(end, n);
      long at = 4L * end;
      store(swiglu(load(gate + at, m), load(up + at, m)), y + at, m);
    }
  }

  @Override
  public void exp(Tensor x, int row, float shift, Tensor y) {
    long from = x.address() + x.rowOffset(row);
    int end = x.cols() - x.cols() % L;
    for (int c = 0; c < end; c += L) {
      store(Lanes.exp(load(from + 4L * c).sub(shift)), y.address() + 4L * c);
    }
    if (end < x.cols()) {
      VectorMask<Float> m = F.indexInRange(end, x.cols());
      long at = 4L * end;
      store(Lanes.exp(load(from + at, m).sub(shift)), y.address() + at, m);
    }
  }

  private static FloatVector swiglu(FloatVector gate, FloatVector up) {
    return gate.div(Lanes.exp(gate.neg()).add(1f)).mul(up);
  }

  @Override
  public void add(Tensor x, Tensor y, int r0, int r1) {
    addScaled(
        x.address() + x.rowOffset(r0),
        1f,
        y.address() + y.rowOffset(r0),
        Math.multiplyExact(x.cols(), r1 - r0));
  }

  @Override
  public void addBias(Tensor bias, Tensor y, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      addScaled(bias.address(), 1f, y.address() + y.rowOffset(r), y.cols());
    }
  }

  @Override
  public void addScaled(Tensor x, int xRow, float factor, Tensor y, int yRow) {
    addScaled(x.address() + x.rowOffset(xRow), factor, y.address() + y.rowOffset(yRow), x.cols());
  }

  private static void addScaled(long x, float factor, long y, int n) {
    FloatVector f = FloatVector.broadcast(F, factor);
    int end = n - n % L;
    for (int c = 0; c < end; c += L) {
      store(f.fma(load(x + 4L * c), load(y + 4L * c)), y + 4L * c);
    }
    for (int c = end; c < n; c++) {
      set(y + 4L * c, Math.fma(factor, get(x + 4L * c), get(y + 4L * c)));
    }
  }

  @Override
  public void rope(
      Tensor x,
      int offset,
      int heads,
      int stride,
      int half,
      Tensor cos,
      Tensor sin,
      int[] positions,
      boolean adjacent,
      int r0,
      int r1) {
    for (int r = r0; r < r1; r++) {
      long c = cos.address() + cos.rowOffset(positions[r]);
      long s = sin.address() + sin.rowOffset(positions[r]);
      long row = x.address() + x.rowOffset(r) + 4L * offset;
      for (int h = 0; h < heads; h++) {
        long head = row + 4L * stride * h;
        if (adjacent) {
          rotateAdjacent(head, c, s, half);
        } else {
          rotateHalves(head, c, s, half);
        }
      }
    }
  }

  private static void rotateHalves(long x, long cos, long sin, int half) {
    int end = half - half % L;
    long other = x + 4L * half;
    for (int i = 0; i < end; i += L) {
      FloatVector a = load(x + 4L * i);
      FloatVector b = load(other + 4L * i);
      FloatVector c = load(cos + 4L * i);
      FloatVector s = load(sin + 4L * i);
      store(a.mul(c).sub(b.mul(s)), x + 4L * i);
      store(a.mul(s).add(b.mul(c)), other + 4L * i);
    }
    for (int i = end; i < half; i++) {
      rotate(x + 4L * i, other + 4L * i, get(cos + 4L * i), get(sin + 4L * i));
    }
  }

  private static void rotateAdjacent(long x, long cos, long sin, int half) {
    int end = half - half % L;
    for (int i = 0; i < end; i += L) {
      FloatVector c = load(cos + 4L * i);
      FloatVector s = load(sin + 4L * i);
      rotatePairs(x + 8L * i, c.rearrange(PAIRS_LOW), s.rearrange(PAIRS_LOW));
      rotatePairs(x + 8L * i + 4L * L, c.rearrange(PAIRS_HIGH), s.rearrange(PAIRS_HIGH));
    }
    for (int i = end; i < half; i++) {
      rotate(x + 8L * i, x + 8L * i + 4, get(cos + 4L * i), get(sin + 4L * i));
    }
  }

  private static void rotatePairs(long x, FloatVector cos, FloatVector sin) {
    FloatVector v = load(x);
    store(v.mul(cos).add(v.rearrange(SWAP).mul(sin.mul(SIGNS))), x);
  }

  private static void rotate(long a, long b, float cos, float sin) {
    float va = get(a);
    float vb = get(b);
    set(a, va * cos - vb * sin);
    set(b, va * sin + vb * cos);
  }

  @Override
  public void quantize(Tensor x, Tensor q, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      long to = q.address() + q.rowOffset(r);
      long from = x.address() + x.rowOffset(r);
      for (int b = 0; b < x.cols() / 32; b++) {
        quantizeBlock(
            from + 128L * b,
            to + 32L * b,
            to + q.scalesOffset() + 4L * b,
            to + q.sumsOffset() + 4L * b);
      }
    }
  }

  private static void quantizeBlock(long x, long quants, long scaleAt, long sums) {
    // Magnitudes of floats order like their bits.
    IntVector max = IntVector.zero(I);
    for (int i = 0; i < 32; i += L) {
      max = max.max(load(x + 4L * i).reinterpretAsInts().and(0x7fffffff));
    }
    float scale = Float.intBitsToFloat(max.reduceLanes(VectorOperators.MAX)) / 127f;
    boolean zero = scale < Float.MIN_NORMAL;
    set(scaleAt, zero ? 0 : scale);
    FloatVector divisor = FloatVector.broadcast(F, zero ? Float.POSITIVE_INFINITY : scale);
    int sum = 0;
    for (int i = 0; i < 32; i += L) {
      // Adding 1.5 · 2^23 rounds to an integer, ties to even, and leaves it in the low bits.
      IntVector n = load(x + 4L * i).div(divisor).add(ROUND).reinterpretAsInts().sub(ROUND_BITS);
      sum += n.reduceLanes(VectorOperators.ADD);
      storeBytes(n, quants + i);
      if (i + L == 16 || i + L == 32) {
        ALL.set(JAVA_SHORT_UNALIGNED, sums + (i + L) / 16 * 2 - 2, (short) sum);
        sum = 0;
      }
    }
  }

  private static void storeBytes(IntVector n, long at) {
    ByteVector b = (ByteVector) n.convertShape(VectorOperators.I2B, QUANTS, 0);
    if (L >= 8) {
      b.intoMemorySegment(ALL, at, LE);
    } else {
      ALL.set(JAVA_INT_UNALIGNED, at, b.reinterpretAsInts().lane(0));
    }
  }
}
