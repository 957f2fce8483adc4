package io.tiefsee.bench;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * Times the product kernels: bytes of weights per second with one token, next to a plain read of
 * the same memory, and multiply-adds per second with many. Matrices are larger than the caches;
 * figures are medians. Run with the flags of {@code jvm.options}:
 *
 * <pre>KernelBenchmark [threads [tokens [TYPE,… [isa,…]]]]</pre>
 */
public final class KernelBenchmark {
  private static final int COLS = 2048;
  private static final long BYTES = 192L << 20;
  private static final int ROUNDS = 7;
  private static final LongAdder SINK = new LongAdder();

  private KernelBenchmark() {}

  public static void main(String[] args) {
    int threads = args.length > 0 ? Integer.parseInt(args[0]) : Parallel.defaultThreads();
    int tokens = args.length > 1 ? Integer.parseInt(args[1]) : 64;
    List<QuantType> types = new ArrayList<>(Arrays.asList(QuantType.values()));
    types.remove(QuantType.Q8_ROW);
    types.remove(QuantType.FP8_E4M3);
    if (args.length > 2) {
      types = Arrays.stream(args[2].split(",")).map(QuantType::valueOf).toList();
    }
    List<Isa> isas =
        Arrays.stream(Isa.values())
            .filter(isa -> isa.compareTo(Isa.best()) <= 0 && isa != Isa.SCALAR)
            .toList();
    if (args.length > 3) {
      isas = Arrays.stream(args[3].toUpperCase(Locale.ROOT).split(",")).map(Isa::valueOf).toList();
    }
    try (Parallel parallel = new Parallel(threads)) {
      System.out.printf("%d threads, %d columns%n", threads, COLS);
      for (QuantType type : types) {
        for (Isa isa : isas) {
          KernelTable table = Kernels.forIsa(isa);
          for (QuantType x : new QuantType[] {QuantType.F32, QuantType.Q8_ROW}) {
            table
                .best(type, x)
                .filter(kernel -> kernel.isa() == isa)
                .ifPresent(kernel -> measure(table, kernel, tokens, parallel));
          }
        }
      }
    }
  }

  private static void measure(
      KernelTable table, MatmulKernel kernel, int tokens, Parallel parallel) {
    int group = Math.max(16, kernel.layout().group());
    int rows = (int) (BYTES / kernel.weights().bytes(COLS)) / group * group;
    try (Arena arena = Arena.ofShared()) {
      Matrix w = weights(arena, table, kernel, rows, parallel);
      double read = median(() -> read(w.data(), parallel));
      double one = time(kernel, w, 1, arena, parallel);
      // A part of the matrix is enough where arithmetic is the limit.
      Matrix part = w.rows(0, Math.max(group, rows / 16 / group * group));
      double many = time(kernel, part, tokens, arena, parallel);
      double gb = w.data().byteSize() / 1e9;
      System.out.printf(
          "%-8s x %-6s %-6s  read %5.1f GB/s   1 token %5.1f GB/s (%3.0f %%)"
              + "   %d tokens %6.1f GMAC/s%n",
          kernel.weights(),
          kernel.activations(),
          kernel.isa(),
          gb / read,
          gb / one,
          100 * read / one,
          tokens,
          1e-9 * part.elements() * tokens / many);
    }
  }

  private static Matrix weights(
      Arena arena, KernelTable table, MatmulKernel kernel, int rows, Parallel parallel) {
    QuantType type = kernel.weights();
    MemorySegment data = arena.allocate(type.bytes(COLS) * rows, 64);
    SplittableRandom random = new SplittableRandom(1);
    // Bytes below 0x3c: every f16 or f32 made of them is finite.
    for (long i = 0; i < data.byteSize(); i += 8) {
      data.set(ValueLayout.JAVA_LONG, i, random.nextLong() & 0x3b3b3b3b3b3b3b3bL);
    }
    Matrix w = Matrix.of(type.name(), type, rows, COLS, data);
    if (kernel.layout() == Layout.ROWS) {
      return w;
    }
    var packer = table.packer(type, kernel.layout());
    MemorySegment packed = arena.allocate(packer.packedBytes(rows, COLS), 64);
    int groups = Math.ceilDiv(rows, kernel.layout().group());
    parallel.run(groups, 1, (g0, g1, thread) -> packer.pack(w, packed, g0, g1));
    return new Matrix(type.name(), type, kernel.layout(), rows, COLS, packed, MemorySegment.NULL);
  }

  private static double time(
      MatmulKernel kernel, Matrix w, int tokens, Arena arena, Parallel parallel) {
    Tensor f = Tensor.allocate(arena, tokens, COLS);
    SplittableRandom random = new SplittableRandom(2);
    for (int t = 0; t < tokens; t++) {
      for (int c = 0; c < COLS; c++) {
        f.set(t, c, (float) random.nextDouble(-1, 1));
      }
    }
    Tensor x = f;
    if (kernel.activations() == QuantType.Q8_ROW) {
      x = Tensor.allocate(arena, QuantType.Q8_ROW, tokens, COLS);
      Kernels.forIsa(Isa.SCALAR).ops().quantize(f, x, 0, tokens);
    }
    Tensor in = x;
    Tensor y = Tensor.allocate(arena, tokens, w.rows());
    int grain = Math.max(16, w.layout().group());
    return median(
        () -> parallel.run(w.rows(), grain, (r0, r1, thread) -> kernel.run(w, in, y, r0, r1)));
  }

  private static void read(MemorySegment data, Parallel parallel) {
    int pages = (int) (data.byteSize() >> 12);
    parallel.run(
        pages,
        1,
        (p0, p1, thread) -> {
          long sum = 0;
          for (long i = (long) p0 << 12; i < (long) p1 << 12; i += 64) {
            sum += data.get(ValueLayout.JAVA_LONG, i);
          }
          SINK.add(sum);
        });
  }

  /** Seconds; the first rounds only warm up. */
  private static double median(Runnable body) {
    double[] seconds = new double[ROUNDS];
    for (int i = -ROUNDS; i < ROUNDS; i++) {
      long start = System.nanoTime();
      body.run();
      seconds[Math.max(0, i)] = 1e-9 * (System.nanoTime() - start);
    }
    Arrays.sort(seconds);
    return seconds[ROUNDS / 2];
  }
}
