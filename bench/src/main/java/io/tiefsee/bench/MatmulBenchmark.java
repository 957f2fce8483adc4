package io.tiefsee.bench;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One product on one thread: a matrix of 2048 columns, in the cache, with 1 to 512 tokens. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MatmulBenchmark {
  private static final int ROWS = 1024;
  private static final int COLS = 2048;

  @Param({"VECTOR", "AVX2"})
  Isa isa;

  @Param({"Q4_0", "Q8_0", "Q4_K", "Q6_K", "F16"})
  QuantType type;

  @Param({"1", "8", "512"})
  int tokens;

  private final Arena arena = Arena.ofShared();
  private MatmulKernel kernel;
  private Matrix weights;
  private Tensor x;
  private Tensor y;

  @Setup(Level.Trial)
  public void prepare() throws IOException {
    KernelTable table = Machine.table(isa);
    QuantType meets = type.isFloat() ? QuantType.F32 : QuantType.Q8_ROW;
    kernel = table.best(type, meets).orElseThrow();
    if (kernel.isa() != isa) {
      throw new IllegalStateException(type + " has no kernel of its own for " + isa);
    }
    weights = packed(table, rows());
    Tensor f = Tensor.allocate(arena, tokens, COLS);
    Machine.fill(f);
    x = f;
    if (meets == QuantType.Q8_ROW) {
      x = Tensor.allocate(arena, QuantType.Q8_ROW, tokens, COLS);
      Kernels.forIsa(Isa.SCALAR).ops().quantize(f, x, 0, tokens);
    }
    y = Tensor.allocate(arena, tokens, ROWS);
  }

  private Matrix rows() throws IOException {
    MemorySegment data = NativeMemory.allocate(arena, type.bytes(COLS) * ROWS);
    long[] at = {0};
    new RandomWeights(arena, 1)
        .normal(type, (long) ROWS * COLS, 1 / Math.sqrt(COLS))
        .writeTo(piece -> {
          MemorySegment.copy(piece, 0, data, at[0], piece.byteSize());
          at[0] += piece.byteSize();
        });
    return Matrix.of(type.name(), type, ROWS, COLS, data);
  }

  private Matrix packed(KernelTable table, Matrix w) {
    if (kernel.layout() == Layout.ROWS) {
      return w;
    }
    var packer = table.packer(type, kernel.layout());
    MemorySegment into = NativeMemory.allocate(arena, packer.packedBytes(ROWS, COLS));
    packer.pack(w, into, 0, Math.ceilDiv(ROWS, kernel.layout().group()));
    return new Matrix(w.name(), type, kernel.layout(), ROWS, COLS, into, w.scales());
  }

  @TearDown(Level.Trial)
  public void close() {
    arena.close();
  }

  @Benchmark
  public Tensor product() {
    kernel.run(weights, x, y, 0, ROWS);
    return y;
  }
}
