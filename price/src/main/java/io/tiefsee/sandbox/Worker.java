package io.tiefsee.sandbox;

import io.tiefsee.sandbox.Outcome.Result;
import io.tiefsee.tensor.BadInput;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mozilla.javascript.Context;

/** A child process, as its parent sees it. Not thread-safe. */
final class Worker implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private static final Duration GRACE = Duration.ofSeconds(5);

  /** With which a Java ends that has {@code -XX:+ExitOnOutOfMemoryError}. */
  private static final int OUT_OF_MEMORY = 3;

  /** Kills what has had its time. */
  static final ScheduledThreadPoolExecutor CLOCK = clock();

  private final Limits limits;
  private final Path folder;
  private final Process process;
  private final DataInputStream in;
  private final DataOutputStream out;
  private int programs;

  private Worker(Limits limits, Path folder, Process process) {
    this.limits = limits;
    this.folder = folder;
    this.process = process;
    in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
    out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
  }

  private static ScheduledThreadPoolExecutor clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("sandbox").factory());
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  /**
   * Starts a process and waits until it is ready.
   *
   * @throws BadInput if it cannot be started
   */
  static Worker start(Limits limits) {
    Worker worker = null;
    try {
      Path folder = Files.createTempDirectory("tiefsee-sandbox");
      ProcessBuilder builder = new ProcessBuilder(command(limits, folder));
      builder.directory(folder.toFile());
      builder.environment().clear();
      builder.redirectError(ProcessBuilder.Redirect.DISCARD);
      worker = new Worker(limits, folder, builder.start());
      Worker started = worker;
      ScheduledFuture<?> kill =
          CLOCK.schedule(started::kill, START.toMillis(), TimeUnit.MILLISECONDS);
      int first = worker.in.read();
      if (!kill.cancel(false) || first != Wire.READY) {
        throw new IOException("it ended at once");
      }
      return worker;
    } catch (IOException | URISyntaxException e) {
      if (worker != null) {
        worker.close();
      }
      throw new BadInput("the sandbox for code cannot be started: " + e.getMessage(), e);
    }
  }

  private static List<String> command(Limits limits, Path folder) throws URISyntaxException {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx" + limits.memoryMiB() + "m",
        "-XX:MaxMetaspaceSize=64m",
        "-XX:MaxDirectMemorySize=1m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:+DisplayVMOutputToStderr",
        "-XX:-UsePerfData",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:ErrorFile=" + folder.resolve("error.log"),
        "-Djava.io.tmpdir=" + folder,
        "-Duser.home=" + folder,
        "-cp",
        place(Child.class) + System.getProperty("path.separator") + place(Context.class),
        Child.class.getName(),
        String.valueOf(limits.outputBytes()));
  }

  /** The folder or archive a class came from. */
  private static String place(Class<?> of) throws URISyntaxException {
    return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  /** Runs a program; afterwards {@link #isAlive} says whether it can run another. */
  Outcome run(Program program) {
    programs++;
    AtomicBoolean late = new AtomicBoolean();
    ScheduledFuture<?> kill =
        CLOCK.schedule(
            () -> {
              late.set(true);
              kill();
            },
            limits.time().toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      Wire.writeProgram(out, program);
      return read(program);
    } catch (IOException e) {
      int status = end();
      if (late.get()) {
        return new Outcome.Stopped(
            "it takes longer than %d ms".formatted(limits.time().toMillis()));
      }
      return new Outcome.Stopped(
          status == OUT_OF_MEMORY
              ? "it takes more than %d MiB of memory".formatted(limits.memoryMiB())
              : "the process that ran it ended");
    } finally {
      if (!kill.cancel(false)) {
        kill();
      }
    }
  }

  private Outcome read(Program program) throws IOException {
    List<Result> results = new ArrayList<>();
    while (results.size() < program.calls().size()) {
      int kind = in.readUnsignedByte();
      // As UTF-8 a character takes up to three bytes, and so does the longest message.
      String text = Wire.readText(in, 3 * limits.outputBytes() + 1000);
      switch (kind) {
        case Wire.VALUE -> results.add(new Result.Value(text));
        case Wire.FAILED -> results.add(new Result.Failed(text));
        case Wire.REFUSED -> {
          return new Outcome.Refused(text);
        }
        default -> throw new IOException("an answer of kind " + kind);
      }
    }
    return new Outcome.Ran(results);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** How many programs it has run. */
  int programs() {
    return programs;
  }

  private void kill() {
    process.destroyForcibly();
  }

  /** Waits a moment for an end of its own, then makes one; the exit status. */
  private int end() {
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
      return process.waitFor();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  @Override
  public void close() {
    kill();
    boolean interrupted = false;
    while (true) {
      try {
        process.waitFor();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    try {
      Files.deleteIfExists(folder.resolve("error.log"));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // An empty folder among the temporary ones does no harm.
      return;
    }
  }
}
