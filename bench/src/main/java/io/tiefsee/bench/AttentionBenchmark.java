package io.tiefsee.bench;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
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

/** Attention of one layer on one thread: the last tokens of a context over all of it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AttentionBenchmark {
  /** Sizes of a layer. */
  public enum Shape {
    /** Qwen2.5 1.5B: grouped heads. */
    QWEN_1_5B(12, 2, 128, 128),
    /** R1's latent attention: one row of the cache for all heads. */
    R1_LATENT(128, 1, 576, 512);

    private final int heads;
    private final int kvHeads;
    private final int key;
    private final int value;

    Shape(int heads, int kvHeads, int key, int value) {
      this.heads = heads;
      this.kvHeads = kvHeads;
      this.key = key;
      this.value = value;
    }
  }

  @Param({"VECTOR", "AVX2"})
  Isa isa;

  @Param Shape shape;

  @Param({"F16", "Q8_0"})
  QuantType cache;

  @Param({"1", "64"})
  int tokens;

  @Param({"512", "8192"})
  int context;

  private final Arena arena = Arena.ofShared();
  private AttentionKernel kernel;
  private AttentionKernel.Task task;

  @Setup(Level.Trial)
  public void prepare() {
    kernel = Machine.table(isa).attention(cache);
    if (kernel.isa() != isa) {
      throw new IllegalStateException("a cache of " + cache + " has no kernel for " + isa);
    }
    boolean shared = shape.kvHeads == 1;
    int pages = Math.ceilDiv(context, KvLayer.PAGE);
    long rows = (long) pages * KvLayer.PAGE * shape.kvHeads;
    MemorySegment keys = NativeMemory.allocate(arena, cache.bytes(shape.key) * rows);
    MemorySegment values =
        shared ? keys : NativeMemory.allocate(arena, cache.bytes(shape.value) * rows);
    KvLayer kv = new KvLayer(cache, shape.kvHeads, shape.key, shape.value, shared, keys, values);
    int[] table = new int[pages];
    int[] slots = new int[pages * KvLayer.PAGE];
    for (int i = 0; i < slots.length; i++) {
      table[i / KvLayer.PAGE] = i / KvLayer.PAGE;
      slots[i] = i;
    }
    try (Arena once = Arena.ofConfined()) {
      Tensor k = Tensor.allocate(once, slots.length, shape.kvHeads * shape.key);
      Tensor v = Tensor.allocate(once, slots.length, shape.kvHeads * shape.value);
      Machine.fill(k);
      Machine.fill(v);
      kernel.store(kv, k, v, slots, 0, slots.length);
    }
    Tensor q = Tensor.allocate(arena, tokens, shape.heads * shape.key);
    Machine.fill(q);
    Tensor out = Tensor.allocate(arena, tokens, shape.heads * shape.value);
    int[] positions = new int[tokens];
    for (int t = 0; t < tokens; t++) {
      positions[t] = context - tokens + t;
    }
    float scale = (float) (1 / Math.sqrt(shape.key));
    task =
        new AttentionKernel.Task(
            q, out, shape.heads, scale, kv, positions, new int[tokens], new int[][] {table});
  }

  @TearDown(Level.Trial)
  public void close() {
    arena.close();
  }

  @Benchmark
  public Tensor attention() {
    kernel.run(task, 0, tokens * shape.kvHeads, 0);
    return task.out();
  }
}
