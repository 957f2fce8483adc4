package io.tiefsee.cli;

import io.tiefsee.kernel.VectorModule;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.Parallel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/** How fast this machine reads its memory, in pages as large as those of the weights. */
final class MemoryBandwidth {
  /** Far more than any cache that a few cores share. */
  private static final long BYTES = 512L << 20;

  private static final int CHUNK = 1 << 20;
  private static final int WARM_UP = 2;
  private static final int PASSES = 6;

  private MemoryBandwidth() {}

  /** The best of several plain reads of half a gigabyte by {@code threads} threads, in GB/s. */
  static double read(int threads) {
    if (!VectorModule.isLoaded()) {
      throw new BadInput("this JVM runs without jdk.incubator.vector: start it by ./tiefsee");
    }
    AtomicLong sink = new AtomicLong();
    double best = 0;
    try (Arena arena = Arena.ofShared();
        Parallel parallel = new Parallel(threads)) {
      MemorySegment memory = NativeMemory.allocateLarge(arena, BYTES);
      int chunks = (int) (BYTES / CHUNK);
      // Pages exist only once they are written to; unwritten ones would all be the same zeros.
      parallel.run(
          chunks,
          1,
          (from, to, thread) ->
              memory.asSlice((long) from * CHUNK, (long) (to - from) * CHUNK).fill((byte) 1));
      for (int pass = -WARM_UP; pass < PASSES; pass++) {
        long began = System.nanoTime();
        parallel.run(
            chunks,
            1,
            (from, to, thread) -> {
              long sum = 0;
              for (int c = from; c < to; c++) {
                sum += Sum.of(memory, (long) c * CHUNK);
              }
              sink.addAndGet(sum);
            });
        double gigabytes = BYTES / (double) (System.nanoTime() - began);
        best = pass < 0 ? best : Math.max(best, gigabytes);
      }
    }
    if (sink.get() == 0) {
      throw new IllegalStateException("the memory was not read");
    }
    return best;
  }

  /** Apart, since it can be linked only once the module is loaded. */
  private static final class Sum {
    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;

    /** Adds up one chunk, in four sums so that no load waits for an addition. */
    static long of(MemorySegment memory, long start) {
      LongVector a = LongVector.zero(SPECIES);
      LongVector b = a;
      LongVector c = a;
      LongVector d = a;
      int step = SPECIES.vectorByteSize();
      for (long i = start; i < start + CHUNK; i += 4L * step) {
        a = a.add(load(memory, i));
        b = b.add(load(memory, i + step));
        c = c.add(load(memory, i + 2L * step));
        d = d.add(load(memory, i + 3L * step));
      }
      return a.add(b).add(c.add(d)).reduceLanes(jdk.incubator.vector.VectorOperators.ADD);
    }

    private static LongVector load(MemorySegment memory, long at) {
      return LongVector.fromMemorySegment(SPECIES, memory, at, ByteOrder.LITTLE_ENDIAN);
    }
  }
}
