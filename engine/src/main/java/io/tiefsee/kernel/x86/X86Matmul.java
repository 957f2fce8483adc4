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

/** Products of one packed format by machine code, assembled when first used. Thread-safe. */
final class X86Matmul implements MatmulKernel {
  private static final int SLOT = 5;

  /** Activations of one pass over the rows: they are to stay in the second-level cache. */
  private static final int PANEL_BYTES = 192 << 10;

  private final PackedFormat format;
  private final Layout layout;

  /** Assembled once or, in a race, twice, which does no harm. */
  private volatile @Nullable Routine routine;

  X86Matmul(PackedFormat format, Layout layout) {
    this.format = format;
    this.layout = layout;
  }

  @Override
  public QuantType weights() {
    return format.type;
  }

  @Override
  public QuantType activations() {
    return QuantType.Q8_ROW;
  }

  @Override
  public Layout layout() {
    return layout;
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
    int cols = w.cols();
    int group = layout.group();
    long groupBytes = format.groupBytes(group, cols);
    long groups = Math.ceilDiv(r1 - r0, group);
    long from = w.data().address() + groupBytes * (r0 / group);
    int panel = Math.max(1, PANEL_BYTES / (cols * ProductLoop.TILE)) * ProductLoop.TILE;
    Routine code = routine();
    for (int t = 0; t < x.rows(); t += panel) {
      int tokens = Math.min(panel, x.rows() - t);
      MemorySegment frame = Scratch.bytes(SLOT, ProductLoop.frameBytes(tokens, cols));
      frame.set(JAVA_LONG, ProductLoop.X_STRIDE, x.rowBytes());
      frame.set(JAVA_LONG, ProductLoop.Y_STRIDE, y.rowBytes());
      frame.set(JAVA_LONG, ProductLoop.RECORDS, cols / format.type.blockElements());
      frame.set(JAVA_LONG, ProductLoop.X_SCALES, x.scalesOffset());
      frame.set(JAVA_LONG, ProductLoop.X_SUMS, x.sumsOffset());
      frame.set(JAVA_LONG, ProductLoop.ROWS, r1 - r0);
      frame.set(JAVA_LONG, ProductLoop.GROUP_BYTES, groupBytes);
      frame.set(JAVA_LONG, ProductLoop.X_BLOCKS, cols / 32);
      long to = y.address() + y.rowOffset(t) + 4L * r0;
      code.call(from, x.address() + x.rowOffset(t), to, groups, tokens, frame.address());
    }
  }

  private Routine routine() {
    Routine known = routine;
    if (known == null) {
      known = new Routine(new Avx2Product(format).assemble());
      routine = known;
    }
    return known;
  }
}
