package io.tiefsee.server;

import io.tiefsee.engine.Engine;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A server on a free port with the models of the repository, and a client of it. */
final class TestServer implements AutoCloseable {
  static final Path ROOT = Path.of(System.getProperty("tiefsee.root", ".."));

  /** Random weights, 512 tokens of vocabulary and of context, with a chat template. */
  static final ModelSource TINY =
      new ModelSource(
          "tiny", ROOT.resolve("engine/src/test/resources/golden/gguf/llama_tiny.Q4_0.gguf"));

  /** The model that comes along: it thinks and answers simple questions. */
  static final ModelSource EMBEDDED = new ModelSource("embedded", embedded());

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  final Server server;
  private final HttpClient client = HttpClient.newHttpClient();

  /** What came back. */
  record Reply(int status, String body, HttpResponse<String> response) {
    JsonNode json() {
      return JSON.readTree(body);
    }

    /** The data of all events. */
    List<String> events() {
      List<String> list = new ArrayList<>();
      for (String line : body.lines().toList()) {
        if (line.startsWith("data: ")) {
          list.add(line.substring(6));
        }
      }
      return list;
    }

    /** The data of all events that are JSON. */
    List<JsonNode> chunks() {
      return events().stream().filter(e -> e.startsWith("{")).map(JSON::readTree).toList();
    }
  }

  private TestServer(Server server) {
    this.server = server;
  }

  static TestServer start(ModelSource... models) {
    return start(o -> o, models);
  }

  static TestServer start(UnaryOperator<ServerOptions> change, ModelSource... models) {
    ServerOptions options = change.apply(ServerOptions.DEFAULTS.with("port", 0).with("threads", 1));
    return new TestServer(Server.start(options, List.of(models)));
  }

  private static Path embedded() {
    try (Stream<Path> files = Files.list(ROOT.resolve("models/embedded"))) {
      return files.filter(f -> f.toString().endsWith(".gguf")).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits, generously, for what will come. */
  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain: " + what);
      }
      Thread.sleep(5);
    }
  }

  /** The engine of the first model, which it loads. */
  Engine engine() throws InterruptedException {
    try (Model.Lease lease = server.models().load(server.models().first())) {
      return lease.engine();
    }
  }

  /** Whether nothing is being answered, and no engine holds anything for a request. */
  boolean isAtRest() {
    return server.running() == 0
        && server.models().all().stream()
            .flatMap(m -> m.engine().stream())
            .map(Engine::status)
            .allMatch(s -> s.running() == 0 && s.waiting() == 0 && s.pagesFree() == s.pagesTotal());
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  Reply get(String path, String... headers) throws Exception {
    return send(request(path, headers).GET().build());
  }

  Reply post(String path, String body, String... headers) throws Exception {
    return send(request(path, headers).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(uri(path)).timeout(LIMIT);
    builder.header("Content-Type", "application/json");
    return headers.length == 0 ? builder : builder.headers(headers);
  }

  Reply send(HttpRequest request) throws Exception {
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    return new Reply(response.statusCode(), response.body(), response);
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }
}
