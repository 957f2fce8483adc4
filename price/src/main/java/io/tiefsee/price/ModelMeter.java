package io.tiefsee.price;

import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Energy by a model of the machine: P = idle + (load − idle) · busy cores / cores. The watts are
 * declared by the user, or estimated from the kind of processor.
 */
final class ModelMeter implements Meter {
  private final Method method;
  private final String source;
  private final double idleWatts;
  private final double loadWatts;
  private final int cores;
  private final Supplier<CpuTimes> times;
  private final LongSupplier clock;
  private long lastNanos;
  private long lastBusy;
  private double nanojoules;

  /**
   * @param cores that are busy at {@code loadWatts}
   * @param clock in nanoseconds
   */
  ModelMeter(
      Method method,
      String source,
      double idleWatts,
      double loadWatts,
      int cores,
      Supplier<CpuTimes> times,
      LongSupplier clock) {
    this.method = method;
    this.source = source;
    this.idleWatts = idleWatts;
    this.loadWatts = loadWatts;
    this.cores = cores;
    this.times = times;
    this.clock = clock;
    lastNanos = clock.getAsLong();
    lastBusy = times.get().busy();
  }

  @Override
  public Method method() {
    return method;
  }

  @Override
  public String source() {
    return String.format(
        Locale.ROOT, "%s: %.1f W idle, %.1f W under load", source, idleWatts, loadWatts);
  }

  @Override
  public synchronized long nanojoules() {
    long now = clock.getAsLong();
    long busy = times.get().busy();
    // Two hardware threads of a core are busy together: a core is never more than busy.
    double shareNanos = Math.min(now - lastNanos, (busy - lastBusy) / (double) cores);
    nanojoules += idleWatts * (now - lastNanos) + (loadWatts - idleWatts) * Math.max(0, shareNanos);
    lastNanos = now;
    lastBusy = busy;
    return (long) nanojoules;
  }
}
