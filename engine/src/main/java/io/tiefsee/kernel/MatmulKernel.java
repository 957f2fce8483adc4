package io.tiefsee.kernel;

import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;

/**
 * Matrix product of weights in one format with activations in one format; one small class per
 * (format, ISA). Stateless and thread-safe.
 */
public interface MatmulKernel {
  /** The type of the weights. */
  QuantType weights();

  /** {@link QuantType#F32} or {@link QuantType#Q8_ROW}. */
  QuantType activations();

  /** The order of blocks that the weights must have. */
  Layout layout();

  /** The instruction set that really runs, for reports and tests. */
  Isa isa();

  /**
   * Whether this machine computes right with it; a kernel for an instruction set that is rarely met
   * may try itself when first asked.
   */
  default boolean usable() {
    return true;
  }

  /**
   * y[t][r] = Σc w[r][c]·x[t][c] for r in [r0, r1) and every row t of x.
   *
   * <p>The result of a (t, r) does not depend on the number of rows of x, nor on r0 and r1.
   *
   * @param w [rows, cols] in {@link #layout()}
   * @param x [tokens, cols] in {@link #activations()}
   * @param y [tokens, rows], f32; columns outside [r0, r1) are left alone
   * @param r0 first row, a multiple of the layout's group
   * @param r1 end row, a multiple of the layout's group, or rows
   */
  void run(Matrix w, Tensor x, Tensor y, int r0, int r1);
}
