package io.tiefsee.cli;

import io.tiefsee.engine.EngineOptions;

/**
 * A line on the error stream that shows how far a long piece of work is; only on a terminal, and
 * only once the work has taken a second. Several threads may report.
 */
final class ProgressBar implements EngineOptions.Progress {
  private static final long PATIENCE = 1_000_000_000;
  private static final long INTERVAL = 100_000_000;
  private static final int WIDTH = 30;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final Streams streams;
  private String work = "";
  private long began;
  private long shown;
  private boolean visible;

  ProgressBar(Streams streams) {
    this.streams = streams;
  }

  @Override
  public synchronized void report(String what, long done, long total) {
    if (!streams.errTerminal() || total <= 0) {
      return;
    }
    long now = System.nanoTime();
    if (!what.equals(work)) {
      work = what;
      began = now;
    }
    if (done >= total) {
      clear();
    } else if (now - began > PATIENCE && now - shown > INTERVAL) {
      shown = now;
      visible = true;
      int full = (int) (WIDTH * done / total);
      streams
          .err()
          .print(
              "\r%s %s%s %d %%"
                  .formatted(work, "█".repeat(full), "░".repeat(WIDTH - full), 100 * done / total));
      streams.err().flush();
    }
  }

  private void clear() {
    if (visible) {
      streams.err().print(CLEAR_LINE);
      streams.err().flush();
    }
    visible = false;
    work = "";
  }
}
