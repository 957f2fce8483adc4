package io.tiefsee.model;

import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.Tensor;
import java.util.Arrays;

/** Independent matrix products that the threads share in one go. Refilled for every use. */
public final class Products implements Parallel.Body {
  /** Rows of the smallest piece of work; a multiple of every layout's group. */
  private static final int UNIT = 16;

  private Matrix[] weights = new Matrix[4];
  private MatmulKernel[] kernels = new MatmulKernel[4];
  private Tensor[] xs = new Tensor[4];
  private Tensor[] ys = new Tensor[4];
  private int[] firstUnit = new int[5];
  private int count;

  /** y = x · wᵀ. */
  public void add(MatmulKernel kernel, Matrix w, Tensor x, Tensor y) {
    if (count == weights.length) {
      weights = Arrays.copyOf(weights, 2 * count);
      kernels = Arrays.copyOf(kernels, 2 * count);
      xs = Arrays.copyOf(xs, 2 * count);
      ys = Arrays.copyOf(ys, 2 * count);
      firstUnit = Arrays.copyOf(firstUnit, 2 * count + 1);
    }
    weights[count] = w;
    kernels[count] = kernel;
    xs[count] = x;
    ys[count] = y;
    firstUnit[count + 1] = firstUnit[count] + Math.ceilDiv(w.rows(), UNIT);
    count++;
  }

  /** Computes all products added since the last call. */
  public void run(Parallel parallel) {
    parallel.run(firstUnit[count], 1, this);
    count = 0;
  }

  @Override
  public void run(int from, int to, int thread) {
    for (int i = 0; i < count; i++) {
      int first = Math.max(from, firstUnit[i]);
      int end = Math.min(to, firstUnit[i + 1]);
      if (first < end) {
        int r0 = (first - firstUnit[i]) * UNIT;
        int r1 = Math.min(weights[i].rows(), (end - firstUnit[i]) * UNIT);
        kernels[i].run(weights[i], xs[i], ys[i], r0, r1);
      }
    }
  }
}
