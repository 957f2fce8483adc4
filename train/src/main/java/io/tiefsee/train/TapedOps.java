package io.tiefsee.train;

import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.Batch;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.KvCache;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.Ops;
import io.tiefsee.model.Router;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Tensor;
import java.util.Optional;

/**
 * The model's operations on a {@link Tape}: the forward kernels that serve, on f32 weights in
 * layout ROWS and an f32 cache, so that logits are bit for bit those of serving; each operation
 * leaves its backward. A batch holds whole sequences, each from position 0 on.
 *
 * <p>{@link #begin} clears the tape, so results hold until the next forward pass.
 */
public final class TapedOps implements Ops {
  private final Tape tape;
  private final ModelSpec spec;
  private final Router[] routers;
  private final ExpertLoad load;
  private Batch batch = new Batch();
  private Optional<Attention> pass = Optional.empty();

  public TapedOps(Tape tape, ModelSpec spec) {
    this.tape = tape;
    this.spec = spec;
    this.routers = new Router[spec.blocks()];
    for (int i = 0; i < routers.length; i++) {
      if (spec.feedForward(i) instanceof FfnSpec.Moe moe) {
        routers[i] = new Router(moe);
      }
    }
    this.load = new ExpertLoad(spec);
  }

  /** How often the experts were visited by all passes since it was last reset. */
  public ExpertLoad load() {
    return load;
  }

  @Override
  public void begin(Batch newBatch, KvCache cache) {
    tape.clear();
    batch = newBatch;
    pass = Optional.of(new Attention(tape, spec.rope(), batch, cache));
  }

  private Attention pass() {
    return pass.orElseThrow();
  }

  @Override
  public Tensor embed(Matrix table) {
    return embed(table, batch.tokens());
  }

  @Override
  public Tensor embed(Matrix table, int[] tokens) {
    return ResidualOps.embed(tape, table, tokens, batch.size());
  }

  @Override
  public Tensor join(Tensor x, Tensor y) {
    return ResidualOps.join(tape, x, y);
  }

  @Override
  public Tensor norm(Tensor x, Tensor weight, float eps) {
    return NormOp.forward(tape, x, weight, eps);
  }

  @Override
  public Tensor headNorm(Tensor x, Tensor weight, float eps) {
    return NormOp.forward(tape, x, weight, eps);
  }

  @Override
  public Tensor matmul(Matrix w, Tensor x) {
    return MatmulOp.forward(tape, new Matrix[] {w}, x)[0];
  }

  @Override
  public Tensor[] matmul(Matrix[] w, Tensor x) {
    return MatmulOp.forward(tape, w, x);
  }

  @Override
  public Tensor addBias(Tensor x, Tensor bias) {
    return ResidualOps.addBias(tape, x, bias);
  }

  @Override
  public Tensor add(Tensor x, Tensor y) {
    return ResidualOps.add(tape, x, y);
  }

  @Override
  public Tensor attention(int layer, AttentionSpec.Gqa gqa, Tensor q, Tensor k, Tensor v) {
    return RopeAttentionOp.forward(tape, pass(), layer, gqa, spec.rope().dims() / 2, q, k, v);
  }

  @Override
  public Tensor latentAttention(
      int layer,
      AttentionSpec.Mla mla,
      Tensor q,
      Tensor kv,
      Tensor kvNorm,
      float eps,
      Matrix[] keyUp,
      Matrix[] valueUp) {
    return LatentAttentionOp.forward(tape, pass(), layer, mla, q, kv, kvNorm, eps, keyUp, valueUp);
  }

  @Override
  public Tensor swiglu(Tensor gate, Tensor up) {
    return SwigluOp.forward(tape, gate, up);
  }

  @Override
  public Tensor moe(int layer, FfnSpec.Moe moe, ModelWeights.Moe w, Tensor x) {
    return MoeOp.forward(
        tape, moe, w, routers[layer], x, matmul(w.router(), x), load.visits(layer));
  }

  @Override
  public Tensor logitRows(Tensor x) {
    return batch.logitCount() == x.rows() ? x : rows(x, batch.logitRows(), batch.logitCount());
  }

  @Override
  public Tensor rows(Tensor x, int[] rows, int count) {
    return ResidualOps.rows(tape, x, rows, count);
  }

  @Override
  public void layerDone(Tensor x) {
    // The tape keeps what the backward pass needs.
  }
}
