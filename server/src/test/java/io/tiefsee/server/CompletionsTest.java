package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/completions}. */
class CompletionsTest {
  private static final String PATH = "/v1/completions";

  private static final ObjectMapper JSON = new ObjectMapper();

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(TestServer.TINY, TestServer.EMBEDDED);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode complete(String fields) throws Exception {
    TestServer.Reply reply = server.post(PATH, fields);
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json();
  }

  @Test
  void aTextGoesOnAndNothingIsSetApart() throws Exception {
    JsonNode json =
        complete(
            """
            {"model":"embedded","prompt":"<think>","temperature":0,"max_tokens":40}\
            """);
    assertThat(json.path("object").stringValue()).isEqualTo("text_completion");
    JsonNode choice = json.path("choices").get(0);
    assertThat(choice.path("text").stringValue()).isNotBlank();
    assertThat(json.path("usage").path("completion_tokens").intValue()).isBetween(1, 40);
  }

  @Test
  void sixteenTokensAreTheDefault() throws Exception {
    JsonNode json = complete("{\"prompt\":\"ab\",\"ignore_eos\":true}");
    assertThat(json.path("usage").path("completion_tokens").intValue()).isEqualTo(16);
    assertThat(json.path("choices").get(0).path("finish_reason").stringValue()).isEqualTo("length");
  }

  @Test
  void severalPromptsAndAnswersHaveIndicesInOrder() throws Exception {
    JsonNode json =
        complete(
            """
            {"prompt":["ab","cd"],"n":2,"seed":3,"max_tokens":4,"ignore_eos":true}\
            """);
    assertThat(json.path("choices").size()).isEqualTo(4);
    for (int i = 0; i < 4; i++) {
      assertThat(json.path("choices").get(i).path("index").intValue()).isEqualTo(i);
    }
    assertThat(json.path("usage").path("completion_tokens").intValue()).isEqualTo(16);
    JsonNode alone =
        complete("{\"prompt\":\"cd\",\"n\":2,\"seed\":3,\"max_tokens\":4,\"ignore_eos\":true}");
    assertThat(json.path("choices").get(2).path("text"))
        .isEqualTo(alone.path("choices").get(0).path("text"));
  }

  @Test
  void textAndTokensMeanTheSame() throws Exception {
    JsonNode tokens =
        server
            .post("/tokenize", "{\"content\":\"Hello you\",\"add_special\":true}")
            .json()
            .path("tokens");
    String rest = ",\"temperature\":0,\"max_tokens\":8}";
    assertThat(complete("{\"prompt\":" + tokens + rest).path("choices").get(0).path("text"))
        .isEqualTo(
            complete("{\"prompt\":\"Hello you\"" + rest).path("choices").get(0).path("text"));
  }

  @Test
  void theEchoHasTheScoresThatTheModelGives() throws Exception {
    JsonNode choice =
        complete(
                """
                {"model":"embedded","prompt":"What is 2","echo":true,"logprobs":2,"max_tokens":3,
                 "temperature":0,"ignore_eos":true}\
                """)
            .path("choices")
            .get(0);
    assertThat(choice.path("text").stringValue()).startsWith("What is 2");
    JsonNode scores = choice.path("logprobs");
    int n = scores.path("tokens").size();
    for (String list : List.of("token_logprobs", "top_logprobs", "text_offset")) {
      assertThat(scores.path(list).size()).as(list).isEqualTo(n);
    }
    assertThat(scores.path("text_offset").get(1).intValue())
        .isEqualTo(scores.path("tokens").get(0).stringValue().length());
    // What was generated is scored the same when it is read as a prompt.
    ArrayNode ids = JSON.createArrayNode();
    String begin = "{\"model\":\"embedded\",\"content\":\"\",\"add_special\":true}";
    ids.addAll((ArrayNode) server.post("/tokenize", begin).json().path("tokens"));
    int before = ids.size();
    for (JsonNode token : scores.path("tokens")) {
      ObjectNode request = JSON.createObjectNode().put("model", "embedded");
      request.set("content", token);
      JsonNode id = server.post("/tokenize", request.toString()).json().path("tokens");
      assertThat(id.size()).isEqualTo(1);
      ids.add(id.get(0));
    }
    ObjectNode request = JSON.createObjectNode().put("model", "embedded").put("max_tokens", 0);
    request.put("echo", true).put("logprobs", 0).set("prompt", ids);
    JsonNode again = complete(request.toString()).path("choices").get(0).path("logprobs");
    for (int i = 1; i < n; i++) {
      assertThat(again.path("token_logprobs").get(before + i).doubleValue())
          .isCloseTo(scores.path("token_logprobs").get(i).doubleValue(), within(1e-3));
    }
  }

  @Test
  void aPromptAloneCanBeScored() throws Exception {
    JsonNode json =
        complete("{\"prompt\":\"Hello\",\"echo\":true,\"logprobs\":1,\"max_tokens\":0}");
    assertThat(json.path("choices").get(0).path("text").stringValue()).isEqualTo("Hello");
    assertThat(json.path("usage").path("completion_tokens").intValue()).isZero();
  }

  @Test
  void theBestOfSeveralIsTheMostProbable() throws Exception {
    String fields =
        "{\"prompt\":\"ab\",\"seed\":5,\"max_tokens\":4,\"ignore_eos\":true,\"logprobs\":0,";
    JsonNode all = complete(fields + "\"n\":4}").path("choices");
    JsonNode best = complete(fields + "\"n\":1,\"best_of\":4}").path("choices");
    assertThat(best.size()).isEqualTo(1);
    double most =
        StreamSupport.stream(all.spliterator(), false)
            .mapToDouble(CompletionsTest::sum)
            .max()
            .orElseThrow();
    assertThat(sum(best.get(0))).isCloseTo(most, within(1e-4));
  }

  private static double sum(JsonNode choice) {
    double sum = 0;
    for (JsonNode value : choice.path("logprobs").path("token_logprobs")) {
      sum += value.doubleValue();
    }
    return sum;
  }

  @Test
  void aStreamSaysTheSame() throws Exception {
    String fields =
        "{\"prompt\":[\"ab\",\"cd\"],\"temperature\":0,\"max_tokens\":6,\"echo\":true,"
            + "\"ignore_eos\":true";
    JsonNode whole = complete(fields + "}").path("choices");
    TestServer.Reply reply =
        server.post(PATH, fields + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    assertThat(reply.events().getLast()).isEqualTo("[DONE]");
    for (int index = 0; index < 2; index++) {
      int wanted = index;
      assertThat(
              reply.chunks().stream()
                  .map(c -> c.path("choices").path(0))
                  .filter(c -> c.path("index").asInt(-1) == wanted)
                  .map(c -> c.path("text").stringValue())
                  .collect(Collectors.joining()))
          .isEqualTo(whole.get(index).path("text").stringValue());
    }
    JsonNode last = reply.chunks().getLast();
    assertThat(last.path("choices").size()).isZero();
    assertThat(last.path("usage").path("completion_tokens").intValue()).isEqualTo(12);
  }

  @Test
  void theReceiptAddsUpAllAnswers() throws Exception {
    String fields = "{\"prompt\":[\"ab\",\"cd\"],\"max_tokens\":4,\"ignore_eos\":true,";
    TestServer.Reply reply = server.post(PATH, fields + "\"receipt\":true}");
    JsonNode tokens = reply.json().path("usage").path("receipt").path("tokens");
    assertThat(tokens.path("answer").intValue()).isEqualTo(8);
    assertThat(reply.response().headers().firstValue("X-Tiefsee-Cost")).isPresent();
    JsonNode last =
        server
            .post(
                PATH,
                fields
                    + "\"receipt\":true,\"stream\":true,"
                    + "\"stream_options\":{\"include_usage\":true}}")
            .chunks()
            .getLast();
    assertThat(last.path("usage").path("receipt").path("cost").has("total")).isTrue();
  }

  @Test
  void aGrammarHoldsFromTheFirstCharacter() throws Exception {
    JsonNode json =
        complete(
            """
            {"model":"embedded","prompt":"Say","max_tokens":20,
             "grammar":"root ::= \\"yes\\" | \\"no\\""}\
            """);
    assertThat(json.path("choices").get(0).path("text").stringValue()).isIn("yes", "no");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                            | 400 | prompt",
        "{\"prompt\":7}                                | 422 | prompt",
        "{\"prompt\":[]}                               | 400 | prompt",
        "{\"prompt\":[\"a\",true]}                     | 422 | prompt[1]",
        "{\"prompt\":[1,2.5]}                          | 422 | prompt[1]",
        "{\"prompt\":[-1]}                             | 400 | prompt[0]",
        "{\"prompt\":[100000]}                         | 400 |",
        "{\"prompt\":\"a\",\"suffix\":\"b\"}           | 400 | suffix",
        "{\"prompt\":\"a\",\"suffix\":\"b\",\"echo\":true} | 400 | suffix",
        "{\"prompt\":\"a\",\"logprobs\":21}            | 400 | logprobs",
        "{\"prompt\":\"a\",\"n\":2,\"best_of\":1}      | 400 | best_of",
        "{\"prompt\":\"a\",\"max_tokens\":-1}          | 400 | max_tokens",
        "{\"prompt\":\"a\",\"grammar\":\"root ::= (\"} | 400 | grammar",
      })
  void whatIsWrongIsNamed(String body, int status, String field) throws Exception {
    TestServer.Reply reply = server.post("/beta/completions", body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.json().path("error").path("param").asString(""))
        .isEqualTo(field == null ? "" : field);
  }
}
