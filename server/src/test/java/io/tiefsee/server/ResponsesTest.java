package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** OpenAI's {@code /v1/responses}. */
class ResponsesTest {
  private static final String PATH = "/v1/responses";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOOL =
      """
      "tools":[{"type":"function","name":"add","description":"adds","parameters":{"type":"object",
       "properties":{"a":{"type":"integer","minimum":0,"maximum":9}},"required":["a"],
       "additionalProperties":false}}]\
      """;

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
    TestServer.Reply reply = server.post(PATH, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json();
  }

  private static String sum(String more) {
    return "{\"input\":\"What is 2 + 3?\",\"temperature\":0,\"max_output_tokens\":300" + more + "}";
  }

  private static String text(JsonNode item) {
    return item.path("content").path(0).path("text").stringValue();
  }

  @Test
  void thoughtsAreAnItemBeforeTheMessage() throws Exception {
    JsonNode json = post(sum(""));
    assertThat(json.path("status").stringValue()).isEqualTo("completed");
    JsonNode output = json.path("output");
    assertThat(output.get(0).path("type").stringValue()).isEqualTo("reasoning");
    assertThat(text(output.get(0))).isNotBlank();
    assertThat(output.get(1).path("role").stringValue()).isEqualTo("assistant");
    assertThat(text(output.get(1))).contains("5");
    JsonNode usage = json.path("usage");
    assertThat(usage.path("total_tokens").intValue())
        .isEqualTo(usage.path("input_tokens").intValue() + usage.path("output_tokens").intValue());
    assertThat(usage.path("output_tokens_details").path("reasoning_tokens").intValue())
        .isPositive();
  }

  @Test
  void aStreamBuildsTheSame() throws Exception {
    JsonNode whole = post(sum(""));
    TestServer.Reply reply = server.post(PATH, sum(",\"stream\":true"));
    List<JsonNode> events = reply.chunks();
    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i).path("sequence_number").intValue()).isEqualTo(i);
    }
    assertThat(types(events)).startsWith("response.created", "response.in_progress");
    JsonNode last = events.getLast();
    assertThat(last.path("type").stringValue()).isEqualTo("response.completed");
    assertThat(last.path("response").path("output").size()).isEqualTo(2);
    for (int i = 0; i < 2; i++) {
      assertThat(text(last.path("response").path("output").get(i)))
          .isEqualTo(text(whole.path("output").get(i)));
    }
    assertThat(joined(events, "response.output_text.delta"))
        .isEqualTo(text(whole.path("output").get(1)));
    assertThat(joined(events, "response.reasoning_text.delta"))
        .isEqualTo(text(whole.path("output").get(0)));
    assertThat(reply.body()).contains("event: response.output_item.done\n");
  }

  private static List<String> types(List<JsonNode> events) {
    return events.stream().map(e -> e.path("type").stringValue()).toList();
  }

  private static String joined(List<JsonNode> events, String type) {
    return events.stream()
        .filter(e -> e.path("type").stringValue().equals(type))
        .map(e -> e.path("delta").stringValue())
        .collect(Collectors.joining());
  }

  @Test
  void aFunctionThatHasToBeCalledIsCalled() throws Exception {
    String body =
        "{\"model\":\"tiny\",\"input\":\"Hello\",\"seed\":1,\"tool_choice\":\"required\",\"parallel_tool_calls\":false,"
            + TOOL
            + "}";
    JsonNode call = post(body).path("output").get(0);
    assertThat(call.path("type").stringValue()).isEqualTo("function_call");
    assertThat(call.path("name").stringValue()).isEqualTo("add");
    JsonNode arguments = JSON.readTree(call.path("arguments").stringValue());
    assertThat(arguments.path("a").intValue()).isBetween(0, 9);
    List<JsonNode> events =
        server.post(PATH, body.replace("\"seed\"", "\"stream\":true,\"seed\"")).chunks();
    assertThat(joined(events, "response.function_call_arguments.delta"))
        .isEqualTo(call.path("arguments").stringValue());
    assertThat(types(events)).contains("response.function_call_arguments.done");
  }

  @Test
  void aSchemaHolds() throws Exception {
    JsonNode json =
        post(
            """
            {"model":"tiny","input":"Hello","seed":2,"text":{"format":{"type":"json_schema",
             "name":"n","schema":{"enum":["x","y"]}}}}\
            """);
    assertThat(JSON.readTree(text(json.path("output").get(0))).stringValue()).isIn("x", "y");
  }

  @Test
  void aConversationGoesOnFromAResponse() throws Exception {
    JsonNode first = post(sum(""));
    String id = first.path("id").stringValue();
    JsonNode second =
        post(
            "{\"input\":\"And 3 + 4?\",\"max_output_tokens\":5,\"previous_response_id\":\""
                + id
                + "\"}");
    assertThat(second.path("previous_response_id").stringValue()).isEqualTo(id);
    assertThat(second.path("usage").path("input_tokens").intValue())
        .isGreaterThan(first.path("usage").path("input_tokens").intValue());
    assertThat(server.get(PATH + "/" + id).json()).isEqualTo(first);
    JsonNode items = server.get(PATH + "/" + id + "/input_items").json();
    assertThat(text(items.path("data").get(0))).isEqualTo("What is 2 + 3?");
    TestServer.Reply deleted = server.send(server.request(PATH + "/" + id).DELETE().build());
    assertThat(deleted.json().path("deleted").booleanValue()).isTrue();
    assertThat(server.get(PATH + "/" + id).status()).isEqualTo(404);
  }

  @Test
  void whatIsNotToBeKeptIsNot() throws Exception {
    String id = post(sum(",\"store\":false")).path("id").stringValue();
    assertThat(server.get(PATH + "/" + id).status()).isEqualTo(404);
  }

  @Test
  void itemsAreReadAsMessages() throws Exception {
    String items =
        """
        {"input":[{"role":"developer","content":"Be brief."},
         {"role":"user","content":[{"type":"input_text","text":"What is 2 + 3?"}]},
         {"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"sum"}]},
         {"type":"message","role":"assistant","content":[{"type":"output_text","text":"5",
          "annotations":[]}]},
         {"type":"function_call","call_id":"c1","name":"add","arguments":"{}"},
         {"type":"function_call_output","call_id":"c1","output":"7"}]}\
        """;
    ResponsesCall call =
        ResponsesCall.read(
            Fields.parse(items.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
            new ResponseStore(1, 1000),
            Caller.anyone());
    List<Map<String, Object>> messages = call.request().messages();
    assertThat(messages.stream().map(m -> m.get("role")))
        .containsExactly("system", "user", "assistant", "tool");
    assertThat(messages.get(2))
        .containsEntry("content", "5")
        .containsEntry("reasoning_content", "sum")
        .containsKey("tool_calls");
    assertThat(messages.get(3)).containsEntry("tool_call_id", "c1");
  }

  private static Caller caller(String name) {
    return Caller.of(ApiKey.unlimited(name, "0".repeat(64)), System::nanoTime);
  }

  @Test
  void theStoreKeepsWhatFitsAndEachCallersOwn() {
    ResponseStore store = new ResponseStore(3, 1_000);
    Caller alice = caller("alice");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ObjectNode response = JSON.createObjectNode().put("id", "r" + i);
      ArrayNode input = JSON.createArrayNode();
      store.put(new ResponseStore.Stored(alice, response, input, List.of()));
      ids.add("r" + i);
    }
    assertThat(ids.stream().filter(id -> store.get(id, alice).isPresent()))
        .containsExactly("r2", "r3", "r4");
    assertThat(store.get("r4", caller("bob"))).isEmpty();
    assertThat(store.remove("r4", caller("bob"))).isFalse();
    ObjectNode large = JSON.createObjectNode().put("id", "large").put("text", "x".repeat(990));
    store.put(new ResponseStore.Stored(alice, large, JSON.createArrayNode(), List.of()));
    assertThat(store.get("r2", alice)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                                  | 400 | input",
        "{\"input\":5}                                       | 422 | input",
        "{\"input\":[]}                                      | 400 | input",
        "{\"input\":[{\"type\":\"image\"}]}                  | 400 | input[0].type",
        "{\"input\":[{\"role\":\"king\",\"content\":\"\"}]}  | 400 | input[0].role",
        "{\"input\":\"a\",\"background\":true}               | 400 | background",
        "{\"input\":\"a\",\"previous_response_id\":\"r\"}    | 400 | previous_response_id",
        "{\"input\":\"a\",\"tools\":[{\"type\":\"web_search\"}]} | 400 | tools[0].type",
        "{\"input\":\"a\",\"reasoning\":{\"effort\":\"x\"}}  | 400 | reasoning.effort",
        "{\"input\":\"a\",\"text\":{\"format\":{\"type\":\"json_schema\"}}} | 400 |"
            + " text.format.schema",
      })
  void whatIsWrongIsNamed(String body, int status, String field) throws Exception {
    TestServer.Reply reply = server.post(PATH, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.json().path("error").path("param").asString("")).isEqualTo(field);
  }
}
