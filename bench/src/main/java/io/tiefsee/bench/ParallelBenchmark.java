package io.tiefsee.bench;

import io.tiefsee.tensor.Parallel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
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

/** What it costs to share a piece of work that is next to nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ParallelBenchmark {
  @Param({"1", "2"})
  int threads;

  private final LongAdder sum = new LongAdder();
  private Parallel parallel;

  @Setup(Level.Trial)
  public void prepare() {
    parallel = new Parallel(threads);
  }

  @TearDown(Level.Trial)
  public void close() {
    parallel.close();
  }

  @Benchmark
  public LongAdder handOver() {
    parallel.run(64, 1, (from, to, thread) -> sum.add(to - from));
    return sum;
  }
}
