package io.tiefsee.arena;

import java.util.function.LongSupplier;

/**
 * Shares time among those who use it together: in each instant all present get the same part of it.
 * So the shares add up to the time in which anybody was present. Thread-safe.
 */
final class ShareClock {
  private final LongSupplier nanos;
  private int present;
  private long last;

  /** What one who had been present all the time would have got, in seconds. */
  private double share;

  ShareClock(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Comes; returns what to {@link #leave} with. */
  synchronized double enter() {
    advance();
    present++;
    return share;
  }

  /** Goes; returns the seconds that were one's own since {@link #enter}. */
  synchronized double leave(double entered) {
    advance();
    present--;
    return share - entered;
  }

  private void advance() {
    long now = nanos.getAsLong();
    if (present > 0) {
      share += (now - last) / 1e9 / present;
    }
    last = now;
  }
}
