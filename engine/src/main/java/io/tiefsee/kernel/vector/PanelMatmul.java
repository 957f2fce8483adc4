package io.tiefsee.kernel.vector;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Product with f32 activations for any format: a panel of sixteen rows becomes f32 once, in the
 * cache, then meets all tokens. F32 weights are read where they are.
 *
 * @param weights any type of weights
 */
record PanelMatmul(QuantType weights) implements MatmulKernel {
  private static final int PANEL = 16;

  @Override
  public QuantType activations() {
    return QuantType.F32;
  }

  @Override
  public Layout layout() {
    return Layout.ROWS;
  }

  @Override
  public Isa isa() {
    return Isa.VECTOR;
  }

  @Override
  public void run(Matrix w, Tensor x, Tensor y, int r0, int r1) {
    int cols = w.cols();
    long stride = 4L * cols;
    MemorySegment panel = Scratch.floats(0, weights == QuantType.F32 ? 1 : (long) PANEL * cols);
    for (int r = r0; r < r1; r += PANEL) {
      int rows = Math.min(PANEL, r1 - r);
      long at = weights == QuantType.F32 ? w.data().address() + w.rowOffset(r) : panel.address();
      fill(w, r, rows, panel);
      FloatTile.multiply(
          at,
          stride,
          rows,
          x.address(),
          x.rowBytes(),
          x.rows(),
          cols,
          y.address() + 4L * r,
          y.rowBytes());
    }
  }

  private void fill(Matrix w, int r, int rows, MemorySegment panel) {
    long from = w.data().address() + w.rowOffset(r);
    switch (weights) {
      case F32 -> {}
      case F16 -> Widen.f16(from, panel.address(), rows * w.cols());
      case BF16 -> Widen.bf16(from, panel.address(), rows * w.cols());
      default -> {
        for (int i = 0; i < rows; i++) {
          Dequantize.row(w, r + i, panel.asSlice(4L * w.cols() * i, 4L * w.cols()));
        }
      }
    }
  }
}
