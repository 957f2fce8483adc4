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

  /** The same for tiles, which spend more on each row before the first token. */
  private static final int TILE_PANEL_BYTES = 512 << 10;

  /** From so many tokens on, tiles are faster than AVX-512 with any format. */
  private static final int LEAST_FOR_TILES = 32;

  /** Tokens that make a last tile worth while; fewer go without tiles. */
  private static final int LEAST_OF_TILE = 14;

  private final PackedFormat format;
  private final Isa isa;
  private final Callable.Maker maker;

  /** Assembled once or, in a race, twice, which does no harm. */
  private volatile @Nullable Callable routine;

  private volatile @Nullable Callable tiles;

  /** What the self-check found, once it ran. */
  private volatile Optional<Boolean> checked = Optional.empty();

  /**
   * @param isa {@link Isa#AVX2} or above; {@link Isa#AMX} is for many tokens, and as {@link
   *     Isa#AVX512} for few
   */
  X86Matmul(PackedFormat format, Isa isa, Callable.Maker maker) {
    this.format = format;
    this.isa = isa;
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
    return isa == Isa.AVX2 ? Layout.AVX2_8 : Layout.AVX512_16;
  }

  @Override
  public Isa isa() {
    return isa;
  }

  /** AVX-512 is met seldom and in many variants, so each of its kernels is tried once. */
  @Override
  public boolean usable() {
    if (isa == Isa.AVX2) {
      return true;
    }
    Optional<Boolean> known = checked;
    if (known.isEmpty()) {
      boolean passes = SelfCheck.passes(this, new X86Packer(format, layout()));
      if (!passes) {
        System.err.println(
            "warning: the %s product of %s computes wrong here; using AVX2"
                .formatted(isa, format.type));
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
    int tiled = isa == Isa.AMX ? tiled(x.rows()) : 0;
    if (tiled == 0 || tiled == x.rows()) {
      run(w, x, y, r0, r1, tiled > 0);
    } else {
      run(w, x.rows(0, tiled), y.rows(0, tiled), r0, r1, true);
      run(w, x.rows(tiled, x.rows()), y.rows(tiled, x.rows()), r0, r1, false);
    }
  }

  /** How many tokens go by tiles; where the cut is does not show in the results. */
  private static int tiled(int tokens) {
    int left = tokens % TileProduct.HEIGHT;
    return tokens < LEAST_FOR_TILES ? 0 : left < LEAST_OF_TILE ? tokens - left : tokens;
  }

  private void run(Matrix w, Tensor x, Tensor y, int r0, int r1, boolean many) {
    int cols = w.cols();
    int group = layout().group();
    long groupBytes = format.groupBytes(group, cols);
    long groups = Math.ceilDiv(r1 - r0, group);
    long from = w.data().address() + groupBytes * (r0 / group);
    int tile = many ? TileProduct.HEIGHT : ProductLoop.TILE;
    int panel = Math.max(1, (many ? TILE_PANEL_BYTES : PANEL_BYTES) / (cols * tile)) * tile;
    Callable code = many ? tiles() : routine();
    for (int t = 0; t < x.rows(); t += panel) {
      int tokens = Math.min(panel, x.rows() - t);
      MemorySegment frame =
          Scratch.bytes(
              SLOT,
              many
                  ? TileProduct.tileFrameBytes(tokens, cols)
                  : ProductLoop.frameBytes(tokens, cols));
      frame.set(JAVA_LONG, ProductLoop.X_STRIDE, x.rowBytes());
      frame.set(JAVA_LONG, ProductLoop.Y_STRIDE, y.rowBytes());
      frame.set(JAVA_LONG, ProductLoop.RECORDS, cols / format.type.blockElements());
      frame.set(JAVA_LONG, ProductLoop.X_SCALES, x.scalesOffset());
      frame.set(JAVA_LONG, ProductLoop.X_SUMS, x.sumsOffset());
      frame.set(JAVA_LONG, ProductLoop.ROWS, r1 - r0);
      frame.set(JAVA_LONG, ProductLoop.GROUP_BYTES, groupBytes);
      frame.set(JAVA_LONG, ProductLoop.X_BLOCKS, cols / 32);
      if (many) {
        frame.set(JAVA_LONG, TileProduct.WORK, TileProduct.work(frame.address(), tokens, cols));
      }
      long to = y.address() + y.rowOffset(t) + 4L * r0;
      code.call(from, x.address() + x.rowOffset(t), to, groups, tokens, frame.address());
    }
  }

  private Callable routine() {
    Callable known = routine;
    if (known == null) {
      ProductLoop product = isa == Isa.AVX2 ? new Avx2Product(format) : new Avx512Product(format);
      known = maker.make(product.assemble());
      routine = known;
    }
    return known;
  }

  private Callable tiles() {
    Callable known = tiles;
    if (known == null) {
      known = maker.make(new TileProduct(format).assemble());
      tiles = known;
    }
    return known;
  }
}
