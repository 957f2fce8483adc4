package io.tiefsee.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/**
 * What the launcher has the JVM watch after a build, for the cache of loaded and linked classes and
 * of profiles that later starts map: an answer of {@code run}, and a start of {@code serve}, whose
 * warm-up asks as clients do.
 */
final class Rehearsal {
  private Rehearsal() {}

  /**
   * @param args a model to run, and a file for the ledger; what is served is the embedded model
   */
  public static void main(String[] args) throws InterruptedException {
    Streams own = Streams.ofProcess();
    String[] answer = {"run", "--model", args[0], "--ledger", args[1], "-n", "16", "Hello"};
    HeadStart.begin(answer);
    int status = Main.run(own, answer);
    CountDownLatch over = new CountDownLatch(1);
    Streams heard =
        new Streams(
            own.in(),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            new Listener(own.err(), over),
            false,
            false,
            false);
    Thread server =
        new Thread(() -> {
          int ignored = Main.run(heard, "serve", "--port", "0", "--ledger", args[1]);
          over.countDown();
        });
    server.setDaemon(true);
    server.start();
    over.await();
    System.exit(status);
  }

  /** Passes the server's messages on, and notes the one by which it is ready. */
  private static final class Listener extends PrintStream {
    private final CountDownLatch ready;

    Listener(PrintStream err, CountDownLatch ready) {
      super(err, true, StandardCharsets.UTF_8);
      this.ready = ready;
    }

    @Override
    public void println(String line) {
      super.println(line);
      if (line.contains(ServeCommand.LISTENING)) {
        ready.countDown();
      }
    }
  }
}
