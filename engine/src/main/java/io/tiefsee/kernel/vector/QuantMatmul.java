package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Panel.ROWS;
import static io.tiefsee.kernel.vector.QuantFormat.CHUNK;
import static io.tiefsee.kernel.vector.QuantFormat.GROUP;
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
 * Product of interleaved quantised weights with int8 activations: integers are added up over the
 * columns of a scale, then scaled and added up in ascending order of columns. Four tokens at a time
 * meet a {@link Panel}, 256 columns of 32 rows in the first-level cache, by {@link PanelSums} and
 * {@link Scaling}; tokens left over meet the packed weights by {@link SingleToken}. Integer sums
 * are exact and the rest knows one token only, so the number of tokens changes nothing.
 *
 * @param format of the weights
 */
record QuantMatmul(QuantFormat format) implements MatmulKernel {
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
    long groupBytes = format.groupBytes(w.cols());
    work.x.take(format, x, t0, tokens);
    for (int r = r0; r < r1; r += ROWS) {
      long first = w.data().address() + groupBytes * (r / GROUP);
      // The last of an odd number of groups goes twice; one of its results goes nowhere.
      long second = r + GROUP < r1 ? first + groupBytes : first;
      Arrays.fill(work.y, 0f);
      for (int c = 0; c < w.cols(); c += CHUNK) {
        long chunk = format.chunkAt(c);
        add(work, first + chunk, second + chunk, Math.min(CHUNK, w.cols() - c) / 32, c);
      }
      int rows = Math.min(ROWS, r1 - r);
      for (int t = 0; t < tokens; t++) {
        long at = y.rowOffset(t0 + t) + 4L * r;
        MemorySegment.copy(work.y, ROWS * t, y.data(), JAVA_FLOAT, at, rows);
      }
    }
  }

  /** What {@code subs} times 32 columns from {@code c} on add to the sums of all tokens. */
  private void add(Work work, long first, long second, int subs, int c) {
    Spread x = work.x;
    Panel panel = work.panel;
    int chains = 32 * subs / format.chainColumns();
    long p = first + format.codesAt(subs);
    long q = second + format.codesAt(subs);
    panel.fillScales(format, first, second, subs);
    if (x.fours() > 0) {
      panel.fillQuants(format, p, q, chains);
    }
    for (int t = 0; t < x.fours(); t += 4) {
      PanelSums.add(format, panel, chains, x, t, c, work.sums);
      for (int j = 0; j < 4 && t + j < x.tokens(); j++) {
        Scaling.add(format, panel, subs, work.sums, ROWS * j, x, t + j, c, work.y);
      }
    }
    for (int t = x.fours(); t < x.tokens(); t++) {
      SingleToken.add(format, panel, p, q, subs, x, t, c, work.sums, work.y);
    }
  }

  /** What a thread works with; kept from call to call. */
  private static final class Work {
    final Spread x = new Spread();
    final Panel panel = new Panel();
    final int[] sums = new int[CHUNK / 16 * PanelSums.CHAIN];

    /** [tokens][32 rows]. */
    final float[] y = new float[TOKENS * ROWS];
  }
}
