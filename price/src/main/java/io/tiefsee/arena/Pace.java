package io.tiefsee.arena;

import java.util.concurrent.TimeUnit;

/** Lets requests out evenly, so many a minute. Thread-safe. */
final class Pace {
  private static final double NANOS_PER_MINUTE = 60e9;

  private final long interval;
  private long next = System.nanoTime();

  /**
   * @param perMinute 0: no limit
   */
  Pace(double perMinute) {
    interval = perMinute > 0 ? (long) (NANOS_PER_MINUTE / perMinute) : 0;
  }

  /** Waits for one's turn. */
  void await() throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(reserve(System.nanoTime()));
  }

  /** How long who comes now has to wait, in nanoseconds. */
  synchronized long reserve(long now) {
    long turn = Math.max(now, next);
    next = turn + interval;
    return turn - now;
  }
}
