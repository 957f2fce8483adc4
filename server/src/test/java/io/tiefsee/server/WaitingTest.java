package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Requests that have to wait, with an engine whose steps need permits. */
class WaitingTest {
  private static final String PATH = "/v1/chat/completions";
  private static final int PLENTY = 1_000_000;

  private final Semaphore steps = new Semaphore(0);
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        TestServer.start(
            o -> o.with("slots", 1).with("queue", 1).with("keep_alive", 1), TestServer.TINY);
    server.engine().addStepListener(step -> steps.acquireUninterruptibly());
  }

  @AfterEach
  void stop() {
    steps.release(PLENTY);
    server.close();
  }

  private static String request(String more) {
    return """
    {"messages":[{"role":"user","content":"x"}],"max_tokens":4,"ignore_eos":true%s}\
    """
        .formatted(more);
  }

  /** Reads lines until one has this in it. */
  private static void readUntil(RawClient client, String wanted) throws Exception {
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      String line = client.readLine();
      if (line.contains(wanted)) {
        return;
      }
      seen.append(line).append('\n');
    }
    throw new AssertionError("no " + wanted + " in " + seen);
  }

  @Test
  void aStreamThatWaitsSaysWhereItStands() throws Exception {
    try (RawClient first = new RawClient(server.server.port());
        RawClient second = new RawClient(server.server.port())) {
      first.send(RawClient.post(request(",\"stream\":true")));
      readUntil(first, ": keep-alive {\"prompt_progress\":");
      second.send(RawClient.post(request(",\"stream\":true")));
      readUntil(second, ": keep-alive {\"queue_position\":1}");
      // One runs and one waits: there is no room for a third.
      TestServer.Reply third = server.post(PATH, request(""));
      assertThat(third.status()).isEqualTo(503);
      assertThat(third.json().path("error").path("code").stringValue())
          .isEqualTo("insufficient_system_resource");
      assertThat(third.response().headers().firstValue("Retry-After")).isPresent();
      steps.release(PLENTY);
      readUntil(second, "[DONE]");
    }
  }

  @Test
  void anAnswerWhoseTimeIsOverEndsAsItIs() throws Exception {
    steps.release(PLENTY);
    JsonNode json =
        server
            .post(PATH, request(",\"timeout\":0.001,\"loop_guard\":false").replace(":4,", ":400,"))
            .json();
    assertThat(json.path("choices").get(0).path("finish_reason").stringValue())
        .isEqualTo("insufficient_system_resource");
    assertThat(json.path("usage").path("completion_tokens").intValue()).isLessThan(400);
  }
}
