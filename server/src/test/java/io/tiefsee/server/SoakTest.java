package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A long mixed load of all APIs and of clients that leave. It is stopped ten times; what the
 * process holds then, when nothing is asked, is printed, and must not grow.
 */
@Tag("slow")
class SoakTest {
  private static final long SECONDS = Long.getLong("tiefsee.soak.seconds", 600);
  private static final int ROUNDS = 10;
  private static final int CLIENTS = 8;
  private static final double MEGABYTE = 1 << 20;

  /** A request: where to, and what it says besides model and length. */
  private record Request(String path, String body) {}

  private static Request chat(String more) {
    return new Request(
        "/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"%d\"}]," + more);
  }

  private static final List<Request> REQUESTS =
      List.of(
          chat("\"temperature\":0"),
          chat("\"stream\":true,\"stream_options\":{\"include_usage\":true},\"receipt\":true"),
          chat("\"n\":4,\"logprobs\":true,\"top_logprobs\":3"),
          chat("\"best_of\":3"),
          chat("\"thinking_budget\":10"),
          chat("\"response_format\":{\"type\":\"json_object\"}"),
          chat("\"tool_choice\":\"required\",\"tools\":[{\"function\":{\"name\":\"f\"}}]"),
          chat("\"temperature\":7"),
          new Request("/v1/completions", "\"prompt\":\"%d\",\"stream\":true"),
          new Request("/v1/embeddings", "\"input\":[\"a\",\"%d\"]"),
          new Request("/v1/responses", "\"input\":\"%d\",\"store\":false,\"max_output_tokens\":9"),
          new Request(
              "/v1/messages",
              "\"messages\":[{\"role\":\"user\",\"content\":\"%d\"}],\"stream\":true"));

  /**
   * What the process holds.
   *
   * @param heap megabytes behind a collection
   * @param resident megabytes in memory; 0 where the system does not tell
   * @param descriptors open files and sockets; 0 where the system does not tell
   */
  private record Held(double heap, double resident, int threads, long descriptors) {
    static Held now() throws IOException {
      System.gc();
      return new Held(
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MEGABYTE,
          residentKilobytes() / 1024.0,
          ManagementFactory.getThreadMXBean().getThreadCount(),
          openFiles());
    }

    private static long residentKilobytes() throws IOException {
      Path status = Path.of("/proc/self/status");
      if (!Files.exists(status)) {
        return 0;
      }
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    }

    private static long openFiles() throws IOException {
      Path folder = Path.of("/proc/self/fd");
      if (!Files.exists(folder)) {
        return 0;
      }
      try (Stream<Path> files = Files.list(folder)) {
        return files.count();
      }
    }
  }

  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger left = new AtomicInteger();

  @Test
  void memoryStaysFlat() throws Exception {
    List<Held> held = new ArrayList<>();
    try (TestServer server = TestServer.start(TestServer.EMBEDDED, TestServer.TINY)) {
      for (int round = 0; round < ROUNDS; round++) {
        load(server, round);
        held.add(Held.now());
        print(round, held.getLast());
      }
    }
    assertThat(answered.get()).isPositive();
    assertThat(left.get()).isPositive();
    assertThat(growth(held, Held::heap)).as("megabytes of heap").isLessThan(4);
    assertThat(growth(held, Held::resident)).as("megabytes resident").isLessThan(48);
    assertThat(growth(held, Held::threads)).as("threads").isLessThan(4);
    assertThat(growth(held, Held::descriptors)).as("open files").isLessThan(8);
  }

  /** By how much the mean of the last three rounds is above that of the second to the fourth. */
  private static double growth(List<Held> held, ToDoubleFunction<Held> value) {
    return mean(held.subList(ROUNDS - 3, ROUNDS), value) - mean(held.subList(1, 4), value);
  }

  private static double mean(List<Held> held, ToDoubleFunction<Held> value) {
    return held.stream().mapToDouble(value).average().orElseThrow();
  }

  private void print(int round, Held held) {
    System.out.printf(
        Locale.ROOT,
        "soak %d/%d: %d answered, %d left; heap %.1f MB, resident %.0f MB, %d threads, %d files%n",
        round + 1,
        ROUNDS,
        answered.get(),
        left.get(),
        held.heap(),
        held.resident(),
        held.threads(),
        held.descriptors());
  }

  private void load(TestServer server, int round) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS) / ROUNDS;
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(round * CLIENTS + i);
        tasks.add(() -> {
          while (System.nanoTime() < end) {
            request(server, random);
          }
          return true;
        });
      }
      for (Future<Boolean> done : clients.invokeAll(tasks)) {
        assertThat(done.get()).isTrue();
      }
    }
    TestServer.await("all is free", server::isAtRest);
  }

  private void request(TestServer server, Random random) throws Exception {
    Request request = REQUESTS.get(random.nextInt(REQUESTS.size()));
    String body =
        "{\"model\":\"%s\",\"max_tokens\":60,%s}"
            .formatted(
                random.nextBoolean() ? "tiny" : "embedded",
                request.body().formatted(random.nextInt()));
    if (random.nextInt(4) == 0) {
      leave(server, RawClient.post(request.path(), body), random);
      left.incrementAndGet();
      return;
    }
    int status = server.post(request.path(), body).status();
    assertThat(status).as(body).isIn(200, 400);
    answered.incrementAndGet();
  }

  private static void leave(TestServer server, String request, Random random) throws IOException {
    try (RawClient client = new RawClient(server.server.port())) {
      client.send(request.substring(0, random.nextInt(request.length()) + 1));
    }
  }
}
