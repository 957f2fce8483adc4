package io.tiefsee.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Large off-heap memory that the system hands out zeroed and page by page as it is touched, which
 * {@link Arena#allocate(long, long)} does not: that one writes zeros over all of it first.
 */
public final class NativeMemory {
  private static final int ALIGNMENT = 64;
  private static final int MADV_DONTNEED = 4;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALLOC =
      function("calloc", FunctionDescriptor.of(ADDRESS, JAVA_LONG, JAVA_LONG)).orElseThrow();
  private static final MethodHandle FREE =
      function("free", FunctionDescriptor.ofVoid(ADDRESS)).orElseThrow();
  private static final Optional<MethodHandle> MADVISE =
      System.getProperty("os.name", "").startsWith("Linux")
          ? function("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT))
          : Optional.empty();

  private NativeMemory() {}

  private static Optional<MethodHandle> function(String name, FunctionDescriptor type) {
    return LINKER.defaultLookup().find(name).map(f -> LINKER.downcallHandle(f, type));
  }

  /**
   * Zeroed memory at a multiple of 64 bytes, freed with {@code arena}.
   *
   * @throws BadInput if the system has not that much
   */
  public static MemorySegment allocate(Arena arena, long bytes) {
    try {
      long size = Math.max(1, bytes) + ALIGNMENT;
      MemorySegment raw = (MemorySegment) CALLOC.invokeExact(1L, size);
      if (raw.address() == 0) {
        throw new BadInput("the system has no " + bytes / 1_000_000 + " MB of memory left");
      }
      MemorySegment owned = raw.reinterpret(size, arena, NativeMemory::free);
      long start = -raw.address() & (ALIGNMENT - 1);
      return owned.asSlice(start, Math.max(1, bytes));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void free(MemorySegment raw) {
    try {
      FREE.invokeExact(raw);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Tells the system that a part of a mapped file is not needed for now; a hint, never an error.
   */
  public static void forget(MemorySegment mapped) {
    long page = 4096;
    long from = (mapped.address() + page - 1) & -page;
    long to = (mapped.address() + mapped.byteSize()) & -page;
    if (to <= from || MADVISE.isEmpty()) {
      return;
    }
    try {
      int ignored =
          (int) MADVISE.get().invokeExact(MemorySegment.ofAddress(from), to - from, MADV_DONTNEED);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
