package io.tiefsee.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Product for any format: dequantises a row of weights once, then multiplies it with every token in
 * double precision, so that the result is the exact one rounded to f32 but for a last place.
 *
 * @param weights any type of weights
 * @param activations F32, or Q8_ROW unless the weights are floats
 */
record ScalarMatmul(QuantType weights, QuantType activations) implements MatmulKernel {
  @Override
  public Layout layout() {
    return Layout.ROWS;
  }

  @Override
  public Isa isa() {
    return Isa.SCALAR;
  }

  @Override
  public void run(Matrix w, Tensor x, Tensor y, int r0, int r1) {
    int cols = w.cols();
    MemorySegment row = Scratch.floats(0, cols);
    MemorySegment data = x.data();
    for (int r = r0; r < r1; r++) {
      Dequantize.row(w, r, row);
      for (int t = 0; t < x.rows(); t++) {
        long base = x.rowOffset(t);
        double sum =
            activations == QuantType.F32
                ? dot(row, data, base, cols)
                : dotQuantized(row, data, base, base + x.scalesOffset(), cols);
        y.set(t, r, (float) sum);
      }
    }
  }

  private static double dot(MemorySegment w, MemorySegment x, long base, int cols) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int c = 0;
    for (; c <= cols - 4; c += 4) {
      long at = 4L * c;
      s0 += (double) w.get(JAVA_FLOAT, at) * x.get(JAVA_FLOAT, base + at);
      s1 += (double) w.get(JAVA_FLOAT, at + 4) * x.get(JAVA_FLOAT, base + at + 4);
      s2 += (double) w.get(JAVA_FLOAT, at + 8) * x.get(JAVA_FLOAT, base + at + 8);
      s3 += (double) w.get(JAVA_FLOAT, at + 12) * x.get(JAVA_FLOAT, base + at + 12);
    }
    for (; c < cols; c++) {
      s0 += (double) w.get(JAVA_FLOAT, 4L * c) * x.get(JAVA_FLOAT, base + 4L * c);
    }
    return (s0 + s1) + (s2 + s3);
  }

  /** Σ over blocks of 32 columns of scale · Σ w·quant. */
  private static double dotQuantized(
      MemorySegment w, MemorySegment x, long quants, long scales, int cols) {
    double sum = 0;
    for (int b = 0; b < cols / 32; b++) {
      double s0 = 0;
      double s1 = 0;
      for (int c = 32 * b; c < 32 * b + 32; c += 2) {
        s0 += (double) w.get(JAVA_FLOAT, 4L * c) * x.get(JAVA_BYTE, quants + c);
        s1 += (double) w.get(JAVA_FLOAT, 4L * c + 4) * x.get(JAVA_BYTE, quants + c + 1);
      }
      sum += (s0 + s1) * x.get(JAVA_FLOAT, scales + 4L * b);
    }
    return sum;
  }
}
