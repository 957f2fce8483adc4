package io.tiefsee.tensor;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads of the engine: a fixed team that splits index ranges. Kernels never start threads;
 * whoever calls them asks here.
 *
 * <p>One thread at a time may call {@link #run}; it works along. Chunks are claimed from one atomic
 * ticket that carries the number of the call, so a helper that wakes up late finds nothing to claim
 * and nobody waits for it: the call ends when all chunks are done, not when all helpers have
 * noticed. Helpers spin for a while after a call, then park. Which thread takes which chunk is
 * chance; a body must therefore give the same result for every split (house rule: every kernel adds
 * up in an order that does not depend on thread count).
 */
public final class Parallel implements AutoCloseable {
  /** Work on indices [from, to); {@code thread} is 0 … threads-1, distinct among running bodies. */
  @FunctionalInterface
  public interface Body {
    void run(int from, int to, int thread);
  }

  private static final int SPINS = 20_000;
  private static final Body NOTHING = (from, to, thread) -> {};

  private final Thread[] helpers;
  private final AtomicLong ticket = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final AtomicInteger parked = new AtomicInteger();
  private volatile boolean closed;
  private volatile Throwable failure;
  // Written before the ticket is published, read only after a chunk of that call was claimed.
  private Body body = NOTHING;
  private int total;
  private int chunk = 1;
  private int call;

  public Parallel(int threads) {
    if (threads < 1) {
      throw new BadInput("the number of threads must be at least 1, not " + threads);
    }
    helpers = new Thread[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      int id = i + 1;
      helpers[i] = Thread.ofPlatform().daemon().name("tiefsee-" + id).unstarted(() -> serve(id));
    }
    for (Thread t : helpers) {
      t.start();
    }
  }

  /** One thread per physical core: hyper-threads share the units that the kernels fill. */
  public static int defaultThreads() {
    return Cores.physical();
  }

  public int threads() {
    return helpers.length + 1;
  }

  /**
   * Runs {@code work} over [0, n) in chunks whose starts are multiples of {@code grain}, and
   * returns when all are done. An exception of a body is thrown here, after the other chunks ended.
   */
  public void run(int n, int grain, Body work) {
    if (n <= 0) {
      return;
    }
    if (helpers.length == 0 || n <= grain) {
      work.run(0, n, 0);
      return;
    }
    int units = Math.ceilDiv(n, grain);
    // Several chunks a thread even out noise; too many cost tickets.
    int perChunk = Math.max(1, units / (threads() * 4));
    body = work;
    total = n;
    chunk = perChunk * grain;
    int chunks = Math.ceilDiv(n, chunk);
    failure = null;
    done.set(0);
    int id = ++call;
    ticket.set(((long) id << 32) | chunks);
    if (parked.get() > 0) {
      wakeAll();
    }
    take(id, 0);
    int spins = 0;
    while (done.get() < chunks) {
      if (++spins < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    body = NOTHING;
    if (failure != null) {
      Throwable f = failure;
      failure = null;
      throw f instanceof RuntimeException r ? r : new IllegalStateException("a kernel failed", f);
    }
  }

  /** Claims and works off chunks of call {@code id} until none is left. */
  private void take(int id, int thread) {
    while (true) {
      long now = ticket.get();
      int left = (int) now;
      if ((int) (now >>> 32) != id || left == 0) {
        return;
      }
      if (ticket.compareAndSet(now, now - 1)) {
        int from = (left - 1) * chunk;
        try {
          body.run(from, Math.min(total, from + chunk), thread);
        } catch (Throwable t) {
          failure = t;
        } finally {
          done.incrementAndGet();
        }
      }
    }
  }

  private void serve(int thread) {
    int spins = 0;
    while (!closed) {
      long now = ticket.get();
      if ((int) now != 0) {
        take((int) (now >>> 32), thread);
        spins = 0;
      } else if (++spins < SPINS) {
        Thread.onSpinWait();
      } else {
        parked.incrementAndGet();
        if ((int) ticket.get() == 0 && !closed) {
          LockSupport.park(this);
        }
        parked.decrementAndGet();
        spins = 0;
      }
    }
  }

  private void wakeAll() {
    for (Thread t : helpers) {
      LockSupport.unpark(t);
    }
  }

  /** Ends the helper threads. */
  @Override
  public void close() {
    closed = true;
    wakeAll();
    for (Thread t : helpers) {
      try {
        t.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
