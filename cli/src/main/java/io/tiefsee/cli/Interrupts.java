package io.tiefsee.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.utils.Signals;

/** Ctrl-C, and other signals on request, as a wish instead of an end, while this is open. */
final class Interrupts implements AutoCloseable {
  private final AtomicBoolean happened = new AtomicBoolean();
  private final Map<String, Object> before = new LinkedHashMap<>();

  /**
   * @param first what the first SIGINT does
   * @param again what each further one does
   */
  Interrupts(Runnable first, Runnable again) {
    this(List.of("INT"), first, again);
  }

  /**
   * @param signals by their names without SIG
   */
  Interrupts(List<String> signals, Runnable first, Runnable again) {
    for (String signal : signals) {
      before.put(
          signal, Signals.register(signal, () -> (happened.getAndSet(true) ? again : first).run()));
    }
  }

  /** Whether there was one of the signals. */
  boolean happened() {
    return happened.get();
  }

  @Override
  public void close() {
    before.forEach(Signals::unregister);
  }
}
