package io.tiefsee.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory for the many matrices of a model, cut one behind the other from blocks in large pages: a
 * matrix by itself is often smaller than such a page. Not thread-safe.
 */
public final class Slab {
  private static final long BLOCK = 64L << 20;
  private static final long ALIGNMENT = 64;

  private final Arena arena;
  private MemorySegment block = MemorySegment.NULL;
  private long top;

  /**
   * @param arena owns the memory
   */
  public Slab(Arena arena) {
    this.arena = arena;
  }

  /**
   * Zeroed memory at a multiple of 64 bytes.
   *
   * @throws BadInput if the system has not that much
   */
  public MemorySegment take(long bytes) {
    if (bytes > BLOCK / 2) {
      return NativeMemory.allocateLarge(arena, bytes);
    }
    if (top + bytes > block.byteSize()) {
      block = NativeMemory.allocateLarge(arena, BLOCK);
      top = 0;
    }
    MemorySegment taken = block.asSlice(top, bytes);
    top += bytes + ALIGNMENT - 1 & -ALIGNMENT;
    return taken;
  }
}
