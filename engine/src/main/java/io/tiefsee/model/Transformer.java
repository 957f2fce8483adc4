package io.tiefsee.model;

import io.tiefsee.tensor.Tensor;
import java.util.Optional;

/** The decoder of every family: what differs is in the spec and the weights. Holds no state. */
public record Transformer(ModelSpec spec, ModelWeights weights) {

  /**
   * Runs a batch: stores its keys and values in {@code cache} and returns the wanted logits.
   *
   * @return [batch.logitCount(), vocab]; valid until the next call with the same {@code ops}
   */
  public Tensor forward(Batch batch, KvCache cache, Ops ops) {
    return logits(hidden(batch, cache, ops), ops);
  }

  /**
   * The first part of {@link #forward}: all layers.
   *
   * @return the residual stream, [batch.size(), dim], for {@link #logits} and {@link #mtp}
   */
  public Tensor hidden(Batch batch, KvCache cache, Ops ops) {
    ops.begin(batch, cache);
    Tensor x = ops.embed(weights.embedding());
    for (int i = 0; i < spec.layers(); i++) {
      x = block(i, weights.layers().get(i), x, ops);
      ops.layerDone(x);
    }
    return x;
  }

  /** The second part of {@link #forward}: the wanted logits, [batch.logitCount(), vocab]. */
  public Tensor logits(Tensor hidden, Ops ops) {
    return ops.matmul(weights.output(), states(hidden, ops));
  }

  /** The final hidden states of the wanted rows, after the norm: [batch.logitCount(), dim]. */
  public Tensor states(Tensor hidden, Ops ops) {
    return ops.norm(ops.logitRows(hidden), weights.norm(), spec.normEps());
  }

  /**
   * Multi-token prediction (DeepSeek-V3, section 2.2): from the hidden state of token i and the
   * embedding of token i + 1, the logits of token i + 2. The projection takes the embedding first
   * and the hidden state after the final norm, as the published weights want it.
   *
   * @param hidden of the same pass, [batch.size(), dim]
   * @param next the token after each row's, [batch.size()]; where none is known, any: its row sees
   *     the others, but is not seen by them
   * @param rows whose logits are wanted, the first {@code count} of them
   * @return [count, vocab]
   * @throws java.util.NoSuchElementException if the model has no such module
   */
  public Tensor mtp(Tensor hidden, int[] next, int[] rows, int count, Ops ops) {
    ModelWeights.Mtp m = weights.mtp().orElseThrow();
    float eps = spec.normEps();
    Tensor e = ops.norm(ops.embed(weights.embedding(), next), m.embeddingNorm(), eps);
    Tensor h = ops.norm(ops.norm(hidden, weights.norm(), eps), m.hiddenNorm(), eps);
    Tensor x = block(spec.layers(), m.layer(), ops.matmul(m.project(), ops.join(e, h)), ops);
    return ops.matmul(weights.output(), ops.norm(ops.rows(x, rows, count), m.norm(), eps));
  }

  private Tensor block(int i, ModelWeights.Layer layer, Tensor x, Ops ops) {
    float eps = spec.normEps();
    Tensor attended = attention(i, layer, ops.norm(x, layer.attentionNorm(), eps), ops);
    Tensor y = ops.add(x, attended);
    Tensor fed = feedForward(i, layer.ffn(), ops.norm(y, layer.ffnNorm(), eps), ops);
    return ops.add(y, fed);
  }

  /** The same model with a module of multi-token prediction. */
  public Transformer withMtp(ModelWeights.Mtp mtp) {
    ModelWeights w = weights;
    return new Transformer(
        spec.withMtp(true),
        new ModelWeights(w.embedding(), w.layers(), w.norm(), w.output(), Optional.of(mtp)));
  }

  private Tensor attention(int i, ModelWeights.Layer layer, Tensor x, Ops ops) {
    return switch (layer.attention()) {
      case ModelWeights.Gqa w -> {
        AttentionSpec.Gqa gqa = (AttentionSpec.Gqa) spec.attention();
        Tensor[] qkv = ops.matmul(w.qkv(), x);
        Tensor q = qkv[0];
        Tensor k = qkv[1];
        Tensor v = qkv[2];
        if (w.bias().length > 0) {
          q = ops.addBias(q, w.bias()[0]);
          k = ops.addBias(k, w.bias()[1]);
          v = ops.addBias(v, w.bias()[2]);
        }
        if (w.qNorm().isPresent()) {
          q = ops.headNorm(q, w.qNorm().get(), spec.normEps());
          k = ops.headNorm(k, w.kNorm().get(), spec.normEps());
        }
        yield ops.matmul(w.output(), ops.attention(i, gqa, q, k, v));
      }
      case ModelWeights.Mla w -> {
        AttentionSpec.Mla mla = (AttentionSpec.Mla) spec.attention();
        Tensor[] down = ops.matmul(w.down(), x);
        Tensor q = down[0];
        if (w.qUp().isPresent()) {
          q = ops.matmul(w.qUp().get(), ops.norm(q, w.qNorm().get(), spec.normEps()));
        }
        yield ops.matmul(
            w.output(),
            ops.latentAttention(
                i, mla, q, down[1], w.kvNorm(), spec.normEps(), w.keyUp(), w.valueUp()));
      }
    };
  }

  private Tensor feedForward(int i, ModelWeights.Ffn ffn, Tensor x, Ops ops) {
    return switch (ffn) {
      case ModelWeights.Dense d -> dense(d, x, ops);
      case ModelWeights.Moe m -> {
        Tensor routed = ops.moe(i, (FfnSpec.Moe) spec.feedForward(i), m, x);
        yield m.shared().isPresent() ? ops.add(routed, dense(m.shared().get(), x, ops)) : routed;
      }
    };
  }

  private static Tensor dense(ModelWeights.Dense d, Tensor x, Ops ops) {
    Tensor[] gateUp = ops.matmul(d.gateUp(), x);
    return ops.matmul(d.down(), ops.swiglu(gateUp[0], gateUp[1]));
  }
}
