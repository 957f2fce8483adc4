package io.tiefsee.kernel.scalar;

import io.tiefsee.kernel.GradientKernels;
import io.tiefsee.kernel.GradientOps;
import io.tiefsee.kernel.Isa;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Gradients one number at a time, in double precision: the reference of the faster ones. */
public final class ScalarGradients implements GradientOps {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private ScalarGradients() {}

  public static GradientKernels kernels() {
    return new GradientKernels(new ScalarGemm(), new ScalarGradients());
  }

  static float get(long at) {
    return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
  }

  static void set(long at, float v) {
    ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, v);
  }

  @Override
  public Isa isa() {
    return Isa.SCALAR;
  }

  @Override
  public void rmsNorm(
      Tensor x, Tensor weight, float eps, Tensor dy, Tensor dx, Tensor factors, int r0, int r1) {
    int n = x.cols();
    for (int r = r0; r < r1; r++) {
      double squares = 0;
      double dot = 0;
      for (int c = 0; c < n; c++) {
        double v = x.get(r, c);
        squares += v * v;
        dot += v * weight.get(0, c) * dy.get(r, c);
      }
      double f = 1 / Math.sqrt(squares / n + eps);
      double k = f * f * f * dot / n;
      for (int c = 0; c < n; c++) {
        double d = f * weight.get(0, c) * dy.get(r, c) - k * x.get(r, c);
        dx.set(r, c, (float) (dx.get(r, c) + d));
      }
      factors.set(r, 0, (float) f);
    }
  }

  @Override
  public void rmsNormWeight(Tensor x, Tensor factors, Tensor dy, Tensor dWeight, int c0, int c1) {
    for (int c = c0; c < c1; c++) {
      double sum = 0;
      for (int r = 0; r < x.rows(); r++) {
        sum += (double) dy.get(r, c) * x.get(r, c) * factors.get(r, 0);
      }
      dWeight.set(0, c, (float) (dWeight.get(0, c) + sum));
    }
  }

  @Override
  public void bias(Tensor dy, Tensor dBias, int c0, int c1) {
    for (int c = c0; c < c1; c++) {
      double sum = 0;
      for (int r = 0; r < dy.rows(); r++) {
        sum += dy.get(r, c);
      }
      dBias.set(0, c, (float) (dBias.get(0, c) + sum));
    }
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      for (int c = 0; c < gate.cols(); c++) {
        double g = gate.get(r, c);
        double d = dy.get(r, c);
        double s = 1 / (1 + Math.exp(-g));
        double u = up.get(r, c);
        dGate.set(r, c, (float) (d * u * s * (1 + g * (1 - s))));
        dUp.set(r, c, (float) (d * g * s));
      }
    }
  }

  @Override
  public void causalSoftmax(
      long scores, long d, long row, int rows, int n, int width, float scale) {
    for (int i = 0; i < rows; i++) {
      softmax(scores + row * i, n + i, width, scale);
      softmaxGradient(scores + row * i, d + row * i, width, scale);
    }
  }

  private static void softmax(long scores, int n, int width, float scale) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, (double) scale * get(scores + 4L * i));
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.exp((double) scale * get(scores + 4L * i) - max);
    }
    for (int i = 0; i < width; i++) {
      double p = i < n ? Math.exp((double) scale * get(scores + 4L * i) - max) / sum : 0;
      set(scores + 4L * i, (float) p);
    }
  }

  private static void softmaxGradient(long p, long d, int n, float scale) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += (double) get(p + 4L * i) * get(d + 4L * i);
    }
    for (int i = 0; i < n; i++) {
      set(d + 4L * i, (float) (scale * get(p + 4L * i) * (get(d + 4L * i) - sum)));
    }
  }

  @Override
  public void scaledExp(long x, float shift, float factor, long y, int n) {
    for (int i = 0; i < n; i++) {
      set(y + 4L * i, (float) (factor * Math.exp((double) get(x + 4L * i) - shift)));
    }
  }

  @Override
  public float dot(long x, long y, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += (double) get(x + 4L * i) * get(y + 4L * i);
    }
    return (float) sum;
  }

  @Override
  public double squares(long x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double v = get(x + 4L * i);
      sum += v * v;
    }
    return sum;
  }

  @Override
  public void adamW(long p, long gradient, long m, long v, int n, AdamStep s) {
    for (int i = 0; i < n; i++) {
      long at = 4L * i;
      float g = get(gradient + at) * s.scale();
      float first = s.beta1() * get(m + at) + (1 - s.beta1()) * g;
      float second = s.beta2() * get(v + at) + (1 - s.beta2()) * g * g;
      set(gradient + at, 0);
      set(m + at, first);
      set(v + at, second);
      float root = (float) Math.sqrt(second) * s.rootScale() + s.eps();
      set(p + at, get(p + at) * s.keep() - s.rate() * first / root);
    }
  }
}
