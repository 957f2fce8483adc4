package io.tiefsee.model;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.RowOps;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * The routed experts of one batch: tokens are gathered by expert, so that each chosen expert's
 * weights are read once, and all experts' products are one piece of work for the threads.
 */
final class Experts {
  private final KernelTable kernels;
  private final RowOps rowOps;
  private final Parallel parallel;
  private final TensorPool pool;
  private final QuantType mode;
  private final Products products = new Products();
  private final AdapterProducts adapters;
  private int[] start = new int[0];
  private int[] place = new int[0];

  Experts(KernelTable kernels, Parallel parallel, TensorPool pool, QuantType mode) {
    this.kernels = kernels;
    this.rowOps = kernels.ops();
    this.parallel = parallel;
    this.pool = pool;
    this.mode = mode;
    this.adapters = new AdapterProducts(kernels, parallel, pool);
  }

  /**
   * Weighted sum of each token's experts.
   *
   * @param x [tokens, dim]
   * @param y [tokens, dim], overwritten
   */
  void run(FfnSpec.Moe spec, ModelWeights.Moe w, Router router, Tensor x, Tensor y) {
    int tokens = x.rows();
    int visits = tokens * spec.used();
    sort(spec, router, tokens);

    QuantType in = activations(w.gateUp()[0][0]);
    Tensor source = quantized(x, in);
    Tensor xs = gathered(source, spec.used());
    Tensor gate = pool.take(QuantType.F32, visits, spec.hidden());
    Tensor up = pool.take(QuantType.F32, visits, spec.hidden());
    for (int e = 0; e < spec.experts(); e++) {
      if (start[e + 1] > start[e]) {
        Tensor part = rows(xs, e);
        Matrix[] m = w.gateUp()[e];
        products.add(kernels.matmul(m[0], in), m[0], part, rows(gate, e));
        products.add(kernels.matmul(m[1], in), m[1], part, rows(up, e));
      }
    }
    products.run(parallel);
    if (adapted(w.gateUp())) {
      Tensor plain = in == QuantType.F32 ? xs : gathered(x, spec.used());
      for (int e = 0; e < spec.experts(); e++) {
        if (start[e + 1] > start[e]) {
          adapters.add(w.gateUp()[e][0], rows(plain, e), rows(gate, e));
          adapters.add(w.gateUp()[e][1], rows(plain, e), rows(up, e));
        }
      }
    }
    if ((long) visits * spec.hidden() <= EagerOps.SMALL) {
      rowOps.swiglu(gate, up, gate, 0, visits);
    } else {
      parallel.run(visits, 1, (from, to, id) -> rowOps.swiglu(gate, up, gate, from, to));
    }

    QuantType inner = activations(w.down()[0]);
    Tensor hidden = quantized(gate, inner);
    Tensor out = pool.take(QuantType.F32, visits, x.cols());
    for (int e = 0; e < spec.experts(); e++) {
      if (start[e + 1] > start[e]) {
        Matrix m = w.down()[e];
        products.add(kernels.matmul(m, inner), m, rows(hidden, e), rows(out, e));
      }
    }
    products.run(parallel);
    for (int e = 0; e < spec.experts(); e++) {
      if (start[e + 1] > start[e] && w.down()[e].adapter().isPresent()) {
        adapters.add(w.down()[e], rows(gate, e), rows(out, e));
      }
    }

    if ((long) visits * x.cols() <= EagerOps.SMALL) {
      sum(spec, router, out, y, 0, tokens);
    } else {
      parallel.run(tokens, 1, (from, to, id) -> sum(spec, router, out, y, from, to));
    }
  }

  /** Each token's row once for each of its experts, sorted by expert. */
  private Tensor gathered(Tensor x, int used) {
    int visits = x.rows() * used;
    Tensor xs = pool.take(x.type(), visits, x.cols());
    for (int v = 0; v < visits; v++) {
      MemorySegment.copy(
          x.data(),
          JAVA_BYTE,
          x.rowOffset(v / used),
          xs.data(),
          JAVA_BYTE,
          xs.rowOffset(place[v]),
          xs.rowBytes());
    }
    return xs;
  }

  private static boolean adapted(Matrix[][] gateUp) {
    for (Matrix[] m : gateUp) {
      if (m[0].adapter().isPresent() || m[1].adapter().isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** y[t] = the weighted rows of token t's experts, in ascending order of the experts. */
  private void sum(FfnSpec.Moe spec, Router router, Tensor out, Tensor y, int from, int to) {
    if (to - from == y.rows()) {
      y.fill(0);
    } else {
      y.rows(from, to).fill(0);
    }
    for (int t = from, v = from * spec.used(); t < to; t++) {
      for (int i = 0; i < spec.used(); i++, v++) {
        rowOps.addScaled(out, place[v], router.weight(t, i), y, t);
      }
    }
  }

  /** Counting sort of the visits by expert: place[visit] is its row, start[e] the first of e. */
  private void sort(FfnSpec.Moe spec, Router router, int tokens) {
    int used = spec.used();
    if (start.length < spec.experts() + 1) {
      start = new int[spec.experts() + 1];
    }
    if (place.length < tokens * used) {
      place = new int[tokens * used];
    }
    java.util.Arrays.fill(start, 0);
    for (int t = 0; t < tokens; t++) {
      for (int i = 0; i < used; i++) {
        start[router.expert(t, i) + 1]++;
      }
    }
    for (int e = 0; e < spec.experts(); e++) {
      start[e + 1] += start[e];
    }
    for (int t = 0, v = 0; t < tokens; t++) {
      for (int i = 0; i < used; i++, v++) {
        place[v] = start[router.expert(t, i)]++;
      }
    }
    for (int e = spec.experts(); e > 0; e--) {
      start[e] = start[e - 1];
    }
    start[0] = 0;
  }

  /** The rows of expert {@code e}; single rows come from the pool's views, without garbage. */
  private Tensor rows(Tensor t, int e) {
    return start[e + 1] - start[e] == 1 && t.rows() <= 64
        ? pool.split(t, t.rows())[start[e]]
        : t.rows(start[e], start[e + 1]);
  }

  private QuantType activations(Matrix w) {
    return w.type().isFloat() ? QuantType.F32 : mode;
  }

  private Tensor quantized(Tensor x, QuantType type) {
    if (type == QuantType.F32) {
      return x;
    }
    Tensor q = pool.take(type, x.rows(), x.cols());
    if ((long) x.rows() * x.cols() <= EagerOps.SMALL) {
      rowOps.quantize(x, q, 0, x.rows());
    } else {
      parallel.run(x.rows(), 1, (from, to, id) -> rowOps.quantize(x, q, from, to));
    }
    return q;
  }
}
