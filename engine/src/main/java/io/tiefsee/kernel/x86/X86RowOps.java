package io.tiefsee.kernel.x86;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.RowOps;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Row operations in machine code. Besides its speed it needs no warming up, and it makes no garbage
 * before the JIT compiler has seen it.
 */
final class X86RowOps implements RowOps {
  private static final int EPS = 0;

  @Override
  public Isa isa() {
    return Isa.AVX2;
  }

  @Override
  public void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, int r0, int r1) {
    MemorySegment e = Scratch.bytes(EPS, 8);
    e.set(ValueLayout.JAVA_DOUBLE, 0, eps);
    for (int r = r0; r < r1; r++) {
      Norm.CODE.call(
          x.address() + x.rowOffset(r),
          weight.address(),
          y.address() + y.rowOffset(r),
          x.cols(),
          e.address(),
          0);
    }
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor y, int r0, int r1) {
    Swiglu.CODE.call(
        gate.address() + gate.rowOffset(r0),
        up.address() + up.rowOffset(r0),
        y.address() + y.rowOffset(r0),
        (long) gate.cols() * (r1 - r0),
        0,
        0);
  }

  @Override
  public void add(Tensor x, Tensor y, int r0, int r1) {
    addScaled(
        x.address() + x.rowOffset(r0),
        1,
        y.address() + y.rowOffset(r0),
        (long) x.cols() * (r1 - r0));
  }

  @Override
  public void addBias(Tensor bias, Tensor y, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      addScaled(bias.address(), 1, y.address() + y.rowOffset(r), y.cols());
    }
  }

  @Override
  public void addScaled(Tensor x, int xRow, float factor, Tensor y, int yRow) {
    addScaled(x.address() + x.rowOffset(xRow), factor, y.address() + y.rowOffset(yRow), x.cols());
  }

  private static void addScaled(long x, float factor, long y, long n) {
    AddScaled.CODE.call(x, Float.floatToRawIntBits(factor), y, n, 0, 0);
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
      long at = x.address() + x.rowOffset(r) + 4L * offset;
      long c = cos.address() + cos.rowOffset(positions[r]);
      long s = sin.address() + sin.rowOffset(positions[r]);
      (adjacent ? Pairs.CODE : Halves.CODE).call(at, c, s, half, heads, 4L * stride);
    }
  }

  @Override
  public void exp(Tensor x, int row, float shift, Tensor y) {
    int bits = Float.floatToRawIntBits(shift);
    Exp.CODE.call(x.address() + x.rowOffset(row), bits, y.address(), x.cols(), 0, 0);
  }

  @Override
  public void quantize(Tensor x, Tensor q, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      long to = q.address() + q.rowOffset(r);
      Quantize.CODE.call(
          x.address() + x.rowOffset(r),
          to,
          to + q.scalesOffset(),
          to + q.sumsOffset(),
          x.cols() / 32,
          0);
    }
  }

  // Routines are assembled when they are first needed.

  private static final class Norm {
    static final Routine CODE = new Routine(X86RowOpsCode.norm());
  }

  private static final class Swiglu {
    static final Routine CODE = new Routine(X86RowOpsCode.swiglu());
  }

  private static final class Exp {
    static final Routine CODE = new Routine(X86RowOpsCode.exp());
  }

  private static final class AddScaled {
    static final Routine CODE = new Routine(X86RowOpsCode.addScaled());
  }

  private static final class Halves {
    static final Routine CODE = new Routine(X86RowOpsCode.rotateHalves());
  }

  private static final class Pairs {
    static final Routine CODE = new Routine(X86RowOpsCode.rotatePairs());
  }

  private static final class Quantize {
    static final Routine CODE = new Routine(X86RowOpsCode.quantize());
  }
}
