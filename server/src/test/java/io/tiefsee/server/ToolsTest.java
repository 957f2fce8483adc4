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
import tools.jackson.databind.ObjectMapper;

/** Functions that the model may or has to call. */
class ToolsTest {
  private static final String PATH = "/v1/chat/completions";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(TestServer.TINY);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Random weights call nothing by themselves; where they have to, the grammar leads them. */
  private static String request(String more) {
    return """
    {"messages":[{"role":"user","content":"x"}],"seed":3,"temperature":1,
     "tools":[
      {"type":"function","function":{"name":"set","parameters":{"type":"object",
       "properties":{"on":{"type":"boolean"}},"required":["on"],
       "additionalProperties":false}}},
      {"type":"function","function":{"name":"stop"}}]
     %s}\
    """
        .formatted(more);
  }

  @Test
  void aCallThatIsRequiredObeysItsSchema() throws Exception {
    String named = ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"set\"}}";
    TestServer.Reply reply = server.post(PATH, request(named));
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    JsonNode choice = reply.json().path("choices").get(0);
    assertThat(choice.path("finish_reason").stringValue()).isEqualTo("tool_calls");
    assertThat(choice.path("message").path("content").isNull()).isTrue();
    JsonNode call = choice.path("message").path("tool_calls").get(0);
    assertThat(call.path("type").stringValue()).isEqualTo("function");
    assertThat(call.path("function").path("name").stringValue()).isEqualTo("set");
    JsonNode arguments = JSON.readTree(call.path("function").path("arguments").stringValue());
    assertThat(arguments.path("on").isBoolean()).isTrue();
  }

  @Test
  void aStreamGivesTheSameCall() throws Exception {
    String more = ",\"tool_choice\":\"required\",\"parallel_tool_calls\":false";
    JsonNode whole =
        server
            .post(PATH, request(more))
            .json()
            .path("choices")
            .get(0)
            .path("message")
            .path("tool_calls");
    assertThat(whole.size()).isEqualTo(1);
    List<JsonNode> calls =
        server.post(PATH, request(more + ",\"stream\":true")).chunks().stream()
            .map(c -> c.path("choices").path(0).path("delta").path("tool_calls").path(0))
            .filter(JsonNode::isObject)
            .toList();
    assertThat(calls.getFirst().path("id").stringValue()).startsWith("call_");
    assertThat(calls.getFirst().path("function").path("name"))
        .isEqualTo(whole.get(0).path("function").path("name"));
    assertThat(
            calls.stream()
                .map(c -> c.path("function").path("arguments").asString(""))
                .collect(Collectors.joining()))
        .isEqualTo(whole.get(0).path("function").path("arguments").stringValue());
  }

  @Test
  void withoutAChoiceTheModelMayAnswerInWords() throws Exception {
    TestServer.Reply reply = server.post(PATH, request(",\"max_tokens\":20"));
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(reply.json().path("choices").get(0).path("message").path("role").stringValue())
        .isEqualTo("assistant");
  }

  @Test
  void earlierCallsAndTheirResultsAreRead() throws Exception {
    TestServer.Reply reply =
        server.post(
            PATH,
            """
            {"max_tokens":4,"messages":[{"role":"user","content":"x"},
             {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function",
              "function":{"name":"set","arguments":"{\\"on\\":true}"}}]},
             {"role":"tool","tool_call_id":"call_1","content":"done"}]}\
            """);
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"tools\":1 | 422 | tools",
        "\"tools\":[{\"type\":\"magic\",\"function\":{\"name\":\"f\"}}] | 400 | tools[0].type",
        "\"tools\":[{\"function\":{}}] | 400 | tools[0].function.name",
        "\"tools\":[{\"function\":{\"name\":\"a b\"}}] | 400 | tools[0].function.name",
        "\"tool_choice\":\"required\" | 400 | tool_choice",
        "\"tool_choice\":\"maybe\" | 400 | tool_choice",
        "\"tool_choice\":{\"function\":{\"name\":\"f\"}} | 400 | tool_choice",
        "\"tools\":[{\"function\":{\"name\":\"f\",\"parameters\":7}}] | 422 |"
            + " tools[0].function.parameters",
      })
  void whatIsWrongIsNamed(String field, int status, String name) throws Exception {
    TestServer.Reply reply =
        server.post(PATH, "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]," + field + "}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.json().path("error").path("param").stringValue()).isEqualTo(name);
  }
}
