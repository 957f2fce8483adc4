package io.tiefsee.engine;

import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.Batch;
import io.tiefsee.model.EagerOps;
import io.tiefsee.model.KvCache;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;

/** A loaded model with all that it takes to run it: kernels, threads, cache, scratch memory. */
final class ModelRunner implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final EagerOps ops;
  final KernelTable kernels;
  final Parallel parallel;
  final Transformer transformer;
  final KvCache cache;
  final int contextLength;

  /**
   * Loads the model.
   *
   * @throws BadInput if it is broken or does not fit into memory
   */
  ModelRunner(ModelSource source, EngineOptions options) {
    kernels =
        source
            .types()
            .map(types -> Kernels.forProducts(options.isa(), types, options.activations()))
            .orElseGet(() -> Kernels.forIsa(options.isa()));
    contextLength = MemoryPlan.contextLength(source.spec(), source.bytes(), options);
    parallel = new Parallel(options.threads());
    try {
      transformer = source.loader().load(kernels, parallel, arena);
      int cacheTokens = Math.max(contextLength, options.cacheTokens().orElse(0));
      cache =
          new KvCache(source.spec(), options.kv(), Math.ceilDiv(cacheTokens, KvLayer.PAGE), arena);
      ops = new EagerOps(source.spec(), kernels, parallel, options.activations(), cache);
    } catch (RuntimeException | Error e) {
      parallel.close();
      arena.close();
      throw e;
    }
  }

  /** Calls {@code listener} after each layer; what it throws ends the pass. */
  void onLayer(Runnable listener) {
    ops.onLayer(listener);
  }

  /** The wanted logits, [batch.logitCount(), vocab]; valid until the next pass. */
  Tensor logits(Batch batch) {
    return transformer.forward(batch, cache, ops);
  }

  /** The wanted final hidden states, [batch.logitCount(), dim]; valid until the next pass. */
  Tensor states(Batch batch) {
    return transformer.states(transformer.hidden(batch, cache, ops), ops);
  }

  @Override
  public void close() {
    parallel.close();
    ops.close();
    arena.close();
  }
}
