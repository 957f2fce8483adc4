package io.tiefsee.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Warms the JVM up, so that the first requests find compiled code: a server of its own on a small
 * model answers questions over loopback, shares prefixes in memory, and reads them from disk after
 * a restart.
 *
 * <p>Nothing of it is seen: books, metrics, models and prefix cache are its own and end with it.
 * The code is the same whatever the model; only kernels of other formats stay cold.
 */
public final class WarmUp implements AutoCloseable {
  private static final int CLIENTS = 4;
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final String OK = "HTTP/1.1 200";

  /** What all questions begin with: several pages of the cache. */
  private static final String SYSTEM =
      "The sea is deep, the light is gone, and the whale still sings. ".repeat(8);

  private static final String BODY =
      """
      {"messages": [{"role": "system", "content": "%s"}, {"role": "user", "content": "Tell me %d"}],\
       "stream": true, "stream_options": {"include_usage": true}, "max_tokens": 16, "seed": %d}\
      """;

  private final ModelSource model;
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private volatile boolean closed;

  /**
   * @param model a small one; the server loads a copy of its own
   */
  public WarmUp(Path model) {
    this.model = new ModelSource("warm-up", model);
  }

  /**
   * Asks for so long, and at least one question of each client to each of two servers. Blocks.
   *
   * @return questions that were answered
   * @throws BadInput if the model cannot be served, or there is no place for temporary files
   */
  public int run(Duration time) throws InterruptedException {
    long begin = System.nanoTime();
    Path folder = temporary();
    try {
      // The second finds on disk what the first has computed.
      serve(folder, begin + time.toNanos() / 2);
      serve(folder, begin + time.toNanos());
    } finally {
      delete(folder);
    }
    return answered.get();
  }

  private void serve(Path folder, long end) throws InterruptedException {
    ServerOptions options =
        ServerOptions.DEFAULTS.with(Map.of("port", 0, "prefix_cache", folder.toString()));
    try (Server server = Server.start(options, List.of(model))) {
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(Thread.ofVirtual().start(() -> askUntil(end, server.port())));
      }
      for (Thread client : clients) {
        client.join();
      }
    }
  }

  private void askUntil(long end, int port) {
    try {
      do {
        ask(port, asked.incrementAndGet());
        int ignored = answered.incrementAndGet();
      } while (!closed && System.nanoTime() < end);
    } catch (IOException e) {
      System.getLogger(WarmUp.class.getName())
          .log(System.Logger.Level.DEBUG, "the warm-up ends: " + e.getMessage());
    }
  }

  private static void ask(int port, int number) throws IOException {
    byte[] body = BODY.formatted(SYSTEM, number, number).getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n".formatted(body.length);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(head.getBytes(US_ASCII));
      socket.getOutputStream().write(body);
      String status = new String(socket.getInputStream().readNBytes(OK.length()), US_ASCII);
      if (!status.equals(OK)) {
        throw new IOException("the server says " + status);
      }
      long ignored = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("tiefsee-warm-up");
    } catch (IOException e) {
      throw new BadInput("there is no place for temporary files: " + BadInput.reason(e), e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      System.getLogger(WarmUp.class.getName())
          .log(System.Logger.Level.WARNING, folder + " is left over: " + e.getMessage());
    }
  }

  /** Asks no more: {@link #run} comes back soon. */
  @Override
  public void close() {
    closed = true;
  }
}
