package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.server.OpenApiDocument.Operation;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Requests of the OpenAPI document with something wrong in them: whatever it is, the answer is an
 * error 4xx in the shape of the document, or an answer where the schema is still obeyed; never an
 * error 5xx, and never none.
 */
class MalformedRequestsTest {
  private static final OpenApiDocument DOCUMENT = new OpenApiDocument();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BODIES = 500;
  private static final int CLIENTS = 4;

  private static TestServer server;

  @BeforeAll
  static void start() {
    // A short context keeps short what is answered to bodies that turn out right.
    server = TestServer.start(o -> o.with("ctx_size", 160).with("slots", CLIENTS), TestServer.TINY);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatIsWrongIsRefused(long seed) throws Exception {
    check(seed);
  }

  static IntStream manySeeds() {
    return IntStream.range(100, 160);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("manySeeds")
  void whateverIsWrongIsRefused(int seed) throws Exception {
    check(seed);
  }

  static List<Operation> posts() {
    return DOCUMENT.operations().stream()
        .filter(o -> o.request().isPresent() && !o.path().contains("{"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("posts")
  void whatIsTooLargeIsRefusedBeforeItIsSent(Operation operation) throws Exception {
    try (RawClient client = new RawClient(server.server.port())) {
      client.send(RawClient.head(operation.path(), ServerOptions.DEFAULTS.maxBody() + 1) + "{");
      assertThat(client.readLine()).startsWith("HTTP/1.1 413");
    }
  }

  @ParameterizedTest
  @MethodSource("posts")
  void whatIsSentInPartLeavesNothingBehind(Operation operation) throws Exception {
    Random random = new Random(operation.path().hashCode());
    for (JsonNode example : operation.examples().values()) {
      String request = RawClient.post(operation.path(), example.toString());
      try (RawClient client = new RawClient(server.server.port())) {
        client.send(request.substring(0, random.nextInt(request.length())));
      }
    }
    TestServer.await("no connection is left", () -> server.server.connections() == 0);
    TestServer.await("all is free", server::isAtRest);
  }

  private static void check(long seed) throws Exception {
    Random random = new Random(seed);
    Mutation mutation = new Mutation(random);
    List<Operation> operations =
        DOCUMENT.operations().stream()
            .filter(o -> !o.examples().isEmpty() && !o.path().contains("{"))
            .toList();
    List<Callable<Outcome>> requests = new ArrayList<>();
    for (int i = 0; i < BODIES; i++) {
      Operation operation = operations.get(random.nextInt(operations.size()));
      List<JsonNode> examples = List.copyOf(operation.examples().values());
      byte[] body = mutation.of(examples.get(random.nextInt(examples.size())));
      requests.add(() -> check(operation, body));
    }
    int refused = 0;
    List<String> problems = new ArrayList<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (Future<Outcome> outcome : clients.invokeAll(requests)) {
        refused += outcome.get().status() >= 400 ? 1 : 0;
        outcome.get().problem().ifPresent(problems::add);
      }
    }
    assertThat(problems).isEmpty();
    assertThat(refused).isGreaterThan(BODIES / 3);
  }

  /** What came back, and what is wrong with it. */
  private record Outcome(int status, Optional<String> problem) {}

  private static Outcome check(Operation operation, byte[] body) throws Exception {
    TestServer.Reply reply =
        server.send(
            server.request(operation.path()).POST(BodyPublishers.ofByteArray(body)).build());
    int status = reply.status();
    String problem = "";
    if (status == 200) {
      problem = wrong(operation, body);
      if (reply.body().contains("internal_error") || reply.body().contains("api_error")) {
        problem = "the stream ends with an error of the server";
      }
    } else if (status >= 400 && status < 500) {
      problem = DOCUMENT.errors(operation.answer("default", "application/json"), reply.body());
    } else {
      problem = reply.body();
    }
    return new Outcome(
        status,
        problem.isEmpty()
            ? Optional.empty()
            : Optional.of(operation + " " + shown(body) + " got " + status + ": " + problem));
  }

  /** Why a body is no request of the document; empty if it is one. */
  private static String wrong(Operation operation, byte[] body) {
    try {
      JsonNode json = JSON.readTree(body);
      return DOCUMENT.errors(operation.request().orElseThrow(), json.toString());
    } catch (JacksonException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String shown(byte[] body) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      return text.length() > 2000 ? text.substring(0, 2000) + "…" : text;
    } catch (CharacterCodingException e) {
      return HexFormat.of().formatHex(body);
    }
  }
}
