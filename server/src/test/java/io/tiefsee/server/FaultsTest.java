package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.engine.Engine;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that go, dawdle or talk nonsense. */
class FaultsTest {
  private static final String PATH = "/v1/chat/completions";
  private static final int TOKENS = 400;

  /** An answer of many tokens, whatever the model thinks. */
  private static String longRequest(boolean stream) {
    return """
    {"messages":[{"role":"user","content":"x"}],"ignore_eos":true,"loop_guard":false,\
    "max_tokens":%d,"stream":%b}\
    """
        .formatted(TOKENS, stream);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSilentDisconnectCancelsTheAnswer(boolean stream) throws Exception {
    checkThatItIsTheLastStep(RawClient.post(longRequest(stream)));
  }

  static List<Arguments> pipelines() {
    String request = RawClient.post(longRequest(false));
    String large = RawClient.post("{\"messages\":\"%s\"}".formatted("x".repeat(200_000)));
    return List.of(
        Arguments.argumentSet("one", request + request),
        Arguments.argumentSet("many", request.repeat(40)),
        Arguments.argumentSet("a large one", request + large));
  }

  @ParameterizedTest
  @MethodSource("pipelines")
  void aDisconnectBehindPipelinedRequestsDoesSoToo(String requests) throws Exception {
    checkThatItIsTheLastStep(requests);
  }

  /**
   * Sends this and leaves in the middle of the first answer: from the moment at which the server
   * has seen it, no step begins for it. Each step needs a permit, so no clock is asked.
   */
  private static void checkThatItIsTheLastStep(String requests) throws Exception {
    try (TestServer server = TestServer.start(TestServer.TINY);
        Gate gate = new Gate(server.engine(), 3)) {
      try (RawClient client = new RawClient(server.server.port())) {
        client.send(requests);
        TestServer.await("the step that waits", () -> gate.steps() == 4);
      }
      TestServer.await("the connection is gone", () -> server.server.connections() == 0);
      gate.open();
      TestServer.await("all is free", server::isAtRest);
      assertThat(gate.steps()).isEqualTo(4);
      assertThat(server.engine().status().generatedTokens()).isLessThanOrEqualTo(4);
    }
  }

  /** Prints how long it takes from a client's leaving until nothing of its request is left. */
  @Tag("slow")
  @Test
  void howLongACancelTakes() throws Exception {
    long[] nanos = new long[100];
    try (TestServer server = TestServer.start(TestServer.EMBEDDED)) {
      Engine engine = server.engine();
      for (int i = 0; i < nanos.length; i++) {
        long before = engine.status().generatedTokens();
        try (RawClient client = new RawClient(server.server.port())) {
          client.send(RawClient.post(longRequest(i % 2 == 0)));
          TestServer.await("some tokens", () -> engine.status().generatedTokens() > before);
        }
        long left = System.nanoTime();
        while (!server.isAtRest()) {
          assertThat(System.nanoTime() - left).isLessThan(TimeUnit.MINUTES.toNanos(1));
          Thread.onSpinWait();
        }
        nanos[i] = System.nanoTime() - left;
      }
    }
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "cancel after a disconnect: median %.1f ms, 95 of 100 within %.1f ms, longest %.1f ms%n",
        nanos[50] / 1e6,
        nanos[94] / 1e6,
        nanos[99] / 1e6);
  }

  @Test
  void manyPipelinedRequestsAreAllAnswered() throws Exception {
    int count = 300;
    try (TestServer server = TestServer.start(TestServer.TINY);
        Gate gate = new Gate(server.engine(), 0);
        RawClient client = new RawClient(server.server.port())) {
      // The answer to the first waits, so that the rest arrives meanwhile.
      String first = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_tokens\":1}";
      String text = "{\"content\":\"%s\"}".formatted("word ".repeat(100));
      String more = RawClient.post(text).replace("/v1/chat/completions", "/tokenize");
      client.send(RawClient.post(first) + more.repeat(count));
      gate.open();
      int answers = 0;
      while (answers < 1 + count) {
        String line = client.readLine();
        assertThat(line).doesNotContain("HTTP/1.1 4", "HTTP/1.1 5");
        // The status line follows the body of the answer before, which has no end of line.
        answers += line.contains("HTTP/1.1 200") ? 1 : 0;
      }
    }
  }

  @Test
  void aThousandClientsThatGoAtRandomLeaveNothingBehind() throws Exception {
    try (TestServer server = TestServer.start(o -> o.with("queue", 2000), TestServer.TINY);
        ExecutorService clients = Executors.newFixedThreadPool(16)) {
      CountDownLatch done = new CountDownLatch(1000);
      for (int i = 0; i < 1000; i++) {
        Random random = new Random(i);
        clients.execute(() -> {
          try (RawClient client = new RawClient(server.server.port())) {
            misbehave(client, random);
          } catch (IOException e) {
            // The server may cut it off first.
          } finally {
            done.countDown();
          }
        });
      }
      assertThat(done.await(120, TimeUnit.SECONDS)).isTrue();
      TestServer.await("all is free", () -> server.isAtRest());
      TestServer.await("no connection is left", () -> server.server.connections() == 0);
      assertThat(
              server
                  .post(
                      PATH,
                      "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
                          + "\"max_tokens\":2}")
                  .status())
          .isEqualTo(200);
    }
  }

  private static void misbehave(RawClient client, Random random) throws IOException {
    String request = RawClient.post(longRequest(random.nextBoolean()));
    switch (random.nextInt(5)) {
      case 0 -> client.send(request.substring(0, random.nextInt(request.length())));
      case 1 -> client.send(request);
      case 2 -> {
        client.send(request);
        for (int lines = random.nextInt(12); lines > 0; lines--) {
          client.readLine();
        }
      }
      case 3 -> client.send(request + request);
      default -> client.send("\u0000\u0001" + request);
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (TestServer server = TestServer.start(TestServer.TINY);
        RawClient client = new RawClient(server.server.port())) {
      client.send(
          "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
              + "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.readLine()).startsWith("HTTP/1.1 200");
      String line = client.readLine();
      while (!line.contains("HTTP/1.1 404")) {
        assertThat(line = client.readLine()).isNotNull();
      }
    }
  }

  @Test
  void whoDawdlesIsCutOff() throws Exception {
    try (TestServer server = TestServer.start(o -> o.with("idle_timeout", 1), TestServer.TINY)) {
      for (String begin :
          new String[] {
            "", "GET /health HT", RawClient.post(longRequest(false)).replaceFirst("(?s).\\}$", "")
          }) {
        try (RawClient client = new RawClient(server.server.port())) {
          client.send(begin);
          assertThat(client.readToEnd()).doesNotContain(" 200 ");
        }
      }
      TestServer.await("no connection is left", () -> server.server.connections() == 0);
    }
  }

  @Test
  void whoDoesNotReadIsCutOff() throws Exception {
    try (TestServer server = TestServer.start(o -> o.with("idle_timeout", 1), TestServer.TINY)) {
      try (RawClient client = RawClient.withSmallBuffer(server.server.port())) {
        // Some 10 MB of log-probabilities, more than any buffer of the system holds.
        client.send(
            RawClient.post(
                longRequest(true)
                    .replaceFirst("\\{", "{\"n\":8,\"logprobs\":true,\"top_logprobs\":20,")));
        assertThat(client.readLine()).startsWith("HTTP/1.1 200");
        TestServer.await("no connection is left", () -> server.server.connections() == 0);
        TestServer.await("all is free", () -> server.isAtRest());
        assertThat(client.readToEnd()).doesNotContain("[DONE]");
      }
    }
  }

  @Test
  void oversizedHeadersAreRefused() throws Exception {
    try (TestServer server = TestServer.start(TestServer.TINY);
        RawClient client = new RawClient(server.server.port())) {
      client.send("GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(40_000));
      assertThat(client.readLine()).matches("(HTTP/1.1 4\\d\\d.*)?");
    }
  }

  @Test
  void closingLetsAnswersFinishAndRefusesNewOnes() throws Exception {
    TestServer server = TestServer.start(TestServer.TINY);
    Gate gate = new Gate(server.engine(), 3);
    CompletableFuture<TestServer.Reply> running = new CompletableFuture<>();
    Thread client = Thread.startVirtualThread(() -> complete(running, server));
    TestServer.await("it runs", () -> gate.steps() == 4);
    Thread stop = Thread.startVirtualThread(server.server::close);
    TestServer.await("it refuses", () -> refuses(server));
    gate.open();
    assertThat(running.get(60, TimeUnit.SECONDS).status()).isEqualTo(200);
    assertThat(stop.join(Duration.ofSeconds(60))).isTrue();
    assertThat(client.join(Duration.ofSeconds(60))).isTrue();
    server.close();
  }

  private static void complete(CompletableFuture<TestServer.Reply> reply, TestServer server) {
    try {
      reply.complete(server.post(PATH, longRequest(false)));
    } catch (Exception e) {
      reply.completeExceptionally(e);
    }
  }

  private static boolean refuses(TestServer server) {
    try {
      return server.get("/health").status() == 503;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatDoesNotFinishInTimeIsToldSo() throws Exception {
    TestServer server = TestServer.start(o -> o.with("drain", 0), TestServer.TINY);
    Gate gate = new Gate(server.engine(), 3);
    CompletableFuture<TestServer.Reply> running = new CompletableFuture<>();
    Thread client = Thread.startVirtualThread(() -> complete(running, server));
    TestServer.await("it runs", () -> gate.steps() == 4);
    Thread stop = Thread.startVirtualThread(server.server::close);
    TestServer.await("it refuses", () -> refuses(server));
    gate.open(10);
    TestServer.Reply reply = running.get(60, TimeUnit.SECONDS);
    assertThat(reply.status()).isIn(200, 503);
    assertThat(reply.body()).contains("insufficient_system_resource");
    assertThat(stop.join(Duration.ofSeconds(60))).isTrue();
    assertThat(client.join(Duration.ofSeconds(60))).isTrue();
    server.close();
  }

  @Test
  void modelsThatNobodyUsesAreUnloaded() throws Exception {
    try (TestServer server = TestServer.start(o -> o.with("idle_unload", 1), TestServer.TINY)) {
      Engine first = server.engine();
      assertThat(server.server.models().first().state()).isEqualTo(Model.State.LOADED);
      TestServer.await(
          "it is unloaded", () -> server.server.models().first().state() == Model.State.UNLOADED);
      assertThat(server.engine()).isNotSameAs(first);
    }
  }
}
