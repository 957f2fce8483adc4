package io.tiefsee.server;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Supplier;

/** Writes something whenever an answer has been silent for a while. Used on its event loop only. */
final class KeepAlive {
  private final Context context;
  private final HttpServerResponse response;
  private long lastWrite = System.nanoTime();
  private long timer = -1;

  KeepAlive(Context context, HttpServerResponse response) {
    this.context = context;
    this.response = response;
  }

  /** Something was written. */
  void wrote() {
    lastWrite = System.nanoTime();
  }

  /**
   * Begins, unless it has begun or the answer is complete.
   *
   * @param millis of silence
   * @param write writes something
   */
  void start(long millis, Supplier<Future<Void>> write) {
    if (timer < 0 && !response.ended()) {
      timer = context.owner().setPeriodic(Math.max(1, millis / 2), id -> tick(millis, write));
    }
  }

  private void tick(long millis, Supplier<Future<Void>> write) {
    if (response.ended() || response.closed()) {
      stop();
    } else if (System.nanoTime() - lastWrite >= millis * 1_000_000 && !response.writeQueueFull()) {
      wrote();
      Future<Void> ignored = write.get();
    }
  }

  void stop() {
    if (timer >= 0) {
      boolean ignored = context.owner().cancelTimer(timer);
      timer = -1;
    }
  }
}
