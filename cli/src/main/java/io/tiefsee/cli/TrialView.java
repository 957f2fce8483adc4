package io.tiefsee.cli;

import io.tiefsee.arena.TrialRun;
import io.tiefsee.recipe.Durations;
import java.util.Optional;

/**
 * Shows how far questions are answered: one line that changes on a terminal, else a line now and
 * then.
 */
final class TrialView implements TrialRun.View {
  private static final String CLEAR_LINE = "\r\u001b[K";
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 30_000_000_000L;

  private final Streams streams;
  private long shown = System.nanoTime() - PLAIN_NANOS;
  private boolean drawn;

  TrialView(Streams streams) {
    this.streams = streams;
  }

  @Override
  public synchronized void progress(
      String contestant, int done, int total, int correct, Optional<Double> secondsLeft) {
    long now = System.nanoTime();
    boolean last = done == total;
    if (!last && now - shown < (streams.errTerminal() ? TERMINAL_NANOS : PLAIN_NANOS)) {
      return;
    }
    shown = now;
    String left =
        secondsLeft.filter(s -> !last).map(s -> ", " + Durations.of(s) + " left").orElse("");
    String right = done == 0 ? "" : ", %.1f %% right".formatted(100.0 * correct / done);
    String line = "%s: %d/%d answers%s%s".formatted(contestant, done, total, right, left);
    if (streams.errTerminal()) {
      streams.err().print(CLEAR_LINE + Streams.faint(line, streams.errColours()));
      streams.err().flush();
      drawn = true;
      if (last) {
        end();
      }
    } else {
      streams.note(line);
    }
  }

  /** Leaves the line that is drawn. */
  synchronized void end() {
    if (drawn) {
      streams.err().println();
      drawn = false;
    }
  }
}
