package io.tiefsee.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlabTest {
  private static final long MEGA = 1L << 20;

  @Test
  void piecesAreAlignedZeroedAndApart() {
    try (Arena arena = Arena.ofConfined()) {
      Slab slab = new Slab(arena);
      List<MemorySegment> pieces = new ArrayList<>();
      // More than a block in all, and one piece that is too large for a share of a block.
      for (long bytes : new long[] {1, 100, 30 * MEGA + 7, 40 * MEGA, 30 * MEGA, 20 * MEGA, 64}) {
        MemorySegment piece = slab.take(bytes);
        assertThat(piece.byteSize()).isEqualTo(bytes);
        assertThat(piece.address() % 64).isZero();
        assertThat(piece.get(JAVA_BYTE, 0)).isZero();
        assertThat(piece.get(JAVA_BYTE, bytes - 1)).isZero();
        for (MemorySegment other : pieces) {
          assertThat(piece.asOverlappingSlice(other)).isEmpty();
        }
        piece.set(JAVA_BYTE, 0, (byte) 1);
        piece.set(JAVA_BYTE, bytes - 1, (byte) 1);
        pieces.add(piece);
      }
    }
  }

  @Test
  void largeMemoryStartsAtALargePage() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = NativeMemory.allocateLarge(arena, 3 * MEGA);
      assertThat(memory.address() % (2 * MEGA)).isZero();
      assertThat(memory.byteSize()).isEqualTo(3 * MEGA);
      assertThat(memory.mismatch(MemorySegment.ofArray(new byte[(int) (3 * MEGA)]))).isEqualTo(-1);
    }
  }
}
