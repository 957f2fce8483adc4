package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code /v1/embeddings}, {@code /tokenize}, {@code /detokenize}, {@code /v1/models/NAME}. */
class EmbeddingsTest {
  private static final String PATH = "/v1/embeddings";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(TestServer.TINY, TestServer.EMBEDDED);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode post(String path, String body) throws Exception {
    TestServer.Reply reply = server.post(path, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json();
  }

  private static double[] vector(JsonNode numbers) {
    double[] vector = new double[numbers.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = numbers.get(i).doubleValue();
    }
    return vector;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void vectorsHaveLengthOneAndDependOnTheirTextAlone() throws Exception {
    JsonNode json = post(PATH, "{\"input\":[\"one text\",\"another\",\"one text\"]}");
    assertThat(json.path("data").size()).isEqualTo(3);
    double[] first = vector(json.path("data").get(0).path("embedding"));
    double[] other = vector(json.path("data").get(1).path("embedding"));
    double[] again = vector(json.path("data").get(2).path("embedding"));
    assertThat(dot(first, first)).isCloseTo(1, within(1e-4));
    assertThat(again).isEqualTo(first);
    assertThat(dot(first, other)).isLessThan(0.9999);
    assertThat(json.path("data").get(1).path("index").intValue()).isEqualTo(1);
    assertThat(json.path("usage").path("prompt_tokens").intValue()).isPositive();
  }

  @Test
  void base64HasTheSameNumbers() throws Exception {
    double[] plain =
        vector(post(PATH, "{\"input\":\"text\"}").path("data").get(0).path("embedding"));
    String text =
        post(PATH, "{\"input\":\"text\",\"encoding_format\":\"base64\"}")
            .path("data")
            .get(0)
            .path("embedding")
            .stringValue();
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.remaining()).isEqualTo(plain.length * Float.BYTES);
    for (double x : plain) {
      assertThat((double) bytes.getFloat()).isCloseTo(x, within(1e-7));
    }
  }

  @Test
  void fewerDimensionsHaveLengthOneToo() throws Exception {
    JsonNode json = post(PATH, "{\"input\":\"text\",\"dimensions\":5,\"pooling\":\"last\"}");
    double[] vector = vector(json.path("data").get(0).path("embedding"));
    assertThat(vector).hasSize(5);
    assertThat(dot(vector, vector)).isCloseTo(1, within(1e-5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                            | 400 | input",
        "{\"input\":\"\"}                              | 400 | input[0]",
        "{\"input\":{}}                                | 422 | input",
        "{\"input\":\"a\",\"dimensions\":100000}       | 400 | dimensions",
        "{\"input\":\"a\",\"encoding_format\":\"hex\"} | 400 | encoding_format",
        "{\"input\":\"a\",\"model\":\"none\"}          | 404 |",
      })
  void whatIsWrongIsNamed(String body, int status, String field) throws Exception {
    TestServer.Reply reply = server.post(PATH, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(status);
    assertThat(reply.json().path("error").path("param").asString(""))
        .isEqualTo(field == null ? "" : field);
  }

  @Test
  void aTextTooLongForTheContextIsA400() throws Exception {
    TestServer.Reply reply = server.post(PATH, "{\"input\":\"" + "word ".repeat(2000) + "\"}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).contains("context");
  }

  @Test
  void tokensBecomeTheTextAgain() throws Exception {
    String text = "Ein Fuß, 2 Füße";
    for (String request : new String[] {"{\"content\":\"%s\"}", "{\"prompt\":\"%s\"}"}) {
      JsonNode tokens = post("/tokenize", request.formatted(text)).path("tokens");
      JsonNode back = post("/detokenize", "{\"tokens\":" + tokens + "}");
      assertThat(back.path("content").stringValue()).endsWith(text);
      assertThat(back.path("prompt")).isEqualTo(back.path("content"));
    }
  }

  @Test
  void piecesJoinToTheText() throws Exception {
    JsonNode tokens =
        post("/tokenize", "{\"content\":\"Hello you\",\"with_pieces\":true}").path("tokens");
    StringBuilder text = new StringBuilder();
    tokens.forEach(t -> text.append(t.path("piece").stringValue()));
    assertThat(text.toString().strip()).isEqualTo("Hello you");
    assertThat(tokens.get(0).path("id").isInt()).isTrue();
  }

  @Test
  void aConversationCanBeCounted() throws Exception {
    JsonNode json =
        post(
            "/tokenize",
            """
            {"model":"embedded","messages":[{"role":"user","content":"What is 2 + 3?"}],
             "return_token_strs":true}\
            """);
    int count = json.path("count").intValue();
    assertThat(json.path("tokens").size()).isEqualTo(count).isPositive();
    assertThat(json.path("token_strs").size()).isEqualTo(count);
    JsonNode chat =
        post(
            "/v1/chat/completions",
            """
            {"model":"embedded","messages":[{"role":"user","content":"What is 2 + 3?"}],
             "max_tokens":1}\
            """);
    assertThat(chat.path("usage").path("prompt_tokens").intValue()).isEqualTo(count);
    assertThat(json.path("max_model_len").intValue()).isGreaterThan(count);
  }

  @Test
  void aModelCanBeAskedForByItsName() throws Exception {
    TestServer.Reply reply = server.get("/v1/models/tiny");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().path("id").stringValue()).isEqualTo("tiny");
    assertThat(server.get("/v1/models/none").status()).isEqualTo(404);
  }
}
