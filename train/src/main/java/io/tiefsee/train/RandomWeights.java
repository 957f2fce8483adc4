package io.tiefsee.train;

import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Slab;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Weights to start from, as DeepSeek-V3 does it (section 4.2): matrices from a normal distribution
 * with one standard deviation, norms 1, biases 0. One seed gives the same weights everywhere.
 */
final class RandomWeights {
  private final ModelSpec spec;
  private final double deviation;
  private final Random random;
  private final Arena arena;
  private final Slab slab;

  private RandomWeights(ModelSpec spec, double deviation, long seed, Arena arena) {
    this.spec = spec;
    this.deviation = deviation;
    this.random = new Random(seed);
    this.arena = arena;
    this.slab = new Slab(arena);
  }

  /**
   * @param tied the output is the embedding
   * @param arena owns the weights
   */
  static ModelWeights of(ModelSpec spec, boolean tied, double deviation, long seed, Arena arena) {
    return new RandomWeights(spec, deviation, seed, arena).model(tied);
  }

  private ModelWeights model(boolean tied) {
    Matrix embedding = matrix(spec.vocab(), spec.dim());
    List<ModelWeights.Layer> layers = new ArrayList<>();
    for (FfnSpec ffn : spec.ffn()) {
      layers.add(layer(ffn));
    }
    Matrix output = tied ? embedding : matrix(spec.vocab(), spec.dim());
    // Last, so that one seed gives the same model with and without it.
    Optional<ModelWeights.Mtp> mtp = spec.mtp() ? Optional.of(mtp()) : Optional.empty();
    return new ModelWeights(embedding, layers, ones(spec.dim()), output, mtp);
  }

  private ModelWeights.Mtp mtp() {
    return new ModelWeights.Mtp(
        ones(spec.dim()),
        ones(spec.dim()),
        matrix(spec.dim(), 2 * spec.dim()),
        layer(spec.feedForward(spec.layers())),
        ones(spec.dim()));
  }

  private ModelWeights.Layer layer(FfnSpec ffn) {
    return new ModelWeights.Layer(
        ones(spec.dim()),
        switch (spec.attention()) {
          case AttentionSpec.Gqa gqa -> gqa(gqa);
          case AttentionSpec.Mla mla -> mla(mla);
        },
        ones(spec.dim()),
        switch (ffn) {
          case FfnSpec.Dense d -> dense(d.hidden());
          case FfnSpec.Moe moe -> moe(moe);
        });
  }

  private ModelWeights.Gqa gqa(AttentionSpec.Gqa gqa) {
    int q = gqa.heads() * gqa.headDim();
    int kv = gqa.kvHeads() * gqa.headDim();
    boolean bias = spec.architecture().equals("qwen2");
    boolean norms = spec.architecture().equals("qwen3");
    return new ModelWeights.Gqa(
        new Matrix[] {matrix(q, spec.dim()), matrix(kv, spec.dim()), matrix(kv, spec.dim())},
        bias ? new Tensor[] {zeros(q), zeros(kv), zeros(kv)} : new Tensor[0],
        norms ? Optional.of(ones(gqa.headDim())) : Optional.empty(),
        norms ? Optional.of(ones(gqa.headDim())) : Optional.empty(),
        matrix(spec.dim(), q));
  }

  private ModelWeights.Mla mla(AttentionSpec.Mla mla) {
    int q = mla.heads() * (mla.nope() + mla.rope());
    boolean low = mla.qLora() > 0;
    return new ModelWeights.Mla(
        new Matrix[] {matrix(low ? mla.qLora() : q, spec.dim()), matrix(mla.keyDim(), spec.dim())},
        low ? Optional.of(ones(mla.qLora())) : Optional.empty(),
        low ? Optional.of(matrix(q, mla.qLora())) : Optional.empty(),
        ones(mla.kvLora()),
        matrices(mla.heads(), mla.kvLora(), mla.nope()),
        matrices(mla.heads(), mla.value(), mla.kvLora()),
        matrix(spec.dim(), mla.heads() * mla.value()));
  }

  private ModelWeights.Dense dense(int hidden) {
    return new ModelWeights.Dense(matrices(2, hidden, spec.dim()), matrix(spec.dim(), hidden));
  }

  private ModelWeights.Moe moe(FfnSpec.Moe moe) {
    Matrix[][] gateUp = new Matrix[moe.experts()][];
    for (int e = 0; e < gateUp.length; e++) {
      gateUp[e] = matrices(2, moe.hidden(), spec.dim());
    }
    return new ModelWeights.Moe(
        matrix(moe.experts(), spec.dim()),
        moe.gate() == FfnSpec.Gate.SIGMOID ? Optional.of(zeros(moe.experts())) : Optional.empty(),
        gateUp,
        matrices(moe.experts(), spec.dim(), moe.hidden()),
        moe.sharedHidden() > 0 ? Optional.of(dense(moe.sharedHidden())) : Optional.empty());
  }

  private Matrix[] matrices(int n, int rows, int cols) {
    Matrix[] m = new Matrix[n];
    for (int i = 0; i < n; i++) {
      m[i] = matrix(rows, cols);
    }
    return m;
  }

  private Matrix matrix(int rows, int cols) {
    long n = (long) rows * cols;
    MemorySegment data = slab.take(4 * n);
    for (long i = 0; i < n; i++) {
      float value = (float) (deviation * random.nextGaussian());
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return Matrix.of("random", QuantType.F32, rows, cols, data);
  }

  private Tensor ones(int n) {
    Tensor t = zeros(n);
    t.fill(1);
    return t;
  }

  private Tensor zeros(int n) {
    return Tensor.allocate(arena, 1, n);
  }
}
