package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A long mixed load: what it leaves behind is counted when half of it is over and at the end. */
@Tag("slow")
class SoakTest {
  private static final long SECONDS = Long.getLong("tiefsee.soak.seconds", 600);
  private static final int CLIENTS = 8;
  private static final long MEGABYTE = 1 << 20;

  private static final List<String> BODIES =
      List.of(
          "\"temperature\":0",
          "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"receipt\":true",
          "\"n\":4,\"logprobs\":true,\"top_logprobs\":3",
          "\"best_of\":3",
          "\"thinking_budget\":10",
          "\"response_format\":{\"type\":\"json_object\"}",
          "\"tool_choice\":\"required\",\"tools\":[{\"function\":{\"name\":\"f\"}}]",
          "\"temperature\":7");

  private final AtomicInteger answered = new AtomicInteger();

  @Test
  void memoryStaysFlat() throws Exception {
    try (TestServer server = TestServer.start(TestServer.EMBEDDED, TestServer.TINY)) {
      load(server, SECONDS / 2);
      long heap = heap();
      long resident = resident();
      int threads = ManagementFactory.getThreadMXBean().getThreadCount();
      load(server, SECONDS - SECONDS / 2);
      assertThat(answered.get()).isPositive();
      assertThat(heap()).isLessThan(heap + 16 * MEGABYTE);
      assertThat(resident()).isLessThan(resident + 128 * MEGABYTE);
      assertThat(ManagementFactory.getThreadMXBean().getThreadCount()).isLessThan(threads + 8);
    }
  }

  private void load(TestServer server, long seconds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(i);
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
    String body =
        "{\"model\":\"%s\",\"max_tokens\":60,\"messages\":[{\"role\":\"user\",\"content\":\"%d\"}],%s}"
            .formatted(
                random.nextBoolean() ? "tiny" : "embedded",
                random.nextInt(),
                BODIES.get(random.nextInt(BODIES.size())));
    if (random.nextInt(4) == 0) {
      leave(server, body, random);
      return;
    }
    int status = server.post("/v1/chat/completions", body).status();
    assertThat(status).as(body).isIn(200, 400);
    answered.incrementAndGet();
  }

  private static void leave(TestServer server, String body, Random random) throws IOException {
    try (RawClient client = new RawClient(server.server.port())) {
      String request = RawClient.post(body);
      client.send(request.substring(0, random.nextInt(request.length()) + 1));
    }
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Bytes of the process in memory; 0 where the system does not tell. */
  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(0);
  }
}
