package io.tiefsee.arena;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A chat endpoint that does what a test says: one scripted turn after the other, then answers. */
final class ScriptedEndpoint implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  /** What to do with one request. */
  @FunctionalInterface
  interface Turn {
    void play(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Deque<Turn> script = new ArrayDeque<>();
  private final List<JsonNode> requests = new ArrayList<>();
  private final List<String> keys = new ArrayList<>();
  private final Function<String, String> answers;
  private String models = "{\"data\":[{\"id\":\"m\"}]}";

  /**
   * @param answers the body of a completion for a question
   */
  ScriptedEndpoint(Function<String, String> answers) {
    this.answers = answers;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(executor);
    server.createContext("/v1/models", exchange -> send(exchange, 200, models));
    server.createContext("/v1/chat/completions", this::chat);
    server.start();
  }

  private void chat(HttpExchange exchange) throws IOException {
    JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
    Optional<Turn> turn;
    synchronized (this) {
      requests.add(request);
      keys.add(
          Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse(""));
      turn = Optional.ofNullable(script.poll());
    }
    if (turn.isPresent()) {
      turn.get().play(exchange);
    } else {
      send(exchange, 200, answers.apply(request.at("/messages/0/content").asString("")));
    }
  }

  synchronized ScriptedEndpoint then(Turn turn) {
    script.add(turn);
    return this;
  }

  ScriptedEndpoint withModels(String json) {
    models = json;
    return this;
  }

  synchronized List<JsonNode> requests() {
    return List.copyOf(requests);
  }

  synchronized List<String> keys() {
    return List.copyOf(keys);
  }

  static Turn status(int status, String body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      send(exchange, status, body);
    };
  }

  /** Promises more than it sends. */
  static Turn half(String body) {
    return exchange -> {
      exchange.sendResponseHeaders(200, body.length());
      exchange.getResponseBody().write(body.substring(0, body.length() / 2).getBytes(UTF_8));
      exchange.getResponseBody().flush();
      exchange.close();
    };
  }

  private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  /** A completion with 10 prompt tokens, 4 of them from the cache, and 20 of the answer. */
  static String completion(String reasoning, String content) {
    Map<String, Object> message =
        Map.of("role", "assistant", "content", content, "reasoning_content", reasoning);
    return JSON.writeValueAsString(
        Map.of(
            "choices", List.of(Map.of("message", message, "finish_reason", "stop")),
            "usage",
                Map.of(
                    "prompt_tokens", 10,
                    "completion_tokens", 20,
                    "prompt_cache_hit_tokens", 4,
                    "completion_tokens_details", Map.of("reasoning_tokens", 15))));
  }

  URI base() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
  }

  Endpoint endpoint(int parallel, int retries, int timeoutSeconds) {
    return new Endpoint(
        base(),
        "m",
        "",
        new Endpoint.Limits(parallel, 0, Optional.empty(), timeoutSeconds, retries),
        Endpoint.Dialect.DEFAULTS);
  }

  /** One that may not spend more than {@code cap}. */
  Endpoint capped(int parallel, BigDecimal cap) {
    return new Endpoint(
        base(),
        "m",
        "",
        new Endpoint.Limits(parallel, 0, Optional.of(cap), 30, 0),
        Endpoint.Dialect.DEFAULTS);
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
