package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.GemmKernel;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Multi-head latent attention in absorbed form, forward and backward: per head h
 *
 * <pre>
 * latent = norm(kv[:kvLora])          key = [latent, rope(kv[kvLora:])]
 * query_h = [q_h.nope·keyUp_hᵀ, rope(q_h.rope)]
 * out_h = attend(query_h, key, latent)·valueUp_hᵀ
 * </pre>
 */
final class LatentAttentionOp {
  /** Tokens that a head's products take at once: what the first cache levels hold. */
  private static final int BLOCK = 192;

  private final Tape tape;
  private final Attention pass;
  private final AttentionSpec.Mla mla;
  private final AttentionGradient.Heads heads;
  private final int headQ;
  private final Tensor q;
  private final Tensor kv;
  private final Tensor kvNorm;
  private final float eps;
  private final Matrix[] keyUp;
  private final Matrix[] valueUp;

  /** Of the heads. */
  private final Map<Matrix, AdapterOp> adapters = new IdentityHashMap<>();

  private LatentAttentionOp(
      Tape tape,
      Attention pass,
      AttentionSpec.Mla mla,
      Tensor q,
      Tensor kv,
      Tensor kvNorm,
      float eps,
      Matrix[] keyUp,
      Matrix[] valueUp) {
    this.tape = tape;
    this.pass = pass;
    this.mla = mla;
    this.heads =
        new AttentionGradient.Heads(mla.heads(), 1, mla.keyDim(), mla.kvLora(), mla.scale(), true);
    this.headQ = mla.nope() + mla.rope();
    this.q = q;
    this.kv = kv;
    this.kvNorm = kvNorm;
    this.eps = eps;
    this.keyUp = keyUp;
    this.valueUp = valueUp;
  }

  /** Shapes as in {@code Ops.latentAttention}; q is rotated in place. */
  static Tensor forward(
      Tape tape,
      Attention pass,
      int layer,
      AttentionSpec.Mla mla,
      Tensor q,
      Tensor kv,
      Tensor kvNorm,
      float eps,
      Matrix[] keyUp,
      Matrix[] valueUp) {
    return new LatentAttentionOp(tape, pass, mla, q, kv, kvNorm, eps, keyUp, valueUp)
        .forward(layer);
  }

  private Tensor forward(int layer) {
    int tokens = q.rows();
    int lora = mla.kvLora();
    Tensor compressed = tape.take(tokens, lora);
    copy(kv, 0, compressed, 0, lora);
    Tensor latent = tape.take(tokens, lora);
    tape.rows(
        tokens, lora, (r0, r1, id) -> tape.rowOps.rmsNorm(compressed, kvNorm, eps, latent, r0, r1));
    Tensor keys = tape.take(tokens, mla.keyDim());
    copy(latent, 0, keys, 0, lora);
    copy(kv, lora, keys, lora, mla.rope());
    pass.rotate(keys, lora, 1, mla.keyDim(), mla.rope() / 2, false);
    pass.rotate(q, mla.nope(), mla.heads(), headQ, mla.rope() / 2, false);

    Tensor query = tape.take(tokens, mla.heads() * mla.keyDim());
    headProducts(keyUp, q, headQ, query, mla.keyDim());
    for (int h = 0; h < mla.heads(); h++) {
      copy(q, h * headQ + mla.nope(), query, h * mla.keyDim() + lora, mla.rope());
    }
    Tensor attended = pass.attend(layer, heads, query, keys, keys);
    Tensor out = tape.take(tokens, mla.heads() * mla.value());
    headProducts(valueUp, attended, lora, out, mla.value());
    tape.record(out, () -> backward(compressed, keys, query, attended, tape.gradient(out)));
    return out;
  }

  /** Per head y_h = x_h·w_hᵀ, with the columns of head h from h · stride on. */
  private void headProducts(Matrix[] w, Tensor x, int xStride, Tensor y, int yStride) {
    int tokens = x.rows();
    int rows = w[0].rows();
    int cols = w[0].cols();
    MatmulKernel kernel = tape.kernels.matmul(w[0], QuantType.F32);
    for (Matrix m : w) {
      AdapterOp.of(tape, m, tokens).ifPresent(a -> adapters.put(m, a));
    }
    tape.scratch(() -> {
      Tensor in = tape.take(tape.parallel.threads() * BLOCK, cols);
      Tensor product = tape.take(tape.parallel.threads() * BLOCK, rows);
      int blocks = Math.ceilDiv(tokens, BLOCK);
      tape.parallel.run(
          w.length * blocks,
          1,
          (from, to, id) -> {
            for (int u = from; u < to; u++) {
              int h = u % w.length;
              int t = u / w.length * BLOCK;
              int n = Math.min(BLOCK, tokens - t);
              Tensor xh = in.rows(id * BLOCK, id * BLOCK + n);
              Tensor yh = product.rows(id * BLOCK, id * BLOCK + n);
              copyColumns(x.rows(t, t + n), h * xStride, xh, 0, cols);
              kernel.run(w[h], xh, yh, 0, rows);
              copyColumns(yh, 0, y.rows(t, t + n), h * yStride, rows);
            }
          });
    });
    for (int h = 0; h < w.length; h++) {
      int xCol = h * xStride;
      int yCol = h * yStride;
      adapter(w[h])
          .ifPresent(a ->
              tape.scratch(() -> {
                Tensor yh = part(y, yCol, rows);
                a.forward(tape, part(x, xCol, cols), yh);
                copy(yh, 0, y, yCol, rows);
              }));
    }
  }

  private void backward(
      Tensor compressed, Tensor keys, Tensor query, Tensor attended, Tensor dOut) {
    Tensor dq = tape.newGradient(q);
    Tensor dkv = tape.newGradient(kv);
    tape.scratch(() -> backward(compressed, keys, query, attended, dOut, dq, dkv));
  }

  private void backward(
      Tensor compressed,
      Tensor keys,
      Tensor query,
      Tensor attended,
      Tensor dOut,
      Tensor dq,
      Tensor dkv) {
    int lora = mla.kvLora();
    Tensor dAttended = tape.take(attended.rows(), attended.cols());
    headGradients(valueUp, attended, lora, dOut, mla.value(), dAttended);

    Tensor dQuery = tape.take(query.rows(), query.cols());
    Tensor dKeys = tape.take(keys.rows(), keys.cols());
    dKeys.fill(0);
    new AttentionGradient(tape, heads, pass.starts, query, keys, keys, dAttended, dQuery)
        .run(dKeys, dKeys);

    headGradients(keyUp, q, headQ, dQuery, mla.keyDim(), dq);
    for (int h = 0; h < mla.heads(); h++) {
      copy(dQuery, h * mla.keyDim() + lora, dq, h * headQ + mla.nope(), mla.rope());
    }
    pass.rotate(dq, mla.nope(), mla.heads(), headQ, mla.rope() / 2, true);

    pass.rotate(dKeys, lora, 1, mla.keyDim(), mla.rope() / 2, true);
    Tensor dLatent = tape.take(kv.rows(), lora);
    copy(dKeys, 0, dLatent, 0, lora);
    Tensor dCompressed = tape.take(kv.rows(), lora);
    dCompressed.fill(0);
    NormOp.backward(tape, compressed, kvNorm, eps, dLatent, dCompressed);
    copy(dCompressed, 0, dkv, 0, lora);
    copy(dKeys, lora, dkv, lora, mla.rope());
  }

  /** Per head dx_h = dy_h·w_h and dw_h += dy_hᵀ·x_h; the other columns of dx are left alone. */
  private void headGradients(Matrix[] w, Tensor x, int xStride, Tensor dy, int yStride, Tensor dx) {
    for (int h = 0; h < w.length; h++) {
      Matrix m = w[h];
      long dyAt = dy.address() + 4L * h * yStride;
      long xAt = x.address() + 4L * h * xStride;
      MatmulOp.inputs(
          tape,
          m,
          dyAt,
          dy.rowBytes(),
          dx.address() + 4L * h * xStride,
          dx.rowBytes(),
          x.rows(),
          false);
      tape.parameters
          .of(m)
          .ifPresent(p ->
              tape.gemms.add(
                  new GemmKernel.Task(
                      dyAt,
                      4,
                      dy.rowBytes(),
                      xAt,
                      x.rowBytes(),
                      p.gradient().address(),
                      4L * p.cols(),
                      p.rows(),
                      p.cols(),
                      x.rows(),
                      true)));
    }
    tape.gemms.run(tape.parallel);
    for (int h = 0; h < w.length; h++) {
      Matrix m = w[h];
      int xCol = h * xStride;
      int yCol = h * yStride;
      adapter(m)
          .ifPresent(a ->
              tape.scratch(() -> {
                // Heads share factors, so one goes after the other.
                Tensor xh = part(x, xCol, m.cols());
                Tensor dyh = part(dy, yCol, m.rows());
                Tensor dxh = part(dx, xCol, m.cols());
                a.backward(tape, xh, dyh, dxh);
                copy(dxh, 0, dx, xCol, m.cols());
              }));
    }
  }

  private Optional<AdapterOp> adapter(Matrix m) {
    return Optional.ofNullable(adapters.get(m));
  }

  private Tensor part(Tensor x, int col, int cols) {
    Tensor part = tape.take(x.rows(), cols);
    copy(x, col, part, 0, cols);
    return part;
  }

  /** As {@link #copyColumns}, by all threads. */
  private void copy(Tensor x, int xCol, Tensor y, int yCol, int n) {
    tape.rows(
        x.rows(),
        n,
        (from, to, id) -> copyColumns(x.rows(from, to), xCol, y.rows(from, to), yCol, n));
  }

  private static void copyColumns(Tensor x, int xCol, Tensor y, int yCol, int n) {
    for (int t = 0; t < x.rows(); t++) {
      MemorySegment.copy(
          x.data(),
          JAVA_FLOAT,
          x.rowOffset(t) + 4L * xCol,
          y.data(),
          JAVA_FLOAT,
          y.rowOffset(t) + 4L * yCol,
          n);
    }
  }
}
