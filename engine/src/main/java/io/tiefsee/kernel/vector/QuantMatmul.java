package io.tiefsee.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Product of interleaved quantised weights with int8 activations: 256 columns of sixteen rows
 * become a {@link Panel} in the first-level cache, then meet the tokens, four at a time; tokens
 * left over meet the packed weights.
 *
 * @param format of the weights
 */
record QuantMatmul(QuantFormat format) implements MatmulKernel {
  private static final int GROUP = 16;

  /** Tokens whose spread quants stay in the second-level cache. */
  private static final int TOKENS = 32;

  private static final ThreadLocal<Work> WORK = ThreadLocal.withInitial(Work::new);

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
    Work work = WORK.get();
    int cols = w.cols();
    int blockColumns = format.type().blockElements();
    long groupBytes = format.blockBytes() * (cols / blockColumns);
    work.x.take(format, x, t0, tokens);
    float[] sums = work.sums;
    for (int r = r0; r < r1; r += GROUP) {
      Arrays.fill(sums, 0, Panel.LINE * tokens, 0f);
      long group = w.data().address() + groupBytes * (r / GROUP);
      for (int c = 0; c < cols; c += QuantFormat.CHUNK) {
        int subs = Math.min(QuantFormat.CHUNK, cols - c) / 32;
        long from = group + format.blockBytes() * (c / blockColumns);
        work.panel.fillScales(format, from, subs);
        work.tile.multiply(format, from, work.panel, subs, c, work.x, sums);
      }
      int rows = Math.min(GROUP, r1 - r);
      for (int t = 0; t < tokens; t++) {
        long to = y.rowOffset(t0 + t) + 4L * r;
        MemorySegment.copy(sums, Panel.LINE * t, y.data(), JAVA_FLOAT, to, rows);
      }
    }
  }

  /** What a thread works with; kept from call to call. */
  private static final class Work {
    final Spread x = new Spread();
    final Panel panel = new Panel();
    final QuantTile tile = new QuantTile();
    final float[] sums = new float[TOKENS * Panel.LINE];
  }
}
