package io.tiefsee.train;

import io.tiefsee.model.AttentionSpec;
import io.tiefsee.tensor.Tensor;

/**
 * Grouped-query attention with rotated q and k. Both are rotated in place, for no backward needs
 * them as they were; their gradients are rotated back in place likewise.
 */
final class RopeAttentionOp {
  private RopeAttentionOp() {}

  /** Shapes as in {@code Ops.attention}; {@code half} pairs of a head rotate. */
  static Tensor forward(
      Tape tape,
      Attention pass,
      int layer,
      AttentionSpec.Gqa spec,
      int half,
      Tensor q,
      Tensor k,
      Tensor v) {
    int dim = spec.headDim();
    pass.rotate(q, 0, spec.heads(), dim, half, false);
    pass.rotate(k, 0, spec.kvHeads(), dim, half, false);
    AttentionGradient.Heads heads =
        new AttentionGradient.Heads(spec.heads(), spec.kvHeads(), dim, dim, spec.scale(), false);
    Tensor out = pass.attend(layer, heads, q, k, v);
    tape.record(
        out,
        () -> {
          Tensor dOut = tape.gradient(out);
          Tensor dq = tape.newGradient(q);
          Tensor dk = tape.gradient(k);
          Tensor dv = tape.gradient(v);
          new AttentionGradient(tape, heads, pass.starts, q, k, v, dOut, dq).run(dk, dv);
          pass.rotate(dq, 0, spec.heads(), dim, half, true);
          pass.rotate(dk, 0, spec.kvHeads(), dim, half, true);
        });
    return out;
  }
}
