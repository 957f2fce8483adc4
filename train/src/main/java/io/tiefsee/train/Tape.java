package io.tiefsee.train;

import io.tiefsee.kernel.GradientKernels;
import io.tiefsee.kernel.GradientOps;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.RowOps;
import io.tiefsee.model.Products;
import io.tiefsee.model.TensorPool;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Remembers what a forward pass did, to run it backward: each operation leaves a closure that takes
 * the gradient of its result and adds to those of its inputs and parameters.
 *
 * <p>Tensors made on the tape, and their gradients, hold until {@link #clear}; the memory is then
 * used again. A tensor's gradient is found by the tensor object itself. One thread calls; work
 * inside is shared by {@link Parallel}, and no result depends on the number of threads.
 */
public final class Tape implements AutoCloseable {
  /** Elements below which work on rows is not worth waking the other threads. */
  private static final int SMALL = 1 << 13;

  final KernelTable kernels;
  final RowOps rowOps;
  final GradientKernels gradientKernels;
  final GradientOps gradientOps;
  final Parallel parallel;
  final Parameters parameters;
  final Products products = new Products();
  final Gemms gemms;
  private final Arena arena = Arena.ofShared();
  private final TensorPool pool = new TensorPool(arena);
  private final TensorPool.Mark start = pool.mark();
  private final Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
  private final List<Runnable> steps = new ArrayList<>();

  /** Whether something that learns has been met: no backward is needed of what comes before. */
  private boolean learning;

  /**
   * @param isa the best instruction set that may be used
   * @param parameters what learns; other weights are taken as fixed
   */
  public Tape(Isa isa, Parallel parallel, Parameters parameters) {
    this.kernels = Kernels.forIsa(isa);
    this.rowOps = kernels.ops();
    this.gradientKernels = GradientKernels.forIsa(isa);
    this.gradientOps = gradientKernels.ops();
    this.gemms = new Gemms(gradientKernels.gemm());
    this.parallel = parallel;
    this.parameters = parameters;
    this.learning = !parameters.lowRank();
  }

  /** Forgets the pass; tensors made on the tape may be used no longer. */
  public void clear() {
    steps.clear();
    gradients.clear();
    pool.release(start);
    learning = !parameters.lowRank();
  }

  /** An f32 tensor with undefined contents. */
  Tensor take(int rows, int cols) {
    return pool.take(QuantType.F32, rows, cols);
  }

  /** Runs {@code work} with memory that is free again afterwards; it may make no gradients. */
  void scratch(Runnable work) {
    TensorPool.Mark mark = pool.mark();
    work.run();
    pool.release(mark);
  }

  /** Leaves the backward of an operation; it is run only if the result {@code y} has a gradient. */
  void record(Tensor y, Runnable backward) {
    if (learning) {
      steps.add(() -> {
        if (gradients.containsKey(y)) {
          backward.run();
        }
      });
    }
  }

  /** An adapter is met: backward goes down to here at least. */
  void learns() {
    learning = true;
  }

  /** True if something has added to the gradient of {@code x}. */
  boolean hasGradient(Tensor x) {
    return gradients.containsKey(x);
  }

  /** The gradient of {@code x}, of its shape, to add to; zero at first. */
  Tensor gradient(Tensor x) {
    Tensor g = gradients.get(x);
    if (g == null) {
      g = newGradient(x);
      g.fill(0);
    }
    return g;
  }

  /** Memory for the gradient of {@code x}, which has none yet, to be overwritten. */
  Tensor newGradient(Tensor x) {
    Tensor g = take(x.rows(), x.cols());
    gradients.put(x, g);
    return g;
  }

  /** Makes {@code g}, which nobody else uses any more, the gradient of {@code x}. */
  void giveGradient(Tensor x, Tensor g) {
    gradients.put(x, g);
  }

  /** Shares rows among the threads, if they are worth it. */
  void rows(int rows, int cols, Parallel.Body body) {
    if ((long) rows * cols <= SMALL) {
      body.run(0, rows, 0);
    } else {
      parallel.run(rows, 1, body);
    }
  }

  /** Shares columns among the threads. */
  void columns(int rows, int cols, Parallel.Body body) {
    if ((long) rows * cols <= SMALL) {
      body.run(0, cols, 0);
    } else {
      parallel.run(cols, 32, body);
    }
  }

  /** Runs everything backward, from the gradients that a loss has left. */
  public void backward() {
    for (Runnable step : steps.reversed()) {
      step.run();
    }
    steps.clear();
  }

  @Override
  public void close() {
    arena.close();
  }
}
