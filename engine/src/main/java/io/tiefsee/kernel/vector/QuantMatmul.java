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
    long groupBytes = format.blockBytes() * (w.cols() / format.type().blockElements());
    work.x.take(format, x, t0, tokens);
    for (int r = r0; r < r1; r += 2 * GROUP) {
      long first = w.data().address() + groupBytes * (r / GROUP);
      // An odd group goes twice, and its second results nowhere.
      boolean both = r + GROUP < r1;
      pair(work, first, both ? first + groupBytes : first, both, w.cols());
      take(work.first.sums, y, t0, tokens, r, Math.min(r + GROUP, r1));
      take(work.second.sums, y, t0, tokens, r + GROUP, Math.min(r + 2 * GROUP, r1));
    }
  }

  private void pair(Work work, long first, long second, boolean both, int cols) {
    Group a = work.first;
    Group b = work.second;
    Arrays.fill(a.sums, 0f);
    Arrays.fill(b.sums, 0f);
    for (int c = 0; c < cols; c += QuantFormat.CHUNK) {
      int subs = Math.min(QuantFormat.CHUNK, cols - c) / 32;
      long chunk = format.blockBytes() * (c / format.type().blockElements());
      long p = first + chunk;
      long q = second + chunk;
      a.panel.fillScales(format, p, subs);
      work.tile.multiplyByFour(format, p, a.panel, subs, c, work.x, a.sums);
      if (both) {
        b.panel.fillScales(format, q, subs);
        work.tile.multiplyByFour(format, q, b.panel, subs, c, work.x, b.sums);
      }
      work.tile.multiplyByOne(format, p, q, a.panel, b.panel, subs, c, work.x, a.sums, b.sums);
      QuantTile.addMinima(format, a.panel, subs, c, work.x, a.sums);
      if (both) {
        QuantTile.addMinima(format, b.panel, subs, c, work.x, b.sums);
      }
    }
  }

  /** Sums of rows [from, to) of one group, if there are any, to their places. */
  private static void take(float[] sums, Tensor y, int t0, int tokens, int from, int to) {
    for (int t = 0; t < tokens && from < to; t++) {
      long at = y.rowOffset(t0 + t) + 4L * from;
      MemorySegment.copy(sums, Panel.LINE * t, y.data(), JAVA_FLOAT, at, to - from);
    }
  }

  /** What a thread works with; kept from call to call. */
  private static final class Work {
    final Spread x = new Spread();
    final QuantTile tile = new QuantTile();
    final Group first = new Group();
    final Group second = new Group();
  }

  /** Sixteen rows: 256 columns of them, and the sums of the tokens. */
  private static final class Group {
    final Panel panel = new Panel();
    final float[] sums = new float[TOKENS * Panel.LINE];
  }
}
