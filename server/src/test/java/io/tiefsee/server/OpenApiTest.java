package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.server.OpenApiDocument.Operation;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The OpenAPI document says what the server does, no less and no more. */
class OpenApiTest {
  private static final OpenApiDocument DOCUMENT = new OpenApiDocument();

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
  void eachRouteIsDocumentedAndNothingElse() {
    List<String> routes =
        server.server.routes().all().stream()
            .filter(route -> !(route.endpoint() instanceof StaticFiles))
            .map(route -> route.method() + " " + route.path().replaceAll(":(\\w+)", "{$1}"))
            .toList();
    assertThat(DOCUMENT.operations().stream().map(Operation::toString))
        .as("a route has to be in openapi.json, and what is there has to be a route")
        .containsExactlyInAnyOrderElementsOf(routes);
  }

  @Test
  void theDocumentIsServed() throws Exception {
    assertThat(server.get("/openapi.json").json()).isEqualTo(DOCUMENT.root());
    assertThat(DOCUMENT.operations().stream().map(o -> o.node().path("operationId")))
        .doesNotHaveDuplicates();
  }

  static Stream<Arguments> examples() {
    return DOCUMENT.operations().stream()
        .filter(o -> !o.path().startsWith("/tiefsee/"))
        .flatMap(o ->
            o.examples().entrySet().stream().map(e -> Arguments.of(o, e.getKey(), e.getValue())));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("examples")
  void examplesGetAnswersOfTheirSchemas(Operation operation, String name, JsonNode example)
      throws Exception {
    assertThat(DOCUMENT.errors(operation.request().orElseThrow(), example.toString()))
        .as("example " + name)
        .isEmpty();
    TestServer.Reply reply = server.post(operation.path(), example.toString());
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    if (example.path("stream").asBoolean(false)) {
      assertThat(reply.chunks()).isNotEmpty();
      for (JsonNode event : reply.chunks()) {
        assertObeys(operation.answer("200", "text/event-stream"), event);
      }
    } else {
      assertObeys(operation.answer("200", "application/json"), reply.json());
    }
  }

  private static void assertObeys(JsonNode schema, JsonNode value) {
    assertThat(DOCUMENT.errors(schema, value.toString())).as(value.toString()).isEmpty();
  }

  static Stream<Operation> posts() {
    return DOCUMENT.operations().stream().filter(o -> o.request().isPresent());
  }

  @ParameterizedTest
  @MethodSource("posts")
  void errorsObeyTheirSchemas(Operation operation) throws Exception {
    TestServer.Reply reply = server.post(operation.path().replace("{name}", "none"), "[]");
    assertThat(reply.status()).isBetween(400, 499);
    assertObeys(operation.answer("default", "application/json"), reply.json());
  }

  @Test
  void whatIsReadObeysItsSchema() throws Exception {
    String id =
        server
            .post("/v1/responses", "{\"input\":\"Hello\",\"max_output_tokens\":4}")
            .json()
            .path("id")
            .stringValue();
    for (Operation o : DOCUMENT.operations()) {
      if (o.method().equals("GET")
          && o.path().matches("/health|(/anthropic)?/v1/.*|/tiefsee/v1/status")) {
        String path = o.path().replace("{name}", "tiny").replace("{id}", id);
        TestServer.Reply reply = server.get(path);
        assertThat(reply.status()).as(path).isEqualTo(200);
        assertObeys(o.answer("200", "application/json"), reply.json());
      }
    }
  }
}
