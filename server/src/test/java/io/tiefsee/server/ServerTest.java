package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The server's own answers: health, models, errors. */
class ServerTest {
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(TestServer.TINY, TestServer.EMBEDDED);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void healthSaysThatItAnswers() throws Exception {
    TestServer.Reply reply = server.get("/health");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().path("status").stringValue()).isEqualTo("ok");
  }

  @Test
  void modelsAreListedWithWhatTheyAre() throws Exception {
    JsonNode data = server.get("/v1/models").json().path("data");
    assertThat(data.size()).isEqualTo(2);
    assertThat(data.get(0).path("id").stringValue()).isEqualTo("tiny");
    JsonNode embedded = data.get(1);
    assertThat(embedded.path("object").stringValue()).isEqualTo("model");
    assertThat(embedded.path("tiefsee").path("context_length").intValue()).isPositive();
    assertThat(embedded.path("tiefsee").path("thinks").booleanValue()).isTrue();
    assertThat(server.get("/models").json().path("data").size()).isEqualTo(2);
  }

  @Test
  void whatIsNotThereIsA404InJson() throws Exception {
    TestServer.Reply reply = server.get("/v1/nothing");
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.json().path("error").path("message").stringValue())
        .contains("GET /v1/nothing");
    assertThat(server.post("/health", "{}").status()).isEqualTo(405);
  }

  @Test
  void metricsAndStatusCountAnswers() throws Exception {
    String body =
        """
        {"model":"tiny","messages":[{"role":"user","content":"x"}],"max_tokens":3,
         "ignore_eos":true,"receipt":true}\
        """;
    TestServer.Reply answer = server.post("/v1/chat/completions", body);
    JsonNode receipt = answer.json().path("usage").path("receipt");
    assertThat(receipt.path("tokens").path("answer").intValue()).isEqualTo(3);
    assertThat(receipt.path("joules").path("total").isNumber()).isTrue();
    assertThat(receipt.path("cost").path("total").isNumber()).isTrue();
    assertThat(answer.body()).doesNotContainPattern("[0-9]E-?[0-9]");
    assertThat(answer.response().headers().firstValue("X-Tiefsee-Cost").orElseThrow())
        .isEqualTo(receipt.path("cost").path("total").asDecimal().toPlainString());
    String metrics = server.get("/metrics").body();
    assertThat(metrics)
        .contains("tiefsee_tokens_total{kind=\"answer\",model=\"tiny\"}")
        .contains("tiefsee_time_to_first_token_seconds_bucket{model=\"tiny\"")
        .contains("endpoint=\"/v1/chat/completions\",status=\"200\"")
        .contains("tiefsee_kv_pages_free{model=\"tiny\"}")
        .contains("tiefsee_energy_joules_total{");
    JsonNode status = server.get("/tiefsee/v1/status").json();
    assertThat(status.path("currency").stringValue()).hasSize(3);
    JsonNode tiny = status.path("models").get(0);
    assertThat(tiny.path("state").stringValue()).isEqualTo("loaded");
    assertThat(tiny.path("requests").intValue()).isPositive();
    assertThat(tiny.path("kv_pages").path("total").intValue()).isPositive();
  }

  @Test
  void aPortInUseIsOneClearLine() {
    assertThatThrownBy(() ->
            Server.start(
                ServerOptions.DEFAULTS.with("port", server.server.port()),
                List.of(TestServer.TINY)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("another program listens there");
  }

  @Test
  void twoModelsOfOneNameAreRefused() {
    assertThatThrownBy(() -> TestServer.start(TestServer.TINY, TestServer.TINY))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("two models are named tiny");
  }

  /** Asks the first model for a token under a name. */
  private static TestServer.Reply ask(TestServer of, String model) throws Exception {
    return of.post(
        "/v1/chat/completions",
        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_tokens\":1}"
            .formatted(model));
  }

  @Test
  void defaultMeansTheOnlyModel() throws Exception {
    assertThat(ask(server, "default").status()).isEqualTo(404);
    try (TestServer one = TestServer.start(TestServer.TINY)) {
      assertThat(ask(one, "default").json().path("model").stringValue()).isEqualTo("tiny");
      TestServer.Reply other = ask(one, "other");
      assertThat(other.status()).isEqualTo(404);
      assertThat(other.json().path("error").path("code").stringValue())
          .isEqualTo("model_not_found");
    }
  }

  @Test
  void modelsHaveOtherNames() throws Exception {
    try (TestServer aliased =
        TestServer.start(
            o -> o.with("aliases", new String[] {"gpt", "small=embedded"}),
            TestServer.TINY,
            TestServer.EMBEDDED)) {
      assertThat(ask(aliased, "gpt").json().path("model").stringValue()).isEqualTo("tiny");
      assertThat(ask(aliased, "small").json().path("model").stringValue()).isEqualTo("embedded");
      assertThat(aliased.get("/v1/models/gpt").json().at("/tiefsee/aliases/0").stringValue())
          .isEqualTo("gpt");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tiny, two models are named tiny",
    "x=none, the alias x is of none",
    "=tiny, has no name",
  })
  void aliasesThatMeanNothingAreRefused(String alias, String why) {
    assertThatThrownBy(
            () -> TestServer.start(o -> o.with("aliases", new String[] {alias}), TestServer.TINY))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(why);
  }
}
