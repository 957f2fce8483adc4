package io.tiefsee.train;

import io.tiefsee.kernel.GemmKernel;
import io.tiefsee.tensor.Parallel;
import java.util.ArrayList;
import java.util.List;

/** Independent products that the threads share in one go. Refilled for every use. */
final class Gemms implements Parallel.Body {
  /** Rows of a kernel's tile: pieces of work are multiples of it. */
  private static final int TILE = 12;

  /** Pieces of work for each thread: so many that the last one to end is soon waited for. */
  private static final int PIECES = 8;

  /** Multiply-adds below which work is not worth waking the other threads. */
  private static final long SMALL = 1 << 18;

  private final GemmKernel kernel;
  private final List<GemmKernel.Task> tasks = new ArrayList<>();

  /** Rows of a piece, by task; pieces are about equal in work. */
  private int[] rows = {};

  private long work;

  Gemms(GemmKernel kernel) {
    this.kernel = kernel;
  }

  /** Adds a product whose result no other one of this go writes. */
  void add(GemmKernel.Task task) {
    tasks.add(task);
    work += work(task, task.m());
  }

  /** Computes all products added since the last call. */
  void run(Parallel parallel) {
    if (work <= SMALL || parallel.threads() == 1) {
      for (GemmKernel.Task t : tasks) {
        kernel.run(t, 0, t.m());
      }
    } else {
      parallel.run(pieces(work / (PIECES * parallel.threads())), 1, this);
    }
    tasks.clear();
    work = 0;
  }

  private static long work(GemmKernel.Task t, int m) {
    return (long) m * t.n() * t.k();
  }

  /** Cuts the tasks into pieces of about so much work; how many. */
  private int pieces(long size) {
    rows = new int[tasks.size()];
    int pieces = 0;
    for (int i = 0; i < rows.length; i++) {
      GemmKernel.Task t = tasks.get(i);
      long tiles = Math.max(1, size / Math.max(1, work(t, TILE)));
      rows[i] = (int) Math.min(TILE * tiles, Math.max(1, t.m()));
      pieces += Math.ceilDiv(t.m(), rows[i]);
    }
    return pieces;
  }

  @Override
  public void run(int from, int to, int thread) {
    int first = 0;
    for (int i = 0; i < rows.length; i++) {
      GemmKernel.Task t = tasks.get(i);
      int n = Math.ceilDiv(t.m(), rows[i]);
      int start = Math.max(from, first) - first;
      int end = Math.min(to, first + n) - first;
      if (start < end) {
        kernel.run(t, start * rows[i], Math.min(t.m(), end * rows[i]));
      }
      first += n;
    }
  }
}
