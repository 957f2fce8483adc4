package io.tiefsee.train;

import io.tiefsee.model.AdapterProducts;
import io.tiefsee.tensor.LowRank;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Tensor;
import java.util.Optional;

/**
 * An adapter's part of a product: low = scale·x·downᵀ, y += low·upᵀ. Backward: dUp += dyᵀ·low, dLow
 * = scale·dy·up, dDown += dLowᵀ·x, dx += dLow·down.
 *
 * @param low [rows, rank], filled by the forward pass
 */
record AdapterOp(LowRank adapter, Tensor low) {

  /** The adapter of w, if it has one, with room for {@code rows} rows of x. */
  static Optional<AdapterOp> of(Tape tape, Matrix w, int rows) {
    if (w.adapter().isEmpty() || rows == 0) {
      return Optional.empty();
    }
    tape.learns();
    LowRank a = w.adapter().get();
    return Optional.of(new AdapterOp(a, tape.take(rows, a.rank())));
  }

  /**
   * Adds to y = x·wᵀ.
   *
   * @param x [rows, cols]
   * @param y [rows, w.rows()]
   */
  void forward(Tape tape, Tensor x, Tensor y) {
    tape.scratch(() -> {
      Tensor change = tape.take(y.rows(), y.cols());
      AdapterProducts.add(tape.kernels, tape.parallel, adapter, x, low, change, y);
    });
  }

  /**
   * Adds to the gradients of the factors and of x.
   *
   * @param dy [rows, up.rows()]
   * @param dx [rows, cols]
   */
  void backward(Tape tape, Tensor x, Tensor dy, Tensor dx) {
    tape.scratch(() -> {
      Tensor dLow = tape.take(low.rows(), low.cols());
      MatmulOp.inputs(tape, adapter.up(), dy, dLow, false);
      tape.parameters.of(adapter.up()).ifPresent(p -> tape.gemms.add(MatmulOp.weights(p, dy, low)));
      tape.gemms.run(tape.parallel);
      AdapterProducts.scale(dLow, adapter.scale());
      MatmulOp.inputs(tape, adapter.down(), dLow, dx, true);
      tape.parameters
          .of(adapter.down())
          .ifPresent(p -> tape.gemms.add(MatmulOp.weights(p, dLow, x)));
      tape.gemms.run(tape.parallel);
    });
  }
}
