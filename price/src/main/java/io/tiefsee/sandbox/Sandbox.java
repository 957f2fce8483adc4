package io.tiefsee.sandbox;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs in processes that are used again for the next program as long as they behave, so
 * that hundreds are run quickly. Thread-safe; programs beyond {@link Limits#processes} wait.
 */
public final class Sandbox implements AutoCloseable {
  /** What a process may have left behind is gone after so many programs. */
  private static final int MOST_PROGRAMS = 500;

  private static final int IDLE_SECONDS = 60;

  private final Limits limits;
  private final Semaphore free;
  private final Deque<Idle> idle = new ArrayDeque<>();
  private boolean closed;

  /** A process that waits for work. */
  private record Idle(Worker worker, int programs) {}

  /** A sandbox of one's own; processes are started when they are needed. */
  public Sandbox(Limits limits) {
    this.limits = limits;
    free = new Semaphore(limits.processes());
  }

  private static final class Shared {
    static final Sandbox SANDBOX = make();

    private static Sandbox make() {
      Sandbox sandbox = new Sandbox(Limits.standard());
      Runtime.getRuntime().addShutdownHook(new Thread(sandbox::close));
      return sandbox;
    }
  }

  /** The sandbox that all of a program share, with {@link Limits#standard}; it is never closed. */
  public static Sandbox shared() {
    return Shared.SANDBOX;
  }

  /**
   * Runs a program.
   *
   * @throws io.tiefsee.tensor.BadInput if no process can be started
   * @throws IllegalStateException if the sandbox is closed
   */
  public Outcome run(Program program) {
    if (program.source().length() > Wire.MAX_TEXT / 4) {
      return new Outcome.Refused("the program is too long");
    }
    free.acquireUninterruptibly();
    try {
      Worker worker = take().orElseGet(() -> Worker.start(limits));
      Outcome outcome = worker.run(program);
      release(worker);
      return outcome;
    } finally {
      free.release();
    }
  }

  private synchronized Optional<Worker> take() {
    if (closed) {
      throw new IllegalStateException("the sandbox is closed");
    }
    while (!idle.isEmpty()) {
      Worker worker = idle.pop().worker();
      if (worker.isAlive()) {
        return Optional.of(worker);
      }
      worker.close();
    }
    return Optional.empty();
  }

  private synchronized void release(Worker worker) {
    if (closed || !worker.isAlive() || worker.programs() >= MOST_PROGRAMS) {
      worker.close();
      return;
    }
    Idle waits = new Idle(worker, worker.programs());
    idle.push(waits);
    Worker.CLOCK.schedule(() -> retire(waits), IDLE_SECONDS, TimeUnit.SECONDS);
  }

  /** Ends a process that has not run a program since. */
  private synchronized void retire(Idle waits) {
    if (idle.remove(waits)) {
      waits.worker().close();
    }
  }

  /** Ends the processes that wait; one that runs ends after its program. */
  @Override
  public synchronized void close() {
    closed = true;
    idle.forEach(waits -> waits.worker().close());
    idle.clear();
  }
}
