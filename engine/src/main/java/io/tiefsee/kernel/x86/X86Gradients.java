package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.tiefsee.kernel.GradientOps;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Gradients with exponentials, and the sum of squares, in machine code; the others wait for memory
 * anyway and are those of the Vector API. Thread-safe.
 */
public final class X86Gradients implements GradientOps {
  private static final int FRAME = 0;

  private final GradientOps others;

  public X86Gradients(GradientOps others) {
    this.others = others;
  }

  @Override
  public Isa isa() {
    return Isa.AVX2;
  }

  @Override
  public void rmsNorm(
      Tensor x, Tensor weight, float eps, Tensor dy, Tensor dx, Tensor factors, int r0, int r1) {
    others.rmsNorm(x, weight, eps, dy, dx, factors, r0, r1);
  }

  @Override
  public void rmsNormWeight(Tensor x, Tensor factors, Tensor dy, Tensor dWeight, int c0, int c1) {
    others.rmsNormWeight(x, factors, dy, dWeight, c0, c1);
  }

  @Override
  public void bias(Tensor dy, Tensor dBias, int c0, int c1) {
    others.bias(dy, dBias, c0, c1);
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp, int r0, int r1) {
    long from = gate.rowOffset(r0);
    Swiglu.CODE.call(
        gate.address() + from,
        up.address() + from,
        dy.address() + from,
        dGate.address() + from,
        dUp.address() + from,
        (long) gate.cols() * (r1 - r0));
  }

  @Override
  public void causalSoftmax(
      long scores, long d, long row, int rows, int n, int width, float scale) {
    MemorySegment frame = Scratch.bytes(FRAME, X86GradientCode.FRAME_BYTES);
    frame.set(JAVA_FLOAT, X86GradientCode.SCALE, scale);
    frame.set(JAVA_LONG, X86GradientCode.WIDTH_BYTES, 4L * width);
    CausalSoftmax.CODE.call(scores, d, row, rows, n, frame.address());
  }

  @Override
  public void scaledExp(long x, float shift, float factor, long y, int n) {
    others.scaledExp(x, shift, factor, y, n);
  }

  @Override
  public float dot(long x, long y, int n) {
    return others.dot(x, y, n);
  }

  @Override
  public double squares(long x, int n) {
    MemorySegment sum = Scratch.bytes(FRAME, X86GradientCode.FRAME_BYTES);
    Squares.CODE.call(x, n, sum.address(), 0, 0, 0);
    return sum.get(JAVA_DOUBLE, 0);
  }

  @Override
  public void adamW(long p, long gradient, long m, long v, int n, AdamStep step) {
    others.adamW(p, gradient, m, v, n, step);
  }

  // Routines are assembled when they are first needed.

  private static final class Swiglu {
    static final Routine CODE = new Routine(X86GradientCode.swiglu());
  }

  private static final class Squares {
    static final Routine CODE = new Routine(X86GradientCode.squares());
  }

  private static final class CausalSoftmax {
    static final Routine CODE = new Routine(X86GradientCode.causalSoftmax());
  }
}
