package io.tiefsee.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.utils.Signals;

/** Ctrl-C as a wish instead of an end, while this is open. */
final class Interrupts implements AutoCloseable {
  private static final String SIGNAL = "INT";

  private final AtomicBoolean happened = new AtomicBoolean();
  private final Object before;

  /**
   * @param first what the first SIGINT does
   * @param again what each further one does
   */
  Interrupts(Runnable first, Runnable again) {
    before = Signals.register(SIGNAL, () -> (happened.getAndSet(true) ? again : first).run());
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
