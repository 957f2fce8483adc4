package io.tiefsee.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Problems;
import io.tiefsee.price.TokenCount;
import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Endpoints that answer, and those that answer late, half, wrongly or not at all. */
class EndpointAnswererTest {
  private static final Problem PROBLEM = Problems.of(List.of("arithmetic:1"), 1, 1).getFirst();
  private static final Ask ASK = Ask.of(PROBLEM, 0, 1);
  private static final Duration SHORT = Duration.ofMillis(1);

  private final ScriptedEndpoint server =
      new ScriptedEndpoint(question -> ScriptedEndpoint.completion("Let me see.", "42"));

  @AfterEach
  void close() {
    server.close();
  }

  private static EndpointAnswerer open(Endpoint endpoint) throws InterruptedException {
    return open(endpoint, Map.of(), Prices.UNKNOWN);
  }

  private static EndpointAnswerer open(
      Endpoint endpoint, Map<String, String> environment, Prices prices)
      throws InterruptedException {
    Billing billing = new Billing(prices, false, "EUR");
    Purse purse = new Purse(endpoint.limits().spendingCap(), BigDecimal.ZERO);
    return EndpointAnswerer.open(
        endpoint, Protocol.DEFAULTS.withBudget(64), environment, billing, purse, SHORT);
  }

  @Test
  void asksByTheProtocolAndReadsTheAnswer() throws InterruptedException {
    try (EndpointAnswerer answerer = open(server.endpoint(1, 0, 30))) {
      Reply reply = answerer.answer(ASK);
      assertThat(reply.thinking()).isEqualTo("Let me see.");
      assertThat(reply.answer()).isEqualTo("42");
      assertThat(reply.truncated()).isFalse();
      assertThat(reply.tokens()).isEqualTo(new TokenCount(4, 6, 15, 5));
      assertThat(reply.bill()).isEmpty();
    }
    JsonNode request = server.requests().getFirst();
    assertThat(request.path("model").asString("")).isEqualTo("m");
    assertThat(request.at("/messages/0/content").asString("")).isEqualTo(PROBLEM.question());
    assertThat(request.path("temperature").asDouble(0)).isEqualTo(0.6);
    assertThat(request.path("top_p").asDouble(0)).isEqualTo(0.95);
    assertThat(request.path("thinking_budget").asInt(0)).isEqualTo(64);
    assertThat(request.path("seed").asLong(-1)).isBetween(0L, (long) Integer.MAX_VALUE);
    assertThat(request.has("receipt")).as("not asked of a stranger").isFalse();
    assertThat(server.keys()).containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504, 529})
  void whatMayPassIsTriedAgain(int status) throws InterruptedException {
    server.then(ScriptedEndpoint.status(status, "{\"error\":{\"message\":\"busy\"}}"));
    server.then(ScriptedEndpoint.status(status, "<html>busy</html>"));
    try (EndpointAnswerer answerer = open(server.endpoint(1, 2, 30))) {
      assertThat(answerer.answer(ASK).answer()).isEqualTo("42");
    }
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void garbageAndHalfAnswersAreTriedAgain() throws InterruptedException {
    String whole = ScriptedEndpoint.completion("", "41");
    server.then(ScriptedEndpoint.half(whole));
    server.then(ScriptedEndpoint.status(200, whole.substring(0, 30)));
    server.then(ScriptedEndpoint.status(200, ""));
    server.then(ScriptedEndpoint.status(200, "[]"));
    server.then(ScriptedEndpoint.status(200, "{\"choices\":[]}"));
    server.then(ScriptedEndpoint.status(200, "{\"choices\":[{\"message\":null}]}"));
    server.then(exchange -> exchange.close());
    try (EndpointAnswerer answerer = open(server.endpoint(1, 7, 30))) {
      assertThat(answerer.answer(ASK).answer()).isEqualTo("42");
    }
    assertThat(server.requests()).hasSize(8);
  }

  @Test
  void anAnswerThatDoesNotComeIsTriedAgain() throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    server.then(exchange -> {
      exchange.sendResponseHeaders(200, 1000);
      exchange.getResponseBody().write("   ".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
      awaitQuietly(over);
    });
    try (EndpointAnswerer answerer = open(server.endpoint(1, 60, 1))) {
      assertThat(answerer.answer(ASK).answer()).isEqualTo("42");
    } finally {
      over.countDown();
    }
    assertThat(server.requests()).hasSizeGreaterThanOrEqualTo(2);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void theWishOfTheEndpointIsHeard() throws InterruptedException {
    server.then(ScriptedEndpoint.status(429, "{}", "Retry-After", "0.05"));
    long began = System.nanoTime();
    try (EndpointAnswerer answerer = open(server.endpoint(1, 1, 30))) {
      assertThat(answerer.answer(ASK).answer()).isEqualTo("42");
    }
    assertThat(System.nanoTime() - began).isGreaterThan(Duration.ofMillis(50).toNanos());
    assertThat(HttpCaller.wish("120")).contains(Duration.ofMinutes(2));
    assertThat(HttpCaller.wish("soon")).isEmpty();
    assertThat(HttpCaller.wish("-1")).isEmpty();
    ZonedDateTime past = ZonedDateTime.of(2020, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(past);
    assertThat(HttpCaller.wish(date)).contains(Duration.ZERO);
  }

  @Test
  void tooLongAWishIsAFailure() throws InterruptedException {
    server.then(
        ScriptedEndpoint.status(429, "{\"error\":\"daily limit\"}", "Retry-After", "86400"));
    try (EndpointAnswerer answerer = open(server.endpoint(1, 9, 30))) {
      assertThatThrownBy(() -> answerer.answer(ASK))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("429: daily limit");
    }
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void whatDoesNotPassIsSaidAtOnceAndWithoutTheKey() throws InterruptedException {
    String key = "sk-secret-123";
    server.then(ScriptedEndpoint.status(401, "{\"error\":{\"message\":\"bad key " + key + "\"}}"));
    Endpoint endpoint =
        new Endpoint(
            server.base(), "m", "THE_KEY", Endpoint.Limits.DEFAULTS, Endpoint.Dialect.DEFAULTS);
    try (EndpointAnswerer answerer = open(endpoint, Map.of("THE_KEY", key), Prices.UNKNOWN)) {
      assertThatThrownBy(() -> answerer.answer(ASK))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("401: bad key ***")
          .hasMessageNotContaining(key);
    }
    assertThat(server.keys()).containsExactly("Bearer " + key);
  }

  @Test
  void noMoneyLeftIsNoReasonToWait() throws InterruptedException {
    server.then(
        ScriptedEndpoint.status(
            429, "{\"error\":{\"message\":\"pay\",\"code\":\"insufficient_quota\"}}"));
    try (EndpointAnswerer answerer = open(server.endpoint(1, 9, 30))) {
      assertThatThrownBy(() -> answerer.answer(ASK)).hasMessageContaining("429: pay");
    }
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void redirectsAreNotFollowed() throws InterruptedException {
    server.then(ScriptedEndpoint.status(307, "", "Location", "http://127.0.0.1:1/v1"));
    try (EndpointAnswerer answerer = open(server.endpoint(1, 0, 30))) {
      assertThatThrownBy(() -> answerer.answer(ASK)).hasMessageContaining("307");
    }
  }

  @Test
  void whoIsNotThereIsFoundAtTheStart() {
    Endpoint nobody = server.endpoint(1, 3, 30);
    server.close();
    assertThatThrownBy(() -> open(nobody))
        .isInstanceOf(BadInput.class)
        .hasMessage(nobody.base() + ": cannot be reached");
  }

  @Test
  void aKeyThatIsNotSetIsSaid() {
    Endpoint endpoint =
        new Endpoint(
            server.base(), "m", "NO_KEY", Endpoint.Limits.DEFAULTS, Endpoint.Dialect.DEFAULTS);
    assertThatThrownBy(() -> open(endpoint))
        .hasMessageContaining("NO_KEY")
        .hasMessageContaining("not set");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost:8080",
        "ftp://host/v1",
        "http://",
        "http://a b",
        "http://k@host/v1"
      })
  void addressesThatAreNone(String url) {
    assertThatThrownBy(() -> Endpoint.base(url))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("url ");
  }

  @Test
  void aTiefseeGivesItsReceipt() throws InterruptedException {
    server.withModels("{\"data\":[{\"id\":\"m\",\"tiefsee\":{\"state\":\"loaded\"}}]}");
    server.then(
        ScriptedEndpoint.status(
            200,
            """
            {"choices":[{"message":{"content":"<think>hm</think>7"},"finish_reason":"length"}],
             "usage":{"prompt_tokens":3,"completion_tokens":9,
              "receipt":{"cost":{"currency":"EUR","total":0.0000043,"amortisation":0.0000031},
                         "joules":{"total":11.7,"method":"estimated"}}}}\
            """));
    try (EndpointAnswerer answerer = open(server.endpoint(1, 0, 30))) {
      Reply reply = answerer.answer(ASK);
      assertThat(reply.thinking()).isEqualTo("hm");
      assertThat(reply.answer()).isEqualTo("7");
      assertThat(reply.truncated()).isTrue();
      assertThat(reply.bill())
          .contains(
              new Bill(
                  new BigDecimal("0.0000043"),
                  new BigDecimal("0.0000012"),
                  "EUR",
                  Optional.of(new BigDecimal("11.7")),
                  "estimated"));
    }
    assertThat(server.requests().getFirst().path("receipt").asBoolean(false)).isTrue();
  }

  @Test
  void theSpendingCapHolds() throws InterruptedException {
    BigDecimal each = new BigDecimal("0.04");
    Prices prices = (tokens, at) -> Optional.of(Bill.ofPrice(each, "EUR"));
    Endpoint endpoint = server.capped(1, new BigDecimal("0.10"));
    try (EndpointAnswerer answerer = open(endpoint, Map.of(), prices)) {
      assertThat(answerer.answer(ASK).bill().orElseThrow().cost()).isEqualTo(each);
      Reply ignored = answerer.answer(ASK);
      assertThatThrownBy(() -> answerer.answer(ASK))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("the spending cap of 0.10 is reached: 0.08 are spent");
    }
    assertThat(server.requests()).hasSize(2);
    assertThatThrownBy(() -> open(endpoint)).hasMessageContaining("needs its price");
  }
}
