package io.tiefsee.sandbox;

import java.time.Duration;

/**
 * What a program may use.
 *
 * @param memoryMiB heap of its process
 * @param time for all its calls together, from when its process is ready
 * @param outputBytes of one result, as JSON
 * @param processes that may run at the same time
 */
public record Limits(int memoryMiB, Duration time, int outputBytes, int processes) {
  private static final int MOST_PROCESSES = 4;

  /** 64 MiB, 5 seconds, 64 KiB, as many processes as there are cores, up to four. */
  public static Limits standard() {
    int cores = Runtime.getRuntime().availableProcessors();
    return new Limits(64, Duration.ofSeconds(5), 1 << 16, Math.clamp(cores, 1, MOST_PROCESSES));
  }
}
