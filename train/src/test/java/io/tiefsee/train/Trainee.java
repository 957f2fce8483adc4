package io.tiefsee.train;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.KvCache;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;

/** A model with all that it takes to train it. */
final class Trainee implements AutoCloseable {
  final TrainableModel model;
  final Parallel parallel;
  final Tape tape;
  final TapedOps ops;
  final Arena arena = Arena.ofShared();
  final KvCache cache;
  final PackedBatch batch;

  Trainee(TrainableModel model, Isa isa, int threads) {
    this.model = model;
    parallel = new Parallel(threads);
    tape = new Tape(isa, parallel, model.parameters());
    ops = new TapedOps(tape, model.spec());
    cache = new KvCache(model.spec(), QuantType.F32, 16, arena);
    batch = new PackedBatch(cache);
  }

  /** Log-probabilities of the targets of what is in {@link #batch}. */
  LogProbs forward() {
    Tensor logits = model.transformer().forward(batch.batch(), cache, ops);
    return LogProbs.of(tape, logits, batch.targets());
  }

  /** Cross-entropy of what is in {@link #batch}, with its gradients. */
  double lossAndGradients() {
    LogProbs p = forward();
    p.crossEntropyGradient(batch.weights());
    tape.backward();
    return p.crossEntropy(batch.weights());
  }

  double loss() {
    return forward().crossEntropy(batch.weights());
  }

  AdamW adamW(AdamW.Config config) {
    return new AdamW(config, model.parameters(), tape.gradientOps, parallel, arena);
  }

  @Override
  public void close() {
    tape.close();
    parallel.close();
    arena.close();
    model.close();
  }
}
