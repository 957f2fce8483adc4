package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Anthropic's {@code /v1/messages}. */
class MessagesTest {
  private static final String PATH = "/v1/messages";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(TestServer.EMBEDDED, TestServer.TINY);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode post(String body) throws Exception {
    TestServer.Reply reply = server.post("/anthropic" + PATH, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json();
  }

  private static String sum(String more) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":\"What is 2 + 3?\"}],\"temperature\":0,"
        + "\"max_tokens\":300"
        + more
        + "}";
  }

  @Test
  void thoughtsAndTextAreBlocks() throws Exception {
    JsonNode json = post(sum(""));
    JsonNode content = json.path("content");
    assertThat(content.get(0).path("type").stringValue()).isEqualTo("thinking");
    assertThat(content.get(0).path("thinking").stringValue()).isNotBlank();
    assertThat(content.get(0).path("signature").stringValue()).isNotBlank();
    assertThat(content.get(1).path("text").stringValue()).contains("5");
    assertThat(json.path("stop_reason").stringValue()).isEqualTo("end_turn");
    assertThat(json.path("usage").path("output_tokens").intValue()).isPositive();
  }

  @Test
  void aStreamBuildsTheSame() throws Exception {
    JsonNode whole = post(sum(""));
    TestServer.Reply reply = server.post(PATH, sum(",\"stream\":true"));
    List<JsonNode> events = reply.chunks();
    List<String> types = events.stream().map(e -> e.path("type").stringValue()).toList();
    assertThat(types).startsWith("message_start", "content_block_start");
    assertThat(types).endsWith("content_block_stop", "message_delta", "message_stop");
    assertThat(joined(events, "thinking"))
        .isEqualTo(whole.path("content").get(0).path("thinking").stringValue());
    assertThat(joined(events, "text"))
        .isEqualTo(whole.path("content").get(1).path("text").stringValue());
    JsonNode delta = events.get(events.size() - 2);
    assertThat(delta.path("delta").path("stop_reason").stringValue()).isEqualTo("end_turn");
    assertThat(delta.path("usage").path("output_tokens"))
        .isEqualTo(whole.path("usage").path("output_tokens"));
    assertThat(reply.body()).startsWith("event: message_start\n");
  }

  private static String joined(List<JsonNode> events, String field) {
    return events.stream()
        .map(e -> e.path("delta").path(field).asString(""))
        .collect(Collectors.joining());
  }

  @Test
  void aReceiptComesWhereItIsAskedFor() throws Exception {
    assertThat(post(sum("")).path("usage").has("receipt")).isFalse();
    JsonNode receipt = post(sum(",\"receipt\":true")).path("usage").path("receipt");
    assertThat(receipt.path("tokens").path("thinking").intValue()).isPositive();
    List<JsonNode> events = server.post(PATH, sum(",\"receipt\":true,\"stream\":true")).chunks();
    JsonNode usage = events.get(events.size() - 2).path("usage");
    assertThat(usage.path("receipt").path("joules").has("total")).isTrue();
  }

  @Test
  void aStopSequenceIsNamed() throws Exception {
    JsonNode json = post(sum(",\"stop_sequences\":[\"zzz\",\"5\"]"));
    assertThat(json.path("stop_reason").stringValue()).isEqualTo("stop_sequence");
    assertThat(json.path("stop_sequence").stringValue()).isEqualTo("5");
    assertThat(post(sum("").replace("300", "3")).path("stop_reason").stringValue())
        .isEqualTo("max_tokens");
  }

  @Test
  void aToolThatHasToBeUsedIsUsed() throws Exception {
    String body =
        """
        {"model":"tiny","max_tokens":200,"messages":[{"role":"user","content":"Hello"}],
         "tools":[{"name":"add","input_schema":{"type":"object","properties":{"a":{"type":"integer",
          "minimum":0,"maximum":9}},"required":["a"],"additionalProperties":false}}],
         "tool_choice":{"type":"tool","name":"add"}%s}\
        """;
    JsonNode json = post(body.formatted(""));
    assertThat(json.path("stop_reason").stringValue()).isEqualTo("tool_use");
    JsonNode use = json.path("content").get(0);
    assertThat(use.path("name").stringValue()).isEqualTo("add");
    assertThat(use.path("input").path("a").intValue()).isBetween(0, 9);
    List<JsonNode> events = server.post(PATH, body.formatted(",\"stream\":true")).chunks();
    JsonNode input = new ObjectMapper().readTree(joined(events, "partial_json"));
    assertThat(input.path("a").isInt()).isTrue();
  }

  @Test
  void blocksAreReadAsMessages() {
    String body =
        """
        {"system":[{"type":"text","text":"Be brief."}],"messages":[
         {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
         {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},
          {"type":"text","text":"c"},{"type":"tool_use","id":"u1","name":"add","input":{"a":1}}]},
         {"role":"user","content":[{"type":"tool_result","tool_use_id":"u1","is_error":true,
          "content":[{"type":"text","text":"no"}]},{"type":"text","text":"d"}]}]}\
        """;
    List<Map<String, Object>> messages =
        MessagesCall.read(Fields.parse(body.getBytes(StandardCharsets.UTF_8)), false)
            .request()
            .messages();
    assertThat(messages.stream().map(m -> m.get("role") + ":" + m.get("content")))
        .containsExactly(
            "system:Be brief.", "user:a\nb", "assistant:c", "tool:Error: no", "user:d");
    assertThat(messages.get(2)).containsEntry("reasoning_content", "t").containsKey("tool_calls");
  }

  @Test
  void anAnswerCanBeBegun() throws Exception {
    JsonNode json =
        post(
            """
            {"messages":[{"role":"user","content":"What is 2 + 3?"},
             {"role":"assistant","content":"The answer is"}],"temperature":0,"max_tokens":40}\
            """);
    assertThat(json.path("content").get(0).path("type").stringValue()).isEqualTo("text");
  }

  @Test
  void tokensAreCountedAsTheyAreCharged() throws Exception {
    TestServer.Reply reply =
        server.post(
            PATH + "/count_tokens",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"What is 2 + 3?\"}]}");
    JsonNode usage = post(sum("")).path("usage");
    assertThat(reply.json().path("input_tokens").intValue())
        .isEqualTo(
            usage.path("input_tokens").intValue()
                + usage.path("cache_read_input_tokens").intValue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"max_tokens\":1}                                                  | 400 | messages",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}              | 400 | max_tokens",
        "{\"max_tokens\":1,\"messages\":[{\"role\":\"x\",\"content\":\"a\"}]} | 400 |"
            + " messages[0].role",
        "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}]}"
            + " | 400 | messages[0].content[0].type",
        "{\"max_tokens\":1,\"model\":\"none\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"
            + " | 404 | none",
      })
  void errorsAreAnthropics(String body, int status, String word) throws Exception {
    TestServer.Reply reply = server.post(PATH, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    JsonNode json = reply.json();
    assertThat(json.path("type").stringValue()).isEqualTo("error");
    assertThat(json.path("error").path("type").stringValue())
        .isEqualTo(status == 404 ? "not_found_error" : "invalid_request_error");
    assertThat(json.path("error").path("message").stringValue()).contains(word);
  }
}
