package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.GemmKernel;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Backward of causal attention over whole sequences, from q, k and v alone (Dao et al., 2022): for
 * a block of query rows of one head the probabilities are computed again, then
 *
 * <pre>dP = dO·Vᵀ   dS = scale·P∘(dP − rowsum(P∘dP))   dQ = dS·K   dK += dSᵀ·Q   dV += Pᵀ·dO</pre>
 *
 * Memory grows with the length of a sequence, not with its square.
 *
 * <p>The threads share (sequence, head) pairs. Each pair adds up its dK and dV by itself, blocks in
 * descending order, the first of them the smallest; then the heads that share a key head are added
 * in order. So no sum depends on the threads.
 */
final class AttentionGradient {
  /** Query rows that are worked on together. */
  private static final int BLOCK = 48;

  /**
   * Heads of an attention.
   *
   * @param heads query heads
   * @param kvHeads key heads
   * @param kDim numbers in a key
   * @param vDim numbers in a value
   * @param scale factor of the scores
   * @param shared values are the beginnings of the keys; k and v, dk and dv are the same tensors
   */
  record Heads(int heads, int kvHeads, int kDim, int vDim, float scale, boolean shared) {}

  private final Tape tape;
  private final Heads heads;
  private final int[] starts;
  private final Tensor q;
  private final Tensor k;
  private final Tensor v;
  private final Tensor dOut;
  private final Tensor dq;
  private final int longest;

  /**
   * @param starts first row of each sequence, and the number of rows
   * @param q [tokens, heads · kDim]
   * @param k [tokens, kvHeads · kDim]
   * @param v [tokens, kvHeads · vDim], or k
   * @param dOut [tokens, heads · vDim]
   * @param dq [tokens, heads · kDim], overwritten
   */
  AttentionGradient(
      Tape tape, Heads heads, int[] starts, Tensor q, Tensor k, Tensor v, Tensor dOut, Tensor dq) {
    this.tape = tape;
    this.heads = heads;
    this.starts = starts;
    this.q = q;
    this.k = k;
    this.v = v;
    this.dOut = dOut;
    this.dq = dq;
    int most = 0;
    for (int s = 0; s + 1 < starts.length; s++) {
      most = Math.max(most, starts[s + 1] - starts[s]);
    }
    longest = padded(most);
  }

  private static int padded(int n) {
    return (n + 15) & -16;
  }

  /**
   * @param dk as k, added to
   * @param dv as v, added to; dk itself where they are shared
   */
  void run(Tensor dk, Tensor dv) {
    tape.scratch(() -> {
      int tokens = q.rows();
      Tensor dkHeads = tape.take(heads.heads * tokens, heads.kDim);
      Tensor dvHeads = heads.shared ? dkHeads : tape.take(heads.heads * tokens, heads.vDim);
      Tensor kT = transposed(k, heads.kDim);
      Tensor vT = heads.shared ? kT : transposed(v, heads.vDim);
      // Per thread: probabilities and their gradients.
      Tensor scratch = tape.take(tape.parallel.threads(), longest * 2 * BLOCK);
      int units = (starts.length - 1) * heads.heads;
      tape.parallel.run(
          units,
          1,
          (from, to, thread) -> {
            for (int u = from; u < to; u++) {
              unit(
                  u / heads.heads,
                  u % heads.heads,
                  kT,
                  vT,
                  dkHeads,
                  dvHeads,
                  scratch.address() + scratch.rowOffset(thread));
            }
          });
      addHeads(dkHeads, dk, heads.kDim);
      if (!heads.shared) {
        addHeads(dvHeads, dv, heads.vDim);
      }
    });
  }

  private void addHeads(Tensor parts, Tensor d, int dim) {
    int tokens = q.rows();
    int share = heads.heads / heads.kvHeads;
    Tensor sums = d.reshape(tokens * heads.kvHeads, dim);
    tape.rows(
        tokens,
        heads.heads * dim,
        (t0, t1, id) -> {
          for (int t = t0; t < t1; t++) {
            for (int h = 0; h < heads.heads; h++) {
              tape.rowOps.addScaled(parts, h * tokens + t, 1, sums, t * heads.kvHeads + h / share);
            }
          }
        });
  }

  private void unit(
      int sequence,
      int h,
      Tensor keys,
      Tensor values,
      Tensor dkHeads,
      Tensor dvHeads,
      long scratch) {
    int first = starts[sequence];
    int n = starts[sequence + 1] - first;
    int g = h / (heads.heads / heads.kvHeads);
    long ld = 4L * longest;
    long kT = keys.address() + keys.rowOffset((sequence * heads.kvHeads + g) * heads.kDim);
    long vT =
        heads.shared
            ? kT
            : values.address() + values.rowOffset((sequence * heads.kvHeads + g) * heads.vDim);
    long p = scratch;
    long d = p + ld * BLOCK;
    GemmKernel gemm = tape.gradientKernels.gemm();
    int row = h * q.rows() + first;
    long dkAt = dkHeads.address() + dkHeads.rowOffset(row);
    long dvAt = dvHeads.address() + dvHeads.rowOffset(row);
    long kAt = k.address() + k.rowOffset(first) + 4L * g * heads.kDim;
    // From the last block on, because that one reaches all keys: it overwrites dK and dV.
    for (int seen = n; seen > 0; seen -= BLOCK) {
      int m = Math.min(BLOCK, seen);
      int i0 = seen - m;
      boolean add = seen < n;
      long qAt = q.address() + q.rowOffset(first + i0) + 4L * h * heads.kDim;
      long dqAt = dq.address() + dq.rowOffset(first + i0) + 4L * h * heads.kDim;
      long doAt = dOut.address() + dOut.rowOffset(first + i0) + 4L * h * heads.vDim;
      int wide = padded(seen); // whole registers; the softmax clears what is too much
      run(gemm, qAt, q.rowBytes(), 4, kT, ld, p, ld, m, wide, heads.kDim, false);
      run(gemm, doAt, dOut.rowBytes(), 4, vT, ld, d, ld, m, wide, heads.vDim, false);
      tape.gradientOps.causalSoftmax(p, d, ld, m, i0 + 1, wide, heads.scale);
      run(gemm, d, ld, 4, kAt, k.rowBytes(), dqAt, dq.rowBytes(), m, heads.kDim, seen, false);
      long dkRow = dkHeads.rowBytes();
      run(gemm, d, 4, ld, qAt, q.rowBytes(), dkAt, dkRow, seen, heads.kDim, m, add);
      run(
          gemm,
          p,
          4,
          ld,
          doAt,
          dOut.rowBytes(),
          dvAt,
          dvHeads.rowBytes(),
          seen,
          heads.vDim,
          m,
          add || heads.shared);
    }
  }

  private static void run(
      GemmKernel gemm,
      long a,
      long aRow,
      long aCol,
      long b,
      long bRow,
      long c,
      long cRow,
      int m,
      int n,
      int k,
      boolean add) {
    gemm.run(new GemmKernel.Task(a, aRow, aCol, b, bRow, c, cRow, m, n, k, add), 0, m);
  }

  /**
   * Keys or values of each sequence and head with their columns as rows, {@code longest} numbers
   * long and padded with 0: [sequences · kvHeads · dim, longest].
   */
  private Tensor transposed(Tensor x, int dim) {
    Tensor to = tape.take((starts.length - 1) * heads.kvHeads * dim, longest);
    tape.parallel.run(
        (starts.length - 1) * heads.kvHeads,
        1,
        (from, until, thread) -> {
          for (int u = from; u < until; u++) {
            transpose(
                x,
                u / heads.kvHeads,
                u % heads.kvHeads * dim,
                to.rows(u * dim, (u + 1) * dim).data());
          }
        });
    return to;
  }

  private void transpose(Tensor x, int sequence, int col, MemorySegment to) {
    int first = starts[sequence];
    int n = starts[sequence + 1] - first;
    long ld = 4L * longest;
    int dim = (int) (to.byteSize() / ld);
    for (int c = 0; c < dim; c++) {
      to.asSlice(ld * c + 4L * n, 4L * (padded(n) - n)).fill((byte) 0);
    }
    for (int t = 0; t < n; t++) {
      long from = x.rowOffset(first + t) + 4L * col;
      for (int c = 0; c < dim; c++) {
        to.set(JAVA_FLOAT, ld * c + 4L * t, x.data().get(JAVA_FLOAT, from + 4L * c));
      }
    }
  }
}
