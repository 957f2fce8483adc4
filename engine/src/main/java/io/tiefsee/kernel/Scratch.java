package io.tiefsee.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Working memory of the kernels, one set of off-heap buffers per thread, kept and grown as needed,
 * so that a warm kernel allocates nothing.
 */
public final class Scratch {
  private static final int SLOTS = 6;
  private static final ThreadLocal<MemorySegment[]> MINE =
      ThreadLocal.withInitial(() -> {
        MemorySegment[] slots = new MemorySegment[SLOTS];
        Arrays.fill(slots, MemorySegment.NULL);
        return slots;
      });

  private Scratch() {}

  /**
   * At least {@code bytes} bytes, 64-byte aligned, contents undefined; they belong to the calling
   * thread until it asks for the same slot again.
   */
  public static MemorySegment bytes(int slot, long bytes) {
    MemorySegment[] mine = MINE.get();
    if (mine[slot].byteSize() < bytes) {
      mine[slot] = Arena.ofAuto().allocate(Math.max(bytes, 4096) * 5 / 4, 64);
    }
    return mine[slot];
  }

  /** At least {@code n} floats. */
  public static MemorySegment floats(int slot, long n) {
    return bytes(slot, 4L * n);
  }
}
