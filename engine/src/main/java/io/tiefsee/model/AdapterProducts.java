package io.tiefsee.model;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.KernelTable;
import io.tiefsee.tensor.LowRank;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;

/**
 * The adapters' part of products, in f32: low = scale · x·downᵀ, then y += low·upᵀ. Serving and
 * training share it, so that both get the same bits.
 */
public final class AdapterProducts {
  private final KernelTable kernels;
  private final Parallel parallel;
  private final TensorPool pool;

  /**
   * @param pool gives scratch memory
   */
  AdapterProducts(KernelTable kernels, Parallel parallel, TensorPool pool) {
    this.kernels = kernels;
    this.parallel = parallel;
    this.pool = pool;
  }

  /** Adds what the adapter of {@code w}, if there is one, gives for {@code x}. */
  void add(Matrix w, Tensor x, Tensor y) {
    if (w.adapter().isPresent()) {
      LowRank a = w.adapter().get();
      Tensor low = pool.take(QuantType.F32, x.rows(), a.rank());
      Tensor change = pool.take(QuantType.F32, x.rows(), w.rows());
      add(kernels, parallel, a, x, low, change, y);
    }
  }

  /**
   * Adds an adapter's product; the threads share the rows.
   *
   * @param x f32 [tokens, cols]
   * @param low [tokens, rank], becomes scale · x·downᵀ
   * @param change [tokens, rows], scratch
   * @param y [tokens, rows], added to
   */
  public static void add(
      KernelTable kernels,
      Parallel parallel,
      LowRank a,
      Tensor x,
      Tensor low,
      Tensor change,
      Tensor y) {
    if (x.rows() == 1) {
      add(kernels, a, x, low, change, y);
      return;
    }
    parallel.run(
        x.rows(),
        1,
        (from, to, id) ->
            add(
                kernels,
                a,
                x.rows(from, to),
                low.rows(from, to),
                change.rows(from, to),
                y.rows(from, to)));
  }

  /** As the other, on this thread alone. */
  public static void add(
      KernelTable kernels, LowRank a, Tensor x, Tensor low, Tensor change, Tensor y) {
    kernels.matmul(a.down(), QuantType.F32).run(a.down(), x, low, 0, a.rank());
    scale(low, a.scale());
    kernels.matmul(a.up(), QuantType.F32).run(a.up(), low, change, 0, a.up().rows());
    kernels.ops().add(change, y, 0, y.rows());
  }

  /** x · factor, in place. */
  public static void scale(Tensor x, float factor) {
    for (long i = 0, n = (long) x.rows() * x.cols(); i < n && factor != 1; i++) {
      x.data().setAtIndex(JAVA_FLOAT, i, factor * x.data().getAtIndex(JAVA_FLOAT, i));
    }
  }
}
