package io.tiefsee.price;

import io.tiefsee.price.PowerSource.Unit;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A meter of the whole machine: a smart plug that a command asks, or a file that something keeps up
 * to date. A thread of its own reads it. Between two readings of watts the last ones hold; between
 * two of a counter the power of the interval before does.
 */
final class WallMeter implements Meter {
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?");

  /** Characters of a reading that are looked at. */
  private static final int MOST = 4096;

  /** Readings in a row that may fail. */
  private static final int PATIENCE = 3;

  /** Where the number is from. */
  @FunctionalInterface
  interface Source {
    /** The text with the number in it; may take its time. */
    String read() throws IOException, InterruptedException;
  }

  private final String name;
  private final Unit unit;
  private final Source source;
  private final Duration interval;
  private final long stale;
  private final LongSupplier clock;
  private final Thread thread;
  private final CountDownLatch first = new CountDownLatch(1);
  private String failure = "it has not answered yet";
  private boolean known;
  private double watts;
  private double counter;
  private double joules;
  private double reported;
  private long lastGood;
  private volatile boolean closed;

  private WallMeter(
      String name, Unit unit, Source source, Duration interval, Duration timeout, LongSupplier c) {
    this.name = name;
    this.unit = unit;
    this.source = source;
    this.interval = interval;
    this.stale = PATIENCE * interval.plus(timeout).toNanos();
    this.clock = c;
    this.lastGood = c.getAsLong();
    thread = Thread.ofPlatform().daemon().name("tiefsee-wall-meter").start(this::loop);
  }

  /**
   * Waits for the first reading.
   *
   * @throws Lost if none is declared, or it does not answer in time
   */
  static WallMeter open(PowerSource declared, LongSupplier clock) throws Lost {
    if (!declared.hasWallMeter()) {
      throw new Lost("wall meter: none is declared in the price book");
    }
    Duration timeout = declared.timeout();
    Source source =
        declared
            .path()
            .<Source>map(file -> () -> ofFile(file))
            .orElseGet(() -> () -> ofCommand(declared.command().orElseThrow(), timeout));
    String name = declared.command().or(declared::file).orElseThrow();
    WallMeter meter =
        new WallMeter(name, declared.unit(), source, declared.interval(), timeout, clock);
    meter.awaitFirst(timeout);
    return meter;
  }

  private void awaitFirst(Duration timeout) throws Lost {
    try {
      // The command itself is ended after the time; a little more lets its failure be told.
      boolean ignored = first.await(timeout.toMillis() + 1000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      if (!known) {
        close();
        throw new Lost("wall meter " + name + ": " + failure);
      }
    }
  }

  private static String ofFile(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MOST), StandardCharsets.UTF_8);
    }
  }

  private static String ofCommand(String command, Duration timeout)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(List.of("sh", "-c", command))
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    try (InputStream out = process.getInputStream()) {
      if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException("no answer within " + timeout.toMillis() + " ms");
      }
      String text = new String(out.readNBytes(MOST), StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        String said = text.strip().lines().findFirst().orElse("");
        throw new IOException("it ended with status " + process.exitValue() + " " + said);
      }
      return text;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      Process ignored = process.destroyForcibly();
    }
  }

  private void loop() {
    try {
      while (!closed) {
        try {
          took(number(source.read()));
        } catch (IOException e) {
          failed(BadInput.reason(e));
        }
        Thread.sleep(interval);
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  /** The first number in a text, which has to be sensible. */
  private static double number(String text) throws IOException {
    Matcher number = NUMBER.matcher(text);
    double value = number.find() ? Double.parseDouble(number.group()) : Double.NaN;
    if (!Double.isFinite(value) || value < 0) {
      String seen = text.strip().replaceAll("\\s+", " ");
      throw new IOException(
          "no number of watts or joules: " + seen.substring(0, Math.min(40, seen.length())));
    }
    return value;
  }

  private synchronized void took(double value) {
    long now = clock.getAsLong();
    double seconds = (now - lastGood) / 1e9;
    if (unit == Unit.WATTS) {
      joules += known ? watts * seconds : 0;
      watts = value;
    } else {
      // A counter that went back was reset: what it counted in between is not known.
      double gone = known ? Math.max(0, value - counter) : 0;
      joules += gone;
      watts = seconds > 0 ? gone / seconds : 0;
      counter = value;
    }
    lastGood = now;
    known = true;
    first.countDown();
  }

  private synchronized void failed(String why) {
    failure = why;
    first.countDown();
  }

  @Override
  public Method method() {
    return Method.WALL;
  }

  @Override
  public String source() {
    return "wall meter: " + name;
  }

  @Override
  public synchronized long nanojoules() throws Lost {
    long since = clock.getAsLong() - lastGood;
    if (since > stale) {
      throw new Lost("wall meter " + name + ": " + failure);
    }
    reported = Math.max(reported, joules + watts * since / 1e9);
    return (long) (reported * 1e9);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
