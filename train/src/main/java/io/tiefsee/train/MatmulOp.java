package io.tiefsee.train;

import io.tiefsee.kernel.GemmKernel;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;

/** Products with weights: y = x·wᵀ; dx += dy·w, dw += dyᵀ·x. */
final class MatmulOp {
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
      tape.record(result, () -> backward(tape, m, x, result));
    }
    return y;
  }

  private static void backward(Tape tape, Matrix w, Tensor x, Tensor y) {
    Tensor dy = tape.gradient(y);
    boolean add = tape.hasGradient(x);
    Tensor dx = add ? tape.gradient(x) : tape.newGradient(x);
    tape.gemms.add(inputs(w, dy, dx, add));
    tape.parameters.of(w).ifPresent(p -> tape.gemms.add(weights(p, dy, x)));
    tape.gemms.run(tape.parallel);
  }

  /** dx (+)= dy·w. */
  static GemmKernel.Task inputs(Matrix w, Tensor dy, Tensor dx, boolean add) {
    return new GemmKernel.Task(
        dy.address(),
        dy.rowBytes(),
        4,
        w.data().address(),
        w.rowBytes(),
        dx.address(),
        dx.rowBytes(),
        dy.rows(),
        w.cols(),
        w.rows(),
        add);
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
