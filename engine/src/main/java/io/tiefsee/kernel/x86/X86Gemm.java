package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.tiefsee.kernel.GemmKernel;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.Scratch;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * General f32 products by machine code, assembled when first used. k goes in blocks, so that the
 * part of b that the tiles of a column read stays in the first-level cache, and rows in blocks, so
 * that a's part stays in the second-level cache from column to column. Thread-safe.
 */
public final class X86Gemm implements GemmKernel {
  private static final int SLOT = 5;
  private static final int K_BLOCK = 256;

  /** Rows of c that are worked on together; a multiple of the tiles' rows. */
  private static final int M_BLOCK = 192;

  private static final int WIDE = 16;
  private static final int NARROW = 8;
  private static final int ZMM = 16;
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final Isa isa;

  /** By variant; assembled once or, in a race, twice, which does no harm. */
  private volatile List<Routine> routines = List.of();

  /**
   * @param isa {@link Isa#AVX2} or above
   */
  public X86Gemm(Isa isa) {
    this.isa = isa;
  }

  @Override
  public Isa isa() {
    return isa;
  }

  @Override
  public void run(Task t, int i0, int i1) {
    if (i1 <= i0) {
      return;
    }
    if (t.k() == 0) {
      empty(t, i0, i1);
      return;
    }
    MemorySegment frame = Scratch.bytes(SLOT, GemmCode.FRAME_BYTES);
    frame.set(JAVA_LONG, GemmCode.A_ROW, t.aRow());
    frame.set(JAVA_LONG, GemmCode.A_COL, t.aCol());
    frame.set(JAVA_LONG, GemmCode.B_ROW, t.bRow());
    frame.set(JAVA_LONG, GemmCode.C_ROW, t.cRow());
    for (int i = i0; i < i1; i += M_BLOCK) {
      for (int k = 0; k < t.k(); k += K_BLOCK) {
        block(t, i, Math.min(M_BLOCK, i1 - i), k, frame);
      }
    }
  }

  /** Rows [i, i + m) of c with one block of k. */
  private void block(Task t, int i, int m, int k0, MemorySegment frame) {
    int k = Math.min(K_BLOCK, t.k() - k0);
    boolean add = t.add() || k0 > 0;
    boolean transposed = t.aRow() < t.aCol();
    long a = t.a() + t.aRow() * i + t.aCol() * k0;
    for (int j = 0, width; j < t.n(); j += width) {
      width = Math.min(isa.compareTo(Isa.AVX512) >= 0 ? 2 * ZMM : WIDE, t.n() - j);
      boolean wide = isa.compareTo(Isa.AVX512) >= 0 ? width > ZMM : width == WIDE;
      if (isa.compareTo(Isa.AVX512) >= 0) {
        frame.set(JAVA_INT, GemmCode.MASK, 0xffff >> (-width & ZMM - 1));
      } else if (!wide) {
        width = Math.min(width, NARROW);
        mask(frame, width);
      }
      long b = t.b() + t.bRow() * k0 + 4L * j;
      long c = t.c() + t.cRow() * i + 4L * j;
      routine(wide, add, transposed).call(a, b, c, m, k, frame.address());
    }
  }

  private static void mask(MemorySegment frame, int columns) {
    for (int i = 0; i < NARROW; i++) {
      frame.set(JAVA_INT, GemmCode.MASK + 4 * i, i < columns ? -1 : 0);
    }
  }

  private static void empty(Task t, int i0, int i1) {
    for (int i = i0; i < i1 && !t.add(); i++) {
      for (int j = 0; j < t.n(); j++) {
        ALL.set(JAVA_FLOAT, t.c() + t.cRow() * i + 4L * j, 0);
      }
    }
  }

  private Routine routine(boolean wide, boolean add, boolean transposed) {
    List<Routine> known = routines;
    if (known.isEmpty()) {
      known = IntStream.range(0, 8).mapToObj(this::make).toList();
      routines = known;
    }
    return known.get((wide ? 4 : 0) + (add ? 2 : 0) + (transposed ? 1 : 0));
  }

  private Routine make(int variant) {
    boolean wide = (variant & 4) != 0;
    boolean add = (variant & 2) != 0;
    return new Routine(
        isa.compareTo(Isa.AVX512) >= 0
            ? new WideGemmCode(wide ? 2 : 1, add, (variant & 1) != 0).assemble()
            : new GemmCode(!wide, add).assemble());
  }
}
