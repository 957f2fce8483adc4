package io.tiefsee.train;

import io.tiefsee.kernel.GemmKernel;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.util.Optional;

/** Products with weights and their adapters: y = x·wᵀ; dx += dy·w, dw += dyᵀ·x. */
final class MatmulOp {
  /** Numbers of a dequantised tile: one that the second cache level holds. */
  private static final int TILE = 1 << 17;

  private MatmulOp() {}

  /**
   * @param w by product, [n, cols]
   * @param x [rows, cols]
   * @return by product, [rows, n]
   */
  static Tensor[] forward(Tape tape, Matrix[] w, Tensor x) {
    Tensor[] y = new Tensor[w.length];
    for (int i = 0; i < w.length; i++) {
      y[i] = tape.take(x.rows(), w[i].rows());
      tape.products.add(tape.kernels.matmul(w[i], QuantType.F32), w[i], x, y[i]);
    }
    tape.products.run(tape.parallel);
    for (int i = 0; i < w.length; i++) {
      Matrix m = w[i];
      Tensor result = y[i];
      Optional<AdapterOp> adapter = AdapterOp.of(tape, m, x.rows());
      adapter.ifPresent(a -> a.forward(tape, x, result));
      tape.record(result, () -> backward(tape, m, adapter, x, result));
    }
    return y;
  }

  private static void backward(
      Tape tape, Matrix w, Optional<AdapterOp> adapter, Tensor x, Tensor y) {
    Tensor dy = tape.gradient(y);
    boolean add = tape.hasGradient(x);
    Tensor dx = add ? tape.gradient(x) : tape.newGradient(x);
    inputs(tape, w, dy, dx, add);
    tape.parameters.of(w).ifPresent(p -> tape.gemms.add(weights(p, dy, x)));
    tape.gemms.run(tape.parallel);
    adapter.ifPresent(a -> a.backward(tape, x, dy, dx));
  }

  /** dx (+)= dy·w, computed when the tape's products run at the latest. */
  static void inputs(Tape tape, Matrix w, Tensor dy, Tensor dx, boolean add) {
    inputs(tape, w, dy.address(), dy.rowBytes(), dx.address(), dx.rowBytes(), dy.rows(), add);
  }

  /**
   * As the other, of columns of larger tensors. Weights that are not f32 in rows are dequantised
   * tile by tile: a tile of rows of w gives its share of each sum, in order, so that the bits are
   * those of the whole product.
   *
   * @param dy address of the first number; rows are {@code dyRow} bytes apart
   * @param dx likewise
   */
  static void inputs(
      Tape tape, Matrix w, long dy, long dyRow, long dx, long dxRow, int rows, boolean add) {
    if (w.type() == QuantType.F32 && w.layout() == Layout.ROWS) {
      long at = w.data().address();
      tape.gemms.add(
          new GemmKernel.Task(
              dy, dyRow, 4, at, w.rowBytes(), dx, dxRow, rows, w.cols(), w.rows(), add));
      return;
    }
    int tile = Math.clamp(TILE / w.cols(), 1, w.rows());
    tape.scratch(() -> {
      Tensor unpacked = tape.take(tile, w.cols());
      for (int r = 0; r < w.rows(); r += tile) {
        int first = r;
        int n = Math.min(tile, w.rows() - r);
        tape.rows(
            n,
            w.cols(),
            (from, to, id) -> {
              for (int i = from; i < to; i++) {
                tape.kernels.readRow(w, first + i, unpacked.rows(i, i + 1).data());
              }
            });
        tape.gemms.add(
            new GemmKernel.Task(
                dy + 4L * r,
                dyRow,
                4,
                unpacked.address(),
                unpacked.rowBytes(),
                dx,
                dxRow,
                rows,
                w.cols(),
                n,
                add || r > 0));
        tape.gemms.run(tape.parallel);
      }
    });
  }

  /** dw += dyᵀ·x. */
  static GemmKernel.Task weights(Parameter p, Tensor dy, Tensor x) {
    return new GemmKernel.Task(
        dy.address(),
        4,
        dy.rowBytes(),
        x.address(),
        x.rowBytes(),
        p.gradient().address(),
        4L * p.cols(),
        p.rows(),
        p.cols(),
        x.rows(),
        true);
  }
}
