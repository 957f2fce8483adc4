package io.tiefsee.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.utils.Signals;

/**
 * Ctrl-C as a wish instead of an end: while this is open, the first SIGINT runs the action, and the
 * second one ends the process.
 */
final class Interrupts implements AutoCloseable {
  private static final String SIGNAL = "INT";

  private final AtomicBoolean happened = new AtomicBoolean();
  private final Object before;

  Interrupts(Runnable action) {
    before =
        Signals.register(
            SIGNAL,
            () -> {
              if (happened.getAndSet(true)) {
                Runtime.getRuntime().halt(Main.INTERRUPTED);
              }
              action.run();
            });
  }

  /** Whether there was a SIGINT. */
  boolean happened() {
    return happened.get();
  }

  @Override
  public void close() {
    Signals.unregister(SIGNAL, before);
  }
}
