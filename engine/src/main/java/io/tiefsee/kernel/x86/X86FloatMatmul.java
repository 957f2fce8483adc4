package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Products of F32, F16 or BF16 weights by machine code, assembled when first used. With AVX-512,
 * matrices whose columns are no multiple of four still take AVX2 code. Thread-safe.
 */
final class X86FloatMatmul implements MatmulKernel {
  private static final int SLOT = 5;
  private static final int LAST_ROWS_SLOT = 4;

  /** Activations of one pass over the rows: they are to stay in the second-level cache. */
  private static final int PANEL_BYTES = 192 << 10;

  private final QuantType type;
  private final Isa isa;

  /** Assembled once or, in a race, twice, which does no harm. */
  private volatile @Nullable Routine narrow;

  private volatile @Nullable Routine wide;

  /**
   * @param isa {@link Isa#AVX2} or above
   */
  X86FloatMatmul(QuantType type, Isa isa) {
    this.type = type;
    this.isa = isa;
  }

  @Override
  public QuantType weights() {
    return type;
  }

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
    return isa;
  }

  @Override
  public void run(Matrix w, Tensor x, Tensor y, int r0, int r1) {
    if (r0 >= r1) {
      return;
    }
    boolean zmm = isa.compareTo(Isa.AVX512) >= 0 && w.cols() % WideFloatProduct.COLUMNS == 0;
    int panel = Math.max(6, PANEL_BYTES / (4 * w.cols()) / 6 * 6);
    MemorySegment frame = Scratch.bytes(SLOT, WideFloatProduct.frameBytes(w.cols()));
    frame.set(JAVA_LONG, FloatProduct.W_STRIDE, w.rowBytes());
    frame.set(JAVA_LONG, FloatProduct.X_STRIDE, x.rowBytes());
    frame.set(JAVA_LONG, FloatProduct.Y_STRIDE, y.rowBytes());
    frame.set(JAVA_LONG, FloatProduct.COLS, w.cols());
    long from = w.data().address() + w.rowOffset(r0);
    int whole = zmm ? (r1 - r0) / WideFloatProduct.ROWS * WideFloatProduct.ROWS : r1 - r0;
    long last = whole < r1 - r0 ? lastRows(w, r0 + whole, r1) : 0;
    for (int t = 0; t < x.rows(); t += panel) {
      int tokens = Math.min(panel, x.rows() - t);
      long at = x.address() + x.rowOffset(t);
      long to = y.address() + y.rowOffset(t) + 4L * r0;
      if (whole > 0) {
        frame.set(JAVA_LONG, WideFloatProduct.STORED, WideFloatProduct.ROWS);
        routine(zmm).call(from, at, to, whole, tokens, frame.address());
      }
      if (whole < r1 - r0) {
        frame.set(JAVA_LONG, WideFloatProduct.STORED, r1 - r0 - whole);
        int rows = WideFloatProduct.ROWS;
        routine(true).call(last, at, to + 4L * whole, rows, tokens, frame.address());
      }
    }
  }

  /** Address of a copy of the rows from r0 on, with enough memory for a group behind. */
  private static long lastRows(Matrix w, int r0, int r1) {
    MemorySegment rows = Scratch.bytes(LAST_ROWS_SLOT, w.rowBytes() * WideFloatProduct.ROWS);
    MemorySegment.copy(w.data(), w.rowOffset(r0), rows, 0, w.rowBytes() * (r1 - r0));
    return rows.address();
  }

  private Routine routine(boolean zmm) {
    Routine known = zmm ? wide : narrow;
    if (known == null) {
      if (zmm) {
        known = new Routine(new WideFloatProduct(type).assemble());
        wide = known;
      } else {
        known = new Routine(new FloatProduct(type).assemble());
        narrow = known;
      }
    }
    return known;
  }
}
