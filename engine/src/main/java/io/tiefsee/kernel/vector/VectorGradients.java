package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.F;
import static io.tiefsee.kernel.vector.Lanes.L;
import static io.tiefsee.kernel.vector.Lanes.get;
import static io.tiefsee.kernel.vector.Lanes.load;
import static io.tiefsee.kernel.vector.Lanes.set;
import static io.tiefsee.kernel.vector.Lanes.store;

import io.tiefsee.kernel.GradientKernels;
import io.tiefsee.kernel.GradientOps;
import io.tiefsee.kernel.Isa;
import io.tiefsee.tensor.Tensor;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Gradients a register at a time. What fills no register goes through the same instructions under a
 * mask; masked lanes read as 0, which changes no sum.
 */
public final class VectorGradients implements GradientOps {
  private VectorGradients() {}

  public static GradientKernels kernels() {
    return new GradientKernels(new VectorGemm(), new VectorGradients());
  }

  @Override
  public Isa isa() {
    return Isa.VECTOR;
  }

  @Override
  public void rmsNorm(
      Tensor x, Tensor weight, float eps, Tensor dy, Tensor dx, Tensor factors, int r0, int r1) {
    int n = x.cols();
    for (int r = r0; r < r1; r++) {
      float f =
          rmsNormRow(
              x.address() + x.rowOffset(r),
              weight.address(),
              eps,
              dy.address() + dy.rowOffset(r),
              dx.address() + dx.rowOffset(r),
              n);
      factors.set(r, 0, f);
    }
  }

  private static float rmsNormRow(long x, long weight, float eps, long dy, long dx, int n) {
    FloatVector squares = FloatVector.zero(F);
    FloatVector dots = squares;
    int end = n - n % L;
    VectorMask<Float> m = F.indexInRange(end, n);
    for (int c = 0; c < end; c += L) {
      FloatVector v = load(x + 4L * c);
      squares = v.fma(v, squares);
      dots = v.fma(load(weight + 4L * c).mul(load(dy + 4L * c)), dots);
    }
    if (end < n) {
      FloatVector v = load(x + 4L * end, m);
      squares = v.fma(v, squares);
      dots = v.fma(load(weight + 4L * end, m).mul(load(dy + 4L * end, m)), dots);
    }
    float f = (float) (1 / Math.sqrt((double) (Lanes.sum(squares) / n) + eps));
    FloatVector k = FloatVector.broadcast(F, -f * f * f * Lanes.sum(dots) / n);
    for (int c = 0; c < end; c += L) {
      FloatVector d = load(weight + 4L * c).mul(load(dy + 4L * c)).mul(f);
      store(load(dx + 4L * c).add(k.fma(load(x + 4L * c), d)), dx + 4L * c);
    }
    if (end < n) {
      long at = 4L * end;
      FloatVector d = load(weight + at, m).mul(load(dy + at, m)).mul(f);
      store(load(dx + at, m).add(k.fma(load(x + at, m), d)), dx + at, m);
    }
    return f;
  }

  @Override
  public void rmsNormWeight(Tensor x, Tensor factors, Tensor dy, Tensor dWeight, int c0, int c1) {
    long stride = x.rowBytes();
    int c = c0;
    for (; c < c1; c += L) {
      VectorMask<Float> m = F.indexInRange(c, c1);
      long to = dWeight.address() + 4L * c;
      long from = x.address() + 4L * c;
      long d = dy.address() + 4L * c;
      FloatVector sum = load(to, m);
      for (int r = 0; r < x.rows(); r++) {
        FloatVector f = FloatVector.broadcast(F, get(factors.address() + 4L * r));
        sum = f.mul(load(from + stride * r, m)).fma(load(d + stride * r, m), sum);
      }
      store(sum, to, m);
    }
  }

  @Override
  public void bias(Tensor dy, Tensor dBias, int c0, int c1) {
    for (int c = c0; c < c1; c += L) {
      VectorMask<Float> m = F.indexInRange(c, c1);
      long to = dBias.address() + 4L * c;
      FloatVector sum = load(to, m);
      for (int r = 0; r < dy.rows(); r++) {
        sum = sum.add(load(dy.address() + dy.rowOffset(r) + 4L * c, m));
      }
      store(sum, to, m);
    }
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp, int r0, int r1) {
    long from = gate.rowOffset(r0);
    int n = Math.multiplyExact(gate.cols(), r1 - r0);
    long g = gate.address() + from;
    long u = up.address() + from;
    long d = dy.address() + from;
    long dg = dGate.address() + from;
    long du = dUp.address() + from;
    int end = n - n % L;
    for (int c = 0; c < end; c += L) {
      long at = 4L * c;
      FloatVector x = load(g + at);
      FloatVector dv = load(d + at);
      FloatVector s = sigmoid(x);
      FloatVector y = x.mul(s);
      store(dv.mul(load(u + at)).mul(s.add(y.mul(s.neg().add(1f)))), dg + at);
      store(dv.mul(y), du + at);
    }
    if (end < n) {
      VectorMask<Float> m = F.indexInRange(end, n);
      long at = 4L * end;
      FloatVector x = load(g + at, m);
      FloatVector dv = load(d + at, m);
      FloatVector s = sigmoid(x);
      FloatVector y = x.mul(s);
      store(dv.mul(load(u + at, m)).mul(s.add(y.mul(s.neg().add(1f)))), dg + at, m);
      store(dv.mul(y), du + at, m);
    }
  }

  private static FloatVector sigmoid(FloatVector x) {
    return FloatVector.broadcast(F, 1f).div(Lanes.exp(x.neg()).add(1f));
  }

  @Override
  public void causalSoftmax(
      long scores, long d, long row, int rows, int n, int width, float scale) {
    for (int i = 0; i < rows; i++) {
      causalSoftmax(scores + row * i, d + row * i, n + i, width, scale);
    }
  }

  private static void causalSoftmax(long s, long d, int n, int width, float scale) {
    int end = n - n % L;
    VectorMask<Float> m = F.indexInRange(end, n);
    FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < end; i += L) {
      most = most.max(load(s + 4L * i));
    }
    if (end < n) {
      most = most.lanewise(VectorOperators.MAX, load(s + 4L * end), m);
    }
    float max = scale * most.reduceLanes(VectorOperators.MAX); // a maximum knows no order
    FloatVector sums = FloatVector.zero(F);
    FloatVector dots = sums;
    for (int i = 0; i < end; i += L) {
      FloatVector w = Lanes.exp(load(s + 4L * i).mul(scale).sub(max));
      store(w, s + 4L * i);
      sums = sums.add(w);
      dots = w.fma(load(d + 4L * i), dots);
    }
    int next = end;
    if (end < n) {
      FloatVector e = Lanes.exp(load(s + 4L * end, m).mul(scale).sub(max));
      FloatVector w = FloatVector.zero(F).blend(e, m);
      store(w, s + 4L * end);
      sums = sums.add(w);
      dots = w.fma(load(d + 4L * end, m), dots);
      next += L;
    }
    float factor = 1 / Lanes.sum(sums);
    float mean = factor * Lanes.sum(dots);
    for (int i = 0; i < next; i += L) {
      FloatVector p = load(s + 4L * i).mul(factor);
      store(p, s + 4L * i);
      store(load(d + 4L * i).sub(mean).mul(p).mul(scale), d + 4L * i);
    }
    for (int i = next; i < width; i += L) {
      store(FloatVector.zero(F), s + 4L * i);
      store(FloatVector.zero(F), d + 4L * i);
    }
  }

  @Override
  public void scaledExp(long x, float shift, float factor, long y, int n) {
    int end = n - n % L;
    for (int i = 0; i < end; i += L) {
      store(Lanes.exp(load(x + 4L * i).sub(shift)).mul(factor), y + 4L * i);
    }
    if (end < n) {
      VectorMask<Float> m = F.indexInRange(end, n);
      store(Lanes.exp(load(x + 4L * end, m).sub(shift)).mul(factor), y + 4L * end, m);
    }
  }

  @Override
  public float dot(long x, long y, int n) {
    FloatVector sum = FloatVector.zero(F);
    int end = n - n % L;
    for (int i = 0; i < end; i += L) {
      sum = load(x + 4L * i).fma(load(y + 4L * i), sum);
    }
    if (end < n) {
      VectorMask<Float> m = F.indexInRange(end, n);
      sum = load(x + 4L * end, m).fma(load(y + 4L * end, m), sum);
    }
    return Lanes.sum(sum);
  }

  @Override
  public double squares(long x, int n) {
    DoubleVector low = DoubleVector.zero(DoubleVector.SPECIES_PREFERRED);
    DoubleVector high = low;
    for (int i = 0; i < n; i += L) {
      FloatVector v = load(x + 4L * i, F.indexInRange(i, n));
      DoubleVector a = widen(v, 0);
      DoubleVector b = widen(v, 1);
      low = a.fma(a, low);
      high = b.fma(b, high);
    }
    double sum = 0;
    for (double v : low.add(high).toDoubleArray()) {
      sum += v;
    }
    return sum;
  }

  private static DoubleVector widen(FloatVector v, int part) {
    return (DoubleVector) v.convertShape(VectorOperators.F2D, DoubleVector.SPECIES_PREFERRED, part);
  }

  @Override
  public void adamW(long p, long gradient, long m, long v, int n, AdamStep s) {
    FloatVector zero = FloatVector.zero(F);
    int end = n - n % L;
    for (int i = 0; i < end; i += L) {
      long at = 4L * i;
      FloatVector g = load(gradient + at).mul(s.scale());
      FloatVector first = load(m + at).mul(s.beta1()).add(g.mul(1 - s.beta1()));
      FloatVector second = load(v + at).mul(s.beta2()).add(g.mul(1 - s.beta2()).mul(g));
      store(zero, gradient + at);
      store(first, m + at);
      store(second, v + at);
      FloatVector root = second.sqrt().mul(s.rootScale()).add(s.eps());
      store(load(p + at).mul(s.keep()).sub(first.mul(s.rate()).div(root)), p + at);
    }
    for (int i = end; i < n; i++) {
      long at = 4L * i;
      float g = get(gradient + at) * s.scale();
      float first = get(m + at) * s.beta1() + g * (1 - s.beta1());
      float second = get(v + at) * s.beta2() + g * (1 - s.beta2()) * g;
      set(gradient + at, 0);
      set(m + at, first);
      set(v + at, second);
      float root = (float) Math.sqrt(second) * s.rootScale() + s.eps();
      set(p + at, get(p + at) * s.keep() - first * s.rate() / root);
    }
  }
}
