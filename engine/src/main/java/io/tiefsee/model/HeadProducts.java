package io.tiefsee.model;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.RowOps;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * One small product for each head: y[t][h·yStride + r] = Σc w[h][r][c]·x[t][h·xStride + c]. Latent
 * attention moves queries into the latent and values out of it this way.
 */
final class HeadProducts implements Parallel.Body {
  private final KernelTable kernels;
  private final RowOps rowOps;
  private Matrix[] weights = {};
  private QuantType activations = QuantType.F32;
  private Tensor x;
  private Tensor y;
  private int xStride;
  private int yStride;
  private Tensor[] gathered = {};
  private Tensor[] quantized = {};
  private Tensor[] products = {};
  private Tensor[] low = {};
  private Tensor[] changes = {};

  HeadProducts(KernelTable kernels, Tensor none) {
    this.kernels = kernels;
    this.rowOps = kernels.ops();
    this.x = none;
    this.y = none;
  }

  /**
   * Computes the products of all heads.
   *
   * @param from [tokens, heads · fromStride]
   * @param into [tokens, heads · intoStride]
   */
  void run(
      Parallel parallel,
      TensorPool pool,
      QuantType mode,
      Matrix[] w,
      Tensor from,
      int fromStride,
      Tensor into,
      int intoStride) {
    int heads = w.length;
    int tokens = from.rows();
    int rows = w[0].rows();
    int cols = w[0].cols();
    weights = w;
    activations = w[0].type().isFloat() ? QuantType.F32 : mode;
    x = from;
    xStride = fromStride;
    y = into;
    yStride = intoStride;
    gathered = pool.split(pool.take(QuantType.F32, heads * tokens, cols), heads);
    if (activations != QuantType.F32) {
      quantized = pool.split(pool.take(activations, heads * tokens, cols), heads);
    }
    products = pool.split(pool.take(QuantType.F32, heads * tokens, rows), heads);
    if (w[0].adapter().isPresent()) {
      int rank = w[0].adapter().get().rank();
      low = pool.split(pool.take(QuantType.F32, heads * tokens, rank), heads);
      changes = pool.split(pool.take(QuantType.F32, heads * tokens, rows), heads);
    }
    parallel.run(heads, 1, this);
  }

  @Override
  public void run(int from, int to, int thread) {
    for (int h = from; h < to; h++) {
      Matrix w = weights[h];
      int tokens = x.rows();
      Tensor in = gathered[h];
      int xAt = h * xStride;
      int yAt = h * yStride;
      for (int t = 0; t < tokens; t++) {
        copy(x, t, xAt, in, t, 0, w.cols());
      }
      if (activations != QuantType.F32) {
        rowOps.quantize(in, quantized[h], 0, tokens);
        in = quantized[h];
      }
      MatmulKernel kernel = kernels.matmul(w, activations);
      kernel.run(w, in, products[h], 0, w.rows());
      if (w.adapter().isPresent()) {
        AdapterProducts.add(
            kernels, w.adapter().get(), gathered[h], low[h], changes[h], products[h]);
      }
      for (int t = 0; t < tokens; t++) {
        copy(products[h], t, 0, y, t, yAt, w.rows());
      }
    }
  }

  /** Copies n numbers between rows of f32 tensors. */
  static void copy(Tensor from, int row, int col, Tensor to, int toRow, int toCol, int n) {
    MemorySegment.copy(
        from.data(),
        JAVA_FLOAT,
        from.rowOffset(row) + 4L * col,
        to.data(),
        JAVA_FLOAT,
        to.rowOffset(toRow) + 4L * toCol,
        n);
  }
}
