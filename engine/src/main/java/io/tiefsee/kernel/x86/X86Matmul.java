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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Products of one packed format by machine code, assembled when first used. Thread-safe. */
final class X86Matmul implements MatmulKernel {
  private static final int SLOT = 5;

  /** Activations of one pass over the rows: they are to stay in the second-level cache. */
  private static final int PANEL_BYTES = 192 << 10;

  private final PackedFormat format;
  private final Layout layout;
  private final Callable.Maker maker;

  /** Assembled once or, in a race, twice, which does no harm. */
  private volatile @Nullable Callable routine;

  /** What the self-check found, once it ran. */
  private volatile Optional<Boolean> checked = Optional.empty();

  X86Matmul(PackedFormat format, Layout layout, Callable.Maker maker) {
    this.format = format;
    this.layout = layout;
    this.maker = maker;
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
    return layout == Layout.AVX512_16 ? Isa.AVX512 : Isa.AVX2;
  }

  /** AVX-512 is met seldom and in many variants, so each of its kernels is tried once. */
  @Override
  public boolean usable() {
    if (layout != Layout.AVX512_16) {
      return true;
    }
    Optional<Boolean> known = checked;
    if (known.isEmpty()) {
      boolean passes = SelfCheck.passes(this, new X86Packer(format, layout));
      if (!passes) {
        System.err.println(
            "warning: the AVX-512 product of " + format.type + " computes wrong here; using AVX2");
      }
      known = Optional.of(passes);
      checked = known;
    }
    return known.get();
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
    Callable code = routine();
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

  private Callable routine() {
    Callable known = routine;
    if (known == null) {
      ProductLoop product =
          layout == Layout.AVX512_16 ? new Avx512Product(format) : new Avx2Product(format);
      known = maker.make(product.assemble());
      routine = known;
    }
    return known;
  }
}
