package io.tiefsee.kernel.vector;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Product of interleaved quantised weights with int8 activations: 256 columns of sixteen rows
 * become a {@link Panel} in the first-level cache, then meet the tokens, four at a time.
 *
 * @param format of the weights
 */
record QuantMatmul(QuantFormat format) implements MatmulKernel {
  private static final int GROUP = 16;

  /** Tokens whose spread quants stay in the second-level cache. */
  private static final int TOKENS = 32;

  private static final int PANEL = 0;
  private static final int SPREAD = 1;
  private static final int SUMS = 2;

  @Override
  public QuantType weights() {
    return format.type();
  }

  @Override
  public QuantType activations() {
    return QuantType.Q8_ROW;
  }

  @Override
  public Layout layout() {
    return Layout.VECTOR_16;
  }

  @Override
  public Isa isa() {
    return Isa.VECTOR;
  }

  @Override
  public void run(Matrix w, Tensor x, Tensor y, int r0, int r1) {
    for (int t = 0; t < x.rows(); t += TOKENS) {
      int end = Math.min(t + TOKENS, x.rows());
      run(w, x, t, end - t, y, r0, r1);
    }
  }

  private void run(Matrix w, Tensor x, int t0, int tokens, Tensor y, int r0, int r1) {
    int cols = w.cols();
    int blockColumns = format.type().blockElements();
    long groupBytes = format.blockBytes() * (cols / blockColumns);
    long panel = Scratch.bytes(PANEL, Panel.BYTES_TOTAL + 512).address();
    long work = panel + Panel.BYTES_TOTAL;
    MemorySegment sums = Scratch.bytes(SUMS, Panel.LINE * tokens);
    long xStride = 4L * cols;
    long spread = Scratch.bytes(SPREAD, xStride * tokens).address();
    long q = x.address() + x.rowOffset(t0);
    for (int t = 0; t < tokens; t++) {
      QuantTile.spread(q + x.rowBytes() * t, spread + xStride * t, cols);
    }
    for (int r = r0; r < r1; r += GROUP) {
      sums.asSlice(0, Panel.LINE * tokens).fill((byte) 0);
      long group = w.data().address() + groupBytes * (r / GROUP);
      for (int c = 0; c < cols; c += QuantFormat.CHUNK) {
        int subs = Math.min(QuantFormat.CHUNK, cols - c) / 32;
        Panel.fill(format, group + format.blockBytes() * (c / blockColumns), subs, panel);
        QuantTile.multiply(
            format,
            panel,
            subs,
            spread + 4L * c,
            xStride,
            q + x.scalesOffset() + c / 8,
            x.rowBytes(),
            x.sumsOffset() - x.scalesOffset(),
            tokens,
            work,
            sums.address());
      }
      int rows = Math.min(GROUP, r1 - r);
      for (int t = 0; t < tokens; t++) {
        long to = y.rowOffset(t0 + t) + 4L * r;
        MemorySegment.copy(sums, Panel.LINE * t, y.data(), to, 4L * rows);
      }
    }
  }
}
