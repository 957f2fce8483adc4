package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Between the page and an endpoint elsewhere, played by a small server. */
class RemoteProxyTest {
  private static final String PATH = "/tiefsee/v1/remotes/far/chat/completions";
  private static final String ASK = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer elsewhere;
  private TestServer server;

  @TempDir Path folder;

  private void start(HttpHandler handler, String keyVariable) throws IOException {
    elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    elsewhere.createContext("/v1/chat/completions", handler);
    elsewhere.setExecutor(threads);
    elsewhere.start();
    Path file = folder.resolve("remotes.toml");
    Files.writeString(
        file,
        """
        [[remote]]
        name = "far"
        url = "http://127.0.0.1:%d/v1/"
        model = "their-model"
        key_env = "%s"
        """
            .formatted(elsewhere.getAddress().getPort(), keyVariable));
    server = TestServer.start(o -> o.with("remotes", file.toString()), TestServer.TINY);
  }

  @AfterEach
  void stop() {
    server.close();
    elsewhere.stop(0);
    threads.shutdownNow();
  }

  private TestServer.Reply ask() throws Exception {
    return server.post(PATH, ASK);
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, content.length);
    exchange.getResponseBody().write(content);
    exchange.close();
  }

  @Test
  void theQuestionGoesOutWithTheServersKeyAndTheAnswerComesBack() throws Exception {
    AtomicReference<JsonNode> asked = new AtomicReference<>();
    AtomicReference<String> key = new AtomicReference<>();
    start(
        exchange -> {
          asked.set(JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes()));
          key.set(exchange.getRequestHeaders().getFirst("Authorization"));
          answer(exchange, 200, "text/event-stream", "data: {\"a\":1}\n\ndata: [DONE]\n\n");
        },
        "PATH");
    TestServer.Reply reply = ask();
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.response().headers().firstValue("Content-Type")).contains("text/event-stream");
    assertThat(reply.body()).isEqualTo("data: {\"a\":1}\n\ndata: [DONE]\n\n");
    assertThat(key.get()).isEqualTo("Bearer " + System.getenv("PATH").strip());
    assertThat(asked.get().path("model").asString()).isEqualTo("their-model");
    assertThat(asked.get().path("messages").size()).isEqualTo(1);
  }

  @Test
  void anErrorComesBackAsItIs() throws Exception {
    start(
        exchange -> {
          exchange.getResponseHeaders().set("Retry-After", "7");
          answer(exchange, 429, "application/json", "{\"error\":{\"message\":\"slow down\"}}");
        },
        "");
    TestServer.Reply reply = ask();
    assertThat(reply.status()).isEqualTo(429);
    assertThat(reply.response().headers().firstValue("Retry-After")).contains("7");
    assertThat(reply.body()).contains("slow down");
  }

  @Test
  void aRefusedKeyIsTheServersAffair() throws Exception {
    start(exchange -> answer(exchange, 401, "application/json", "{}"), "PATH");
    TestServer.Reply reply = ask();
    assertThat(reply.status()).isEqualTo(502);
    assertThat(reply.body()).contains("far refuses the server's key (PATH)");
  }

  @Test
  void aMissingKeyIsNamed() throws Exception {
    start(exchange -> answer(exchange, 200, "application/json", "{}"), "TIEFSEE_TEST_UNSET");
    TestServer.Reply reply = ask();
    assertThat(reply.status()).isEqualTo(502);
    assertThat(reply.body()).contains("set TIEFSEE_TEST_UNSET");
  }

  @Test
  void anEndpointThatIsAwayIsNamed() throws Exception {
    start(exchange -> answer(exchange, 200, "application/json", "{}"), "");
    elsewhere.stop(0);
    TestServer.Reply reply = ask();
    assertThat(reply.status()).isEqualTo(502);
    assertThat(reply.body()).contains("far cannot be reached");
  }

  @Test
  void whenThePageGoesTheEndpointIsLeft() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    start(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            while (true) {
              out.write("data: x\n\n".getBytes(StandardCharsets.UTF_8));
              out.flush();
            }
          } catch (IOException e) {
            left.countDown();
          }
        },
        "");
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<InputStream> response =
          client.send(
              server.request(PATH).POST(HttpRequest.BodyPublishers.ofString(ASK)).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        assertThat(in.read()).isEqualTo('d');
      }
      client.shutdownNow();
    }
    assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aPageThatDoesNotReadHoldsTheEndpointBack() throws Exception {
    AtomicLong sent = new AtomicLong();
    long much = 400L << 20;
    start(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] piece = new byte[64 << 10];
          try (OutputStream out = exchange.getResponseBody()) {
            while (sent.get() < much) {
              out.write(piece);
              sent.addAndGet(piece.length);
            }
          }
        },
        "");
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<InputStream> response =
          client.send(
              server.request(PATH).POST(HttpRequest.BodyPublishers.ofString(ASK)).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        assertThat(in.read()).isZero();
        // Nobody reads on: after a while what is under way fills the buffers, and no more is sent.
        long before = -1;
        for (int i = 0; i < 300 && before != sent.get(); i++) {
          before = sent.get();
          assertThat(new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS)).isFalse();
        }
        assertThat(sent.get()).isLessThan(much);
      }
      client.shutdownNow();
    }
  }
}
