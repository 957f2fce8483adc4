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

/** Products of F32, F16 or BF16 weights by machine code, assembled when first used. Thread-safe. */
final class X86FloatMatmul implements MatmulKernel {
  private static final int SLOT = 5;

  /** Activations of one pass over the rows: they are to stay in the second-level cache. */
  private static final int PANEL_BYTES = 192 << 10;

  private final QuantType type;

  /** Assembled once or, in a race, twice, which does no harm. */
  private volatile @Nullable Routine routine;

  X86FloatMatmul(QuantType type) {
    this.type = type;
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
    return Isa.AVX2;
  }

  @Override
  public void run(Matrix w, Tensor x, Tensor y, int r0, int r1) {
    if (r0 >= r1) {
      return;
    }
    int panel = Math.max(3, PANEL_BYTES / (4 * w.cols()) / 3 * 3);
    Routine code = routine();
    MemorySegment frame = Scratch.bytes(SLOT, FloatProduct.FRAME_BYTES);
    frame.set(JAVA_LONG, FloatProduct.W_STRIDE, w.rowBytes());
    frame.set(JAVA_LONG, FloatProduct.X_STRIDE, x.rowBytes());
    frame.set(JAVA_LONG, FloatProduct.Y_STRIDE, y.rowBytes());
    frame.set(JAVA_LONG, FloatProduct.COLS, w.cols());
    long from = w.data().address() + w.rowOffset(r0);
    for (int t = 0; t < x.rows(); t += panel) {
      int tokens = Math.min(panel, x.rows() - t);
      long to = y.address() + y.rowOffset(t) + 4L * r0;
      code.call(from, x.address() + x.rowOffset(t), to, r1 - r0, tokens, frame.address());
    }
  }

  private Routine routine() {
    Routine known = routine;
    if (known == null) {
      known = new Routine(new FloatProduct(type).assemble());
      routine = known;
    }
    return known;
  }
}
