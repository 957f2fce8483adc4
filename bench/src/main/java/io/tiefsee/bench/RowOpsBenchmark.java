package io.tiefsee.bench;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.RowOps;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
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

/** What happens to one row between the products, at the widths of Qwen2.5 1.5B. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RowOpsBenchmark {
  private static final int DIM = 1536;
  private static final int HIDDEN = 8960;
  private static final int HEADS = 12;
  private static final int HEAD = 128;

  @Param({"VECTOR", "AVX2"})
  Isa isa;

  private final Arena arena = Arena.ofShared();
  private final int[] position = {0};
  private RowOps ops;
  private Tensor x;
  private Tensor weight;
  private Tensor y;
  private Tensor wide;
  private Tensor gate;
  private Tensor rounded;
  private Tensor cos;
  private Tensor sin;

  @Setup(Level.Trial)
  public void prepare() {
    ops = Machine.table(isa).ops();
    x = random(DIM);
    weight = random(DIM);
    y = random(DIM);
    wide = random(HIDDEN);
    gate = random(HIDDEN);
    rounded = Tensor.allocate(arena, QuantType.Q8_ROW, 1, HIDDEN);
    cos = Tensor.allocate(arena, 1, HEAD / 2);
    sin = Tensor.allocate(arena, 1, HEAD / 2);
    // A turn by no angle: the vector keeps its length however often it is turned.
    cos.fill(1);
    sin.fill(0);
  }

  private Tensor random(int cols) {
    Tensor t = Tensor.allocate(arena, 1, cols);
    Machine.fill(t);
    return t;
  }

  @TearDown(Level.Trial)
  public void close() {
    arena.close();
  }

  @Benchmark
  public Tensor rmsNorm() {
    ops.rmsNorm(x, weight, 1e-6f, y, 0, 1);
    return y;
  }

  @Benchmark
  public Tensor swiglu() {
    ops.swiglu(wide, gate, wide, 0, 1);
    return wide;
  }

  @Benchmark
  public Tensor quantize() {
    ops.quantize(gate, rounded, 0, 1);
    return rounded;
  }

  @Benchmark
  public Tensor rope() {
    ops.rope(x, 0, HEADS, HEAD, HEAD / 2, cos, sin, position, false, 0, 1);
    return x;
  }
}
