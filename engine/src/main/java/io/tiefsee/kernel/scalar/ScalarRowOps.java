package io.tiefsee.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.RowOps;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Row operations one number at a time; sums and the exponential in double precision. */
final class ScalarRowOps implements RowOps {
  @Override
  public Isa isa() {
    return Isa.SCALAR;
  }

  @Override
  public void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, int r0, int r1) {
    int cols = x.cols();
    for (int r = r0; r < r1; r++) {
      double squares = 0;
      for (int c = 0; c < cols; c++) {
        double v = x.get(r, c);
        squares += v * v;
      }
      float factor = (float) (1 / Math.sqrt(squares / cols + eps));
      for (int c = 0; c < cols; c++) {
        y.set(r, c, x.get(r, c) * factor * weight.get(0, c));
      }
    }
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor y, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      for (int c = 0; c < gate.cols(); c++) {
        double g = gate.get(r, c);
        y.set(r, c, (float) (g / (1 + Math.exp(-g)) * up.get(r, c)));
      }
    }
  }

  @Override
  public void exp(Tensor x, int row, float shift, Tensor y) {
    for (int c = 0; c < x.cols(); c++) {
      y.set(0, c, (float) Math.exp(x.get(row, c) - shift));
    }
  }

  @Override
  public void add(Tensor x, Tensor y, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      for (int c = 0; c < x.cols(); c++) {
        y.set(r, c, y.get(r, c) + x.get(r, c));
      }
    }
  }

  @Override
  public void addBias(Tensor bias, Tensor y, int r0, int r1) {
    for (int r = r0; r < r1; r++) {
      for (int c = 0; c < y.cols(); c++) {
        y.set(r, c, y.get(r, c) + bias.get(0, c));
      }
    }
  }

  @Override
  public void addScaled(Tensor x, int xRow, float factor, Tensor y, int yRow) {
    for (int c = 0; c < x.cols(); c++) {
      y.set(yRow, c, Math.fma(factor, x.get(xRow, c), y.get(yRow, c)));
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
      for (int h = 0; h < heads; h++) {
        int base = offset + h * stride;
        for (int i = 0; i < half; i++) {
          int a = adjacent ? base + 2 * i : base + i;
          int b = adjacent ? a + 1 : a + half;
          float c = cos.get(positions[r], i);
          float s = sin.get(positions[r], i);
          float xa = x.get(r, a);
          float xb = x.get(r, b);
          x.set(r, a, xa * c - xb * s);
          x.set(r, b, xa * s + xb * c);
        }
      }
    }
  }

  @Override
  public void quantize(Tensor x, Tensor q, int r0, int r1) {
    MemorySegment out = q.data();
    for (int r = r0; r < r1; r++) {
      long quants = q.rowOffset(r);
      long scales = quants + q.scalesOffset();
      long sums = quants + q.sumsOffset();
      for (int b = 0; b < x.cols() / 32; b++) {
        float max = 0;
        for (int c = 32 * b; c < 32 * b + 32; c++) {
          max = Math.max(max, Math.abs(x.get(r, c)));
        }
        float scale = max / 127f;
        boolean zero = scale < Float.MIN_NORMAL;
        out.set(JAVA_FLOAT, scales + 4L * b, zero ? 0 : scale);
        for (int half = 0; half < 2; half++) {
          int sum = 0;
          for (int c = 32 * b + 16 * half; c < 32 * b + 16 * half + 16; c++) {
            byte quant = zero ? 0 : (byte) Math.rint(x.get(r, c) / scale);
            out.set(JAVA_BYTE, quants + c, quant);
            sum += quant;
          }
          out.set(JAVA_SHORT, sums + 2L * (2 * b + half), (short) sum);
        }
      }
    }
  }
}
