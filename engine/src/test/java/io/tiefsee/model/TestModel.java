package io.tiefsee.model;

import io.tiefsee.format.Weights;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** A model with a cache of its own, to run batches on by hand. */
public final class TestModel implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final Weights files;
  private final Parallel parallel;
  public final Transformer transformer;
  public final KvCache cache;
  public final EagerOps ops;

  public TestModel(Path path, Isa isa, int threads, QuantType activations, QuantType kv) {
    files = Weights.open(path);
    parallel = new Parallel(threads);
    var kernels = Kernels.forIsa(isa);
    ModelSpec spec = ModelLoader.describe(files);
    transformer =
        new ModelLoader(files, spec, kernels, parallel, activations, arena).load((d, t) -> {});
    cache = new KvCache(spec, kv, 64, arena);
    ops = new EagerOps(spec, kernels, parallel, activations, cache);
  }

  public static TestModel reference(Path path) {
    return reference(path, Isa.best());
  }

  public static TestModel reference(Path path, Isa isa) {
    return new TestModel(path, isa, 2, QuantType.F32, QuantType.F32);
  }

  public int vocab() {
    return transformer.spec().vocab();
  }

  /**
   * Logits of every position, computed in chunks of {@code chunk} tokens; pages from {@code p0}.
   */
  public float[][] logits(int[] ids, int chunk, int firstPage) {
    int[] table = table(ids.length, firstPage);
    float[][] all = new float[ids.length][];
    Batch batch = new Batch();
    for (int from = 0; from < ids.length; from += chunk) {
      int end = Math.min(ids.length, from + chunk);
      batch.clear();
      add(batch, ids, from, end, table);
      Tensor y = transformer.forward(batch, cache, ops);
      float[] values = y.toArray();
      for (int i = from; i < end; i++) {
        all[i] =
            java.util.Arrays.copyOfRange(values, (i - from) * vocab(), (i - from + 1) * vocab());
      }
    }
    return all;
  }

  public static int[] table(int tokens, int firstPage) {
    int[] table = new int[Math.ceilDiv(tokens, KvLayer.PAGE)];
    for (int i = 0; i < table.length; i++) {
      table[i] = firstPage + i;
    }
    return table;
  }

  /** Adds positions [from, end) of a sequence, all with logits. */
  public static void add(Batch batch, int[] ids, int from, int end, int[] table) {
    batch.sequence(table);
    for (int p = from; p < end; p++) {
      batch.add(ids[p], p, table[p / KvLayer.PAGE] * KvLayer.PAGE + p % KvLayer.PAGE, true);
    }
  }

  @Override
  public void close() {
    ops.close();
    parallel.close();
    arena.close();
    files.close();
  }
}
