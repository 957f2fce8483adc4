package io.tiefsee.price;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a user says about the machine's power: the table {@code [power]} of a price book.
 *
 * @param command prints a number when a shell runs it
 * @param file holds a number that something keeps up to date
 * @param unit what the number is
 * @param intervalSeconds between two readings
 * @param timeoutSeconds after which a reading has failed
 * @param idleWatts of the machine when nothing runs
 * @param loadWatts of the machine when all cores compute
 */
public record PowerSource(
    Optional<String> command,
    Optional<String> file,
    Unit unit,
    BigDecimal intervalSeconds,
    BigDecimal timeoutSeconds,
    Optional<BigDecimal> idleWatts,
    Optional<BigDecimal> loadWatts) {
  /** Nothing is said. */
  static final PowerSource UNKNOWN =
      new PowerSource(
          Optional.empty(),
          Optional.empty(),
          Unit.WATTS,
          BigDecimal.ONE,
          BigDecimal.valueOf(5),
          Optional.empty(),
          Optional.empty());

  /** What a wall meter's number means. */
  public enum Unit {
    WATTS,
    /** A counter that only grows. */
    JOULES
  }

  public PowerSource {
    if (command.isPresent() && file.isPresent()) {
      throw new BadInput("file and command are both given: a wall meter is one of them");
    }
    seconds("interval_seconds", intervalSeconds);
    seconds("timeout_seconds", timeoutSeconds);
    idleWatts.ifPresent(w -> Costs.notNegative("idle_watts", w));
    loadWatts.ifPresent(w -> Costs.notNegative("load_watts", w));
    if (idleWatts.isPresent()
        && loadWatts.isPresent()
        && idleWatts.get().compareTo(loadWatts.get()) > 0) {
      throw new BadInput("idle_watts are more than load_watts");
    }
  }

  private static void seconds(String key, BigDecimal value) {
    if (value.compareTo(new BigDecimal("0.01")) < 0
        || value.compareTo(BigDecimal.valueOf(3600)) > 0) {
      throw new BadInput(key + " is " + value + ", but must be 0.01 to 3600");
    }
  }

  boolean hasWallMeter() {
    return command.isPresent() || file.isPresent();
  }

  Optional<Path> path() {
    return file.map(Path::of);
  }

  Duration interval() {
    return duration(intervalSeconds);
  }

  Duration timeout() {
    return duration(timeoutSeconds);
  }

  private static Duration duration(BigDecimal seconds) {
    return Duration.ofNanos(seconds.movePointRight(9).longValue());
  }
}
