package io.tiefsee.model;

import io.tiefsee.tensor.Tensor;

/** The decoder of every family: what differs is in the spec and the weights. Holds no state. */
public record Transformer(ModelSpec spec, ModelWeights weights) {

  /**
   * Runs a batch: stores its keys and values in {@code cache} and returns the wanted logits.
   *
   * @return [batch.logitCount(), vocab]; valid until the next call with the same {@code ops}
   */
  public Tensor forward(Batch batch, KvCache cache, Ops ops) {
    float eps = spec.normEps();
    ops.begin(batch, cache);
    Tensor x = ops.embed(weights.embedding());
    for (int i = 0; i < spec.layers(); i++) {
      ModelWeights.Layer layer = weights.layers().get(i);
      Tensor attended = attention(i, layer, ops.norm(x, layer.attentionNorm(), eps), ops);
      x = ops.add(x, attended);
      Tensor fed = feedForward(i, layer.ffn(), ops.norm(x, layer.ffnNorm(), eps), ops);
      x = ops.add(x, fed);
      ops.layerDone(x);
    }
    return ops.matmul(weights.output(), ops.norm(ops.logitRows(x), weights.norm(), eps));
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
        Tensor routed = ops.moe(i, (FfnSpec.Moe) spec.ffn().get(i), m, x);
        yield m.shared().isPresent() ? ops.add(routed, dense(m.shared().get(), x, ops)) : routed;
      }
    };
  }

  private static Tensor dense(ModelWeights.Dense d, Tensor x, Ops ops) {
    Tensor[] gateUp = ops.matmul(d.gateUp(), x);
    return ops.matmul(d.down(), ops.swiglu(gateUp[0], gateUp[1]));
  }
}
