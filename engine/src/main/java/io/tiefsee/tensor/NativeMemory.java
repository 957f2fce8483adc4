package io.tiefsee.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Large off-heap memory that the system hands out zeroed and page by page as it is touched, which
 * {@link Arena#allocate(long, long)} does not: that one writes zeros over all of it first.
 */
public final class NativeMemory {
  private static final int ALIGNMENT = 64;

  /** Size of a large page of x86-64 and of Arm with small pages of 4 kB. */
  private static final long LARGE_PAGE = 2L << 20;

  private static final long PAGE = 4096;
  private static final int MADV_DONTNEED = 4;
  private static final int MADV_HUGEPAGE = 14;
  private static final MemorySegment CALLOC = NativeCall.find("calloc").orElseThrow();
  private static final MemorySegment FREE = NativeCall.find("free").orElseThrow();
  private static final Optional<MemorySegment> MADVISE =
      System.getProperty("os.name", "").startsWith("Linux")
          ? NativeCall.find("madvise")
          : Optional.empty();

  private NativeMemory() {}

  /**
   * Zeroed memory at a multiple of 64 bytes, freed with {@code arena}.
   *
   * @throws BadInput if the system has not that much
   */
  public static MemorySegment allocate(Arena arena, long bytes) {
    return allocate(arena, bytes, ALIGNMENT);
  }

  /**
   * As {@link #allocate(Arena, long)}, in large pages where the system has them: for memory that
   * will be written as a whole and read in long runs. The processor looks up the place of 2 MB at
   * once instead of 4 kB, which is what limits such reads in virtual machines.
   *
   * @throws BadInput if the system has not that much
   */
  public static MemorySegment allocateLarge(Arena arena, long bytes) {
    MemorySegment memory = allocate(arena, bytes, LARGE_PAGE);
    advise(memory.address(), memory.address() + bytes & -PAGE, MADV_HUGEPAGE);
    return memory;
  }

  private static MemorySegment allocate(Arena arena, long bytes, long alignment) {
    long size = Math.max(1, bytes) + alignment;
    long address = NativeCall.call(CALLOC, 1, size, 0, 0, 0, 0);
    if (address == 0) {
      throw new BadInput("the system has no " + bytes / 1_000_000 + " MB of memory left");
    }
    MemorySegment owned =
        MemorySegment.ofAddress(address).reinterpret(size, arena, NativeMemory::free);
    long start = -address & (alignment - 1);
    return owned.asSlice(start, Math.max(1, bytes));
  }

  private static void free(MemorySegment memory) {
    long unused = NativeCall.call(FREE, memory.address(), 0, 0, 0, 0, 0);
  }

  /**
   * Tells the system that a part of a mapped file is not needed for now; a hint, never an error.
   */
  public static void forget(MemorySegment mapped) {
    long from = mapped.address() + PAGE - 1 & -PAGE;
    advise(from, mapped.address() + mapped.byteSize() & -PAGE, MADV_DONTNEED);
  }

  /** A hint about whole pages; what the system makes of it does not matter. */
  private static void advise(long from, long to, int advice) {
    if (to > from && MADVISE.isPresent()) {
      long unused = NativeCall.call(MADVISE.get(), from, to - from, advice, 0, 0, 0);
    }
  }
}
