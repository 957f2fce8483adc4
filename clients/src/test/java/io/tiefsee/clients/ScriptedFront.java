package io.tiefsee.clients;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tiefsee.server.PageFile;
import io.tiefsee.server.StaticFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The page's files with answers by script behind them: tests of the page say what comes when, and
 * need no model. Each chat request plays the next script, or else answers {@link #PLAIN}.
 */
final class ScriptedFront implements AutoCloseable {
  static final JsonMapper JSON = JsonMapper.shared();

  /** Plays one answer. */
  @FunctionalInterface
  interface Script {
    void play(Stream out, JsonNode request) throws Exception;
  }

  /** Thinks a little and answers with the question. */
  static final Script PLAIN =
      (out, request) -> {
        JsonNode messages = request.path("messages");
        String question = messages.path(messages.size() - 1).path("content").asString("");
        out.thinking("I was asked: ").thinking(question);
        out.text("You asked: ").text(question).finish("stop");
        out.usage(Samples.usage(2, 2)).done();
      };

  private final StaticFiles files = new StaticFiles();
  private final Queue<Script> scripts = new ArrayDeque<>();
  private final Map<String, String> data = new ConcurrentHashMap<>();
  private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
  private final Queue<String> strangers = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;
  private volatile Optional<String> key = Optional.empty();
  private final int port;

  ScriptedFront() {
    data.put("/health", "{\"status\":\"ok\"}");
    data.put("/v1/models", Samples.MODELS);
    data.put("/tiefsee/v1/remotes", "{\"remotes\":[]}");
    server = listen(0);
    port = server.getAddress().getPort();
  }

  private HttpServer listen(int at) {
    try {
      HttpServer made =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
      made.createContext("/", this::handle);
      made.setExecutor(threads);
      made.start();
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + port + "/";
  }

  /** The next chat request plays this. */
  synchronized ScriptedFront then(Script script) {
    scripts.add(script);
    return this;
  }

  /** What GET (or POST) of a path answers. */
  ScriptedFront serve(String path, String json) {
    data.put(path, json);
    return this;
  }

  /** All but the page itself wants this key from now on. */
  void wantKey(String wanted) {
    key = Optional.of(wanted);
  }

  /** Bodies of the chat requests, in order. */
  List<JsonNode> requests() {
    return requests;
  }

  /** Paths that were asked for and are not there. */
  List<String> strangers() {
    return List.copyOf(strangers);
  }

  /** Breaks off all connections and listens no more. */
  void stop() {
    server.stop(0);
  }

  /** Listens again, on the same port. */
  void restart() {
    server = listen(port);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try {
      String path = exchange.getRequestURI().getPath();
      Optional<PageFile> file = files.at(path);
      if (file.isPresent()) {
        StaticFiles.HEADERS.forEach(exchange.getResponseHeaders()::set);
        send(exchange, 200, file.get().type(), file.get().content());
      } else if (!allowed(exchange)) {
        json(exchange, 401, error("the key is not known", "invalid_api_key"));
      } else if (path.endsWith("/chat/completions")) {
        chat(exchange);
      } else if (data.containsKey(path)) {
        json(exchange, 200, data.get(path));
      } else {
        strangers.add(path);
        json(exchange, 404, error("there is nothing at " + path, "not_found"));
      }
    } finally {
      exchange.close();
    }
  }

  private boolean allowed(HttpExchange exchange) {
    return key.isEmpty()
        || ("Bearer " + key.get()).equals(exchange.getRequestHeaders().getFirst("Authorization"));
  }

  private void chat(HttpExchange exchange) throws IOException {
    JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
    requests.add(request);
    Script script;
    synchronized (this) {
      script = scripts.isEmpty() ? PLAIN : scripts.remove();
    }
    try {
      script.play(new Stream(exchange), request);
    } catch (IOException e) {
      // The browser has gone, or the front was stopped: both belong to what tests do.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static String error(String message, String code) {
    return "{\"error\":{\"message\":\"" + message + "\",\"code\":\"" + code + "\"}}";
  }

  private static void json(HttpExchange exchange, int status, String text) throws IOException {
    send(exchange, status, "application/json", text.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] content)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
    exchange.getResponseBody().write(content);
  }

  /** One answer, event by event. */
  static final class Stream {
    private final HttpExchange exchange;
    private OutputStream body;

    Stream(HttpExchange exchange) {
      this.exchange = exchange;
    }

    private Stream write(String text) throws IOException {
      if (body == null) {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        body = exchange.getResponseBody();
      }
      body.write(text.getBytes(StandardCharsets.UTF_8));
      body.flush();
      return this;
    }

    private Stream delta(String name, Object value) throws IOException {
      return chunk(Map.of("delta", Map.of(name, value)));
    }

    private Stream chunk(Map<String, Object> choice) throws IOException {
      return event(JSON.writeValueAsString(Map.of("choices", List.of(choice))));
    }

    Stream event(String json) throws IOException {
      return write("data: " + json + "\n\n");
    }

    Stream thinking(String text) throws IOException {
      return delta("reasoning_content", text);
    }

    Stream text(String text) throws IOException {
      return delta("content", text);
    }

    Stream call(String id, String name, String arguments) throws IOException {
      Map<String, Object> function = Map.of("name", name, "arguments", arguments);
      return delta("tool_calls", List.of(Map.of("index", 0, "id", id, "function", function)));
    }

    Stream comment(String text) throws IOException {
      return write(": keep-alive " + text + "\n\n");
    }

    Stream finish(String reason) throws IOException {
      return chunk(Map.of("delta", Map.of(), "finish_reason", reason));
    }

    Stream note(String name) throws IOException {
      return chunk(
          Map.of(
              "delta",
              Map.of(),
              "finish_reason",
              "stop",
              "tiefsee",
              Map.of("notes", List.of(name))));
    }

    Stream usage(String json) throws IOException {
      return event("{\"choices\":[],\"usage\":" + json + "}");
    }

    void done() throws IOException {
      write("data: [DONE]\n\n");
    }

    /** Answers with an error, or with a whole answer that is no stream. */
    void whole(int status, String json) throws IOException {
      json(exchange, status, json);
    }

    /** Breaks the connection off. */
    void drop() {
      exchange.close();
    }

    /** Sends text until the browser goes away. */
    void forever() throws IOException, InterruptedException {
      for (int i = 0; ; i++) {
        text("word" + i + " ");
        Thread.sleep(20);
      }
    }
  }
}
