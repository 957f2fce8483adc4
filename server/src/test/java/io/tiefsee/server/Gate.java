package io.tiefsee.server;

import io.tiefsee.engine.Engine;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Lets an engine do so many steps and no more, until it is opened or closed. */
final class Gate implements AutoCloseable {
  private static final int PLENTY = 1_000_000;

  private final Semaphore permits;
  private final AtomicInteger steps = new AtomicInteger();

  /**
   * @param permits steps that may end; the next one does not
   */
  Gate(Engine engine, int permits) {
    this.permits = new Semaphore(permits);
    engine.addStepListener(step -> {
      steps.incrementAndGet();
      this.permits.acquireUninterruptibly();
    });
  }

  /** Steps that were computed, the one that waits here too. */
  int steps() {
    return steps.get();
  }

  /** Lets more steps through. */
  void open(int more) {
    permits.release(more);
  }

  /** Lets all steps through. */
  void open() {
    open(PLENTY);
  }

  @Override
  public void close() {
    open();
  }
}
