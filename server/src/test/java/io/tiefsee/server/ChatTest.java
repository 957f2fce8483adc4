package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code /v1/chat/completions}. */
class ChatTest {
  private static final String PATH = "/v1/chat/completions";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(TestServer.EMBEDDED, TestServer.TINY);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** A request about a simple sum, greedy, with more fields. */
  private static String sum(String more) {
    return """
    {"messages":[{"role":"user","content":"What is 2 + 3?"}],"temperature":0,"max_tokens":300\
    %s}\
    """
        .formatted(more);
  }

  @Test
  void thoughtsAndAnswerAreApart() throws Exception {
    TestServer.Reply reply = server.post(PATH, sum(""));
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    JsonNode json = reply.json();
    JsonNode message = json.path("choices").get(0).path("message");
    assertThat(message.path("reasoning_content").stringValue()).isNotBlank();
    assertThat(message.path("content").stringValue()).contains("5").doesNotContain("think>");
    assertThat(json.path("choices").get(0).path("finish_reason").stringValue()).isEqualTo("stop");
    JsonNode usage = json.path("usage");
    int reasoning = usage.path("completion_tokens_details").path("reasoning_tokens").intValue();
    assertThat(reasoning).isPositive().isLessThan(usage.path("completion_tokens").intValue());
    assertThat(
            usage.path("prompt_cache_hit_tokens").intValue()
                + usage.path("prompt_cache_miss_tokens").intValue())
        .isEqualTo(usage.path("prompt_tokens").intValue());
  }

  @Test
  void aStreamSaysTheSame() throws Exception {
    JsonNode whole = server.post(PATH, sum("")).json().path("choices").get(0).path("message");
    TestServer.Reply reply =
        server.post(PATH, sum(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
    assertThat(reply.response().headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
    assertThat(reply.events().getLast()).isEqualTo("[DONE]");
    List<JsonNode> chunks = reply.chunks();
    assertThat(joined(chunks, "reasoning_content"))
        .isEqualTo(whole.path("reasoning_content").stringValue());
    assertThat(joined(chunks, "content")).isEqualTo(whole.path("content").stringValue());
    assertThat(chunks.getLast().path("choices").size()).isZero();
    assertThat(chunks.getLast().path("usage").path("total_tokens").intValue()).isPositive();
    assertThat(
            chunks
                .get(chunks.size() - 2)
                .path("choices")
                .get(0)
                .path("finish_reason")
                .stringValue())
        .isEqualTo("stop");
  }

  private static String joined(List<JsonNode> chunks, String field) {
    return chunks.stream()
        .map(c -> c.path("choices").path(0).path("delta").path(field).asString(""))
        .collect(Collectors.joining());
  }

  @Test
  void severalAnswersDifferAndASeedRepeatsThem() throws Exception {
    String body =
        """
        {"model":"tiny","messages":[{"role":"user","content":"Hello"}],"n":3,"seed":7,
         "temperature":1,"max_tokens":8}\
        """;
    JsonNode first = server.post(PATH, body).json();
    JsonNode again = server.post(PATH, body).json();
    assertThat(first.path("choices").size()).isEqualTo(3);
    assertThat(first.path("choices")).isEqualTo(again.path("choices"));
    assertThat(first.path("choices").get(0).path("message"))
        .isNotEqualTo(first.path("choices").get(1).path("message"));
    assertThat(first.path("choices").get(0).path("finish_reason").stringValue())
        .isEqualTo("length");
    assertThat(first.path("usage").path("completion_tokens").intValue()).isEqualTo(24);
  }

  @Test
  void jsonThatASchemaAsksForCannotBeBroken() throws Exception {
    JsonNode reply =
        server
            .post(
                PATH,
                """
                {"model":"tiny","messages":[{"role":"user","content":"Hello"}],"seed":1,
                 "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":
                  {"type":"object","properties":{"a":{"enum":["x","y"]},"b":{"type":"boolean"}},
                   "required":["a","b"],"additionalProperties":false}}}}\
                """)
            .json();
    String content = reply.path("choices").get(0).path("message").path("content").stringValue();
    JsonNode value = new tools.jackson.databind.ObjectMapper().readTree(content);
    assertThat(value.path("a").stringValue()).isIn("x", "y");
    assertThat(value.path("b").isBoolean()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{                                              | 400 |",
        "[]                                             | 400 |",
        "{}                                             | 400 | messages",
        "{\"messages\":[]}                              | 400 | messages",
        "{\"messages\":7}                               | 422 | messages",
        "{\"messages\":[7]}                             | 422 | messages[0]",
        "{\"messages\":[{\"role\":\"user\",\"content\":7}]} | 422 | messages[0].content",
        "{\"messages\":[{\"role\":\"king\",\"content\":\"x\"}]} | 400 | messages[0].role",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"n\":0} | 400 | n",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"n\":\"1\"} | 422 | n",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"temperature\":3} | 400 |"
            + " temperature",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"stop\":[1]} | 422 | stop[0]",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"top_logprobs\":2} | 400 |"
            + " top_logprobs",
        "{\"model\":\"none\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]} | 404 |",
      })
  void whatIsWrongIsNamed(String body, int status, String field) throws Exception {
    TestServer.Reply reply = server.post(PATH, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    JsonNode error = reply.json().path("error");
    assertThat(error.path("message").stringValue()).isNotBlank();
    assertThat(error.path("param").asString("")).isEqualTo(field == null ? "" : field);
  }

  @Test
  void aPromptThatDoesNotFitIsA400() throws Exception {
    String body =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"" + "many words ".repeat(3000) + "\"}]}";
    TestServer.Reply reply = server.post(PATH, body);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().path("error").path("message").stringValue()).contains("context");
  }

  @Test
  void theMajorityAnswers() throws Exception {
    String body =
        """
        {"messages":[{"role":"user","content":"What is 12 + 7?"}],"best_of":5,"seed":1,
         "temperature":0.8,"max_tokens":300%s}\
        """;
    JsonNode json = server.post(PATH, body.formatted("")).json();
    assertThat(json.path("choices").size()).as(json.toString()).isEqualTo(1);
    JsonNode votes = json.path("tiefsee").path("votes");
    int count = 0;
    for (JsonNode vote : votes) {
      assertThat(vote.path("count").intValue()).isEqualTo(vote.path("samples").size());
      count += vote.path("count").intValue();
    }
    assertThat(count).isBetween(1, 5);
    String content = json.path("choices").get(0).path("message").path("content").stringValue();
    assertThat(content).contains(votes.get(0).path("answer").stringValue());
    assertThat(votes.get(0).path("samples").get(0).path("content").stringValue())
        .isEqualTo(content);
    TestServer.Reply stream = server.post(PATH, body.formatted(",\"stream\":true"));
    assertThat(joined(stream.chunks(), "content")).isEqualTo(content);
    assertThat(stream.chunks().getLast().path("tiefsee").path("votes")).isEqualTo(votes);
  }

  @Test
  void aThinkingBudgetClosesTheThoughtsAndSaysSo() throws Exception {
    JsonNode free = server.post(PATH, sum("")).json();
    JsonNode bound = server.post(PATH, sum(",\"thinking_budget\":0")).json();
    assertThat(reasoningTokens(bound)).isLessThan(reasoningTokens(free));
    assertThat(bound.path("choices").get(0).path("tiefsee").path("notes").toString())
        .contains("thinking_budget");
  }

  private static int reasoningTokens(JsonNode reply) {
    return reply
        .path("usage")
        .path("completion_tokens_details")
        .path("reasoning_tokens")
        .intValue();
  }

  @Test
  void thinkingCanBeTurnedOff() throws Exception {
    JsonNode json = server.post(PATH, sum(",\"thinking\":{\"type\":\"disabled\"}")).json();
    assertThat(json.path("choices").get(0).path("message").has("reasoning_content")).isFalse();
    assertThat(reasoningTokens(json)).isZero();
  }

  @Test
  void deepSeeksNamesMeanTheFirstModel() throws Exception {
    JsonNode chat = server.post(PATH, sum(",\"model\":\"deepseek-chat\"")).json();
    assertThat(reasoningTokens(chat)).isZero();
    JsonNode reasoner = server.post(PATH, sum(",\"model\":\"deepseek-reasoner\"")).json();
    assertThat(reasoner.path("model").stringValue()).isEqualTo("embedded");
    assertThat(reasoningTokens(reasoner)).isPositive();
  }

  @Test
  void aBudgetOfMoneyClosesTheThoughtsToo() throws Exception {
    JsonNode json = server.post(PATH, sum(",\"thinking_cents\":0")).json();
    assertThat(json.path("choices").get(0).path("tiefsee").path("notes").toString())
        .contains("thinking_budget");
  }

  @Test
  void anAnswerCanBeBegun() throws Exception {
    JsonNode json =
        server
            .post(
                PATH,
                """
                {"messages":[{"role":"user","content":"What is 2 + 3?"},
                 {"role":"assistant","content":"2 + 3 =","prefix":true}],
                 "temperature":0,"max_tokens":20}\
                """)
            .json();
    JsonNode message = json.path("choices").get(0).path("message");
    assertThat(message.path("content").asString("")).as(json.toString()).contains("5");
    assertThat(message.has("reasoning_content")).isFalse();
  }

  @Test
  void logProbabilitiesBelongToTheTokens() throws Exception {
    JsonNode choice =
        server
            .post(PATH, sum(",\"logprobs\":true,\"top_logprobs\":2"))
            .json()
            .path("choices")
            .get(0);
    StringBuilder text = new StringBuilder();
    for (JsonNode token : choice.path("logprobs").path("content")) {
      text.append(token.path("token").stringValue());
      assertThat(token.path("logprob").doubleValue()).isLessThanOrEqualTo(0);
      assertThat(token.path("top_logprobs").size()).isEqualTo(2);
      assertThat(token.path("top_logprobs").get(0).path("logprob").doubleValue())
          .isGreaterThanOrEqualTo(token.path("top_logprobs").get(1).path("logprob").doubleValue());
    }
    assertThat(text.toString()).contains(choice.path("message").path("content").stringValue());
    assertThat(choice.path("logprobs").path("reasoning_content").size()).isPositive();
  }

  @Test
  void stopStringsAndBiasesHold() throws Exception {
    JsonNode stopped = server.post(PATH, sum(",\"stop\":[\"5\"]")).json();
    JsonNode choice = stopped.path("choices").get(0);
    assertThat(choice.path("message").path("content").stringValue()).doesNotContain("5");
    assertThat(choice.path("finish_reason").stringValue()).isEqualTo("stop");
    TestServer.Reply beyond = server.post(PATH, sum(",\"logit_bias\":{\"99999999\":1}"));
    assertThat(beyond.status()).isEqualTo(400);
    assertThat(beyond.body()).contains("logit_bias");
  }

  @Test
  void aGrammarHoldsTheAnswer() throws Exception {
    JsonNode json =
        server.post(PATH, sum(",\"grammar\":\"root ::= \\\"yes\\\" | \\\"no\\\"\"")).json();
    JsonNode message = json.path("choices").get(0).path("message");
    assertThat(message.path("content").asString("")).as(json.toString()).isIn("yes", "no");
    assertThat(message.path("reasoning_content").stringValue()).isNotBlank();
    TestServer.Reply broken = server.post(PATH, sum(",\"grammar\":\"root ::= (\""));
    assertThat(broken.status()).isEqualTo(400);
    assertThat(broken.json().path("error").path("param").stringValue()).isEqualTo("grammar");
  }

  @Test
  void dialectsDifferInWhatTheySayOfThoughts() throws Exception {
    String history =
        """
        {"messages":[{"role":"user","content":"What is 1 + 1?"},
         {"role":"assistant","content":"2","reasoning_content":"one and one"},
         {"role":"user","content":"What is 2 + 3?"}],"temperature":0,"max_tokens":200}\
        """;
    assertThat(server.post(PATH, history).status()).isEqualTo(200);
    TestServer.Reply old = server.post(PATH, history, "X-Tiefsee-Dialect", "deepseek-2025");
    assertThat(old.status()).isEqualTo(400);
    assertThat(old.json().path("error").path("param").stringValue())
        .isEqualTo("messages[1].reasoning_content");
    JsonNode vllm = server.post(PATH, sum(""), "X-Tiefsee-Dialect", "vllm").json();
    assertThat(vllm.path("choices").get(0).path("message").path("reasoning").stringValue())
        .isNotBlank();
    assertThat(server.post(PATH, sum(""), "X-Tiefsee-Dialect", "latin").status()).isEqualTo(400);
  }

  @Test
  void unknownFieldsAreIgnored() throws Exception {
    assertThat(server.post(PATH, sum(",\"user\":\"me\",\"store\":false,\"n\":null")).status())
        .isEqualTo(200);
  }
}
