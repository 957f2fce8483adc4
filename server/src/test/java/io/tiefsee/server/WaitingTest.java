package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests that have to wait, with an engine whose steps need permits. */
class WaitingTest {
  private static final String PATH = "/v1/chat/completions";

  private final HttpClient client = HttpClient.newHttpClient();
  private TestServer server;
  private Gate gate;

  @BeforeEach
  void start() throws Exception {
    server =
        TestServer.start(
            o -> o.with("slots", 1).with("queue", 1).with("keep_alive", 1), TestServer.TINY);
    gate = new Gate(server.engine(), 0);
  }

  @AfterEach
  void stop() {
    gate.open();
    server.close();
    client.close();
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
      gate.open();
      readUntil(second, "[DONE]");
    }
  }

  @Test
  void anAnswerWhoseTimeIsOverEndsAsItIs() throws Exception {
    gate.open();
    JsonNode json =
        server
            .post(PATH, request(",\"timeout\":0.001,\"loop_guard\":false").replace(":4,", ":400,"))
            .json();
    assertThat(json.path("choices").get(0).path("finish_reason").stringValue())
        .isEqualTo("insufficient_system_resource");
    assertThat(json.path("usage").path("completion_tokens").intValue()).isLessThan(400);
  }

  /** Sends a request and waits until the head of the answer is there. */
  private HttpResponse<InputStream> headOf(String path, String body) throws Exception {
    return client.send(
        server.request(path).POST(BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofInputStream());
  }

  private static String text(HttpResponse<InputStream> response) throws Exception {
    try (InputStream in = response.body()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static List<Arguments> unstreamed() {
    return List.of(
        Arguments.of(PATH, request(""), "/choices/0/message/content"),
        Arguments.of(PATH, request(",\"best_of\":2"), "/tiefsee/votes/0/count"),
        Arguments.of("/v1/completions", "{\"prompt\":\"x\",\"max_tokens\":4}", "/choices/0/text"),
        Arguments.of("/v1/messages", request(""), "/stop_reason"),
        Arguments.of(
            "/v1/responses", "{\"input\":\"x\",\"max_output_tokens\":4}", "/output/0/type"),
        Arguments.of("/v1/embeddings", "{\"input\":\"x y z\"}", "/data/0/embedding/0"));
  }

  @ParameterizedTest
  @MethodSource("unstreamed")
  void anAnswerThatIsGivenWholeBeginsWithEmptyLinesWhileItWaits(
      String path, String body, String place) throws Exception {
    HttpResponse<InputStream> response = headOf(path, body);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    assertThat(response.body().read()).isEqualTo('\n');
    gate.open();
    String rest = text(response);
    assertThat(JsonMapper.shared().readTree(rest).at(place).isMissingNode()).as(rest).isFalse();
  }

  @Test
  void whatFailsBehindEmptyLinesIsStillAnErrorInTheBody() throws Exception {
    server
        .engine()
        .addStepListener(step -> {
          throw new IllegalStateException("a fault that the test wants");
        });
    HttpResponse<InputStream> response = headOf(PATH, request(""));
    assertThat(response.statusCode()).isEqualTo(200);
    gate.open();
    assertThat(JsonMapper.shared().readTree(text(response)).at("/error/code").asString())
        .isEqualTo("internal_error");
  }
}
