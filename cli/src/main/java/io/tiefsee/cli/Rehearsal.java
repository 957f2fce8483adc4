package io.tiefsee.cli;

import io.tiefsee.ledger.SqliteDriver;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * What the launcher has the JVM watch after a build, for the caches of loaded and linked classes
 * and of profiles that later starts map: an answer of {@code run}, or a start of {@code serve},
 * whose warm-up asks as clients do. Each has a cache of its own, since the JVM takes all that is in
 * one.
 */
final class Rehearsal {
  /** So long that all threads of an engine have work. */
  private static final String PROMPT = "The sea is deep, and the whale still sings. ".repeat(16);

  private Rehearsal() {}

  /**
   * @param args {@code run}, a folder for the ledger and SQLite's library, and models; or {@code
   *     serve} and the folder: what is served is the embedded model
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Path.of(args[1]);
    SqliteDriver.unpackLibrary(folder);
    String ledger = folder.resolve("train.db").toString();
    System.exit(
        switch (args[0]) {
          case "run" -> run(ledger, List.of(args).subList(2, args.length));
          case "serve" -> serve(ledger);
          default -> throw new IllegalArgumentException(args[0]);
        });
  }

  private static int run(String ledger, List<String> models) {
    int worst = 0;
    for (String model : models) {
      String[] answer = {"run", "--model", model, "--ledger", ledger, "-n", "16", PROMPT};
      HeadStart.begin(answer);
      worst = Math.max(worst, Main.run(Streams.ofProcess(), answer));
    }
    return worst;
  }

  /** Ends with the server's start. */
  private static int serve(String ledger) throws InterruptedException {
    Streams own = Streams.ofProcess();
    CountDownLatch over = new CountDownLatch(1);
    Streams heard =
        new Streams(
            own.in(),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            new Listener(own.err(), over),
            false,
            false,
            false);
    String[] service = {"serve", "--port", "0", "--ledger", ledger};
    HeadStart.begin(service);
    Thread server =
        new Thread(() -> {
          int ignored = Main.run(heard, service);
          over.countDown();
        });
    server.setDaemon(true);
    server.start();
    over.await();
    return 0;
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
