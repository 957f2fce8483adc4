package io.tiefsee.train;

import io.tiefsee.kernel.GemmKernel;
import io.tiefsee.tensor.Parallel;
import java.util.ArrayList;
import java.util.List;

/** Independent products that the threads share in one go. Refilled for every use. */
final class Gemms implements Parallel.Body {
  /** Rows of the smallest piece of work. */
  private static final int UNIT = 24;

  /** Multiply-adds below which work is not worth waking the other threads. */
  private static final long SMALL = 1 << 18;

  private final GemmKernel kernel;
  private final List<GemmKernel.Task> tasks = new ArrayList<>();
  private int units;
  private long work;

  Gemms(GemmKernel kernel) {
    this.kernel = kernel;
  }

  /** Adds a product whose result no other one of this go writes. */
  void add(GemmKernel.Task task) {
    tasks.add(task);
    units += Math.ceilDiv(task.m(), UNIT);
    work += (long) task.m() * task.n() * task.k();
  }

  /** Computes all products added since the last call. */
  void run(Parallel parallel) {
    if (work <= SMALL) {
      run(0, units, 0);
    } else {
      parallel.run(units, 1, this);
    }
    tasks.clear();
    units = 0;
    work = 0;
  }

  @Override
  public void run(int from, int to, int thread) {
    int first = 0;
    for (GemmKernel.Task t : tasks) {
      int n = Math.ceilDiv(t.m(), UNIT);
      int start = Math.max(from, first) - first;
      int end = Math.min(to, first + n) - first;
      if (start < end) {
        kernel.run(t, start * UNIT, Math.min(t.m(), end * UNIT));
      }
      first += n;
    }
  }
}
