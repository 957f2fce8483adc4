package io.tiefsee.server;

import io.tiefsee.server.ApiException.Kind;
import io.tiefsee.tensor.BadInput;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Passes the page's questions on to endpoints elsewhere, so that their keys stay in the server. The
 * answer is passed back as it comes: it is read only as fast as the page takes it, and given up as
 * soon as the page has gone.
 */
final class RemoteProxy implements AutoCloseable {
  private static final int PIECE = 16 << 10;

  private final Remotes remotes;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(10))
          // A key must not follow a redirection to another host.
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  RemoteProxy(Remotes remotes) {
    this.remotes = remotes;
  }

  void addTo(Routes routes) {
    routes
        .own(HttpMethod.GET, "/tiefsee/v1/remotes", this::list)
        .own(HttpMethod.POST, "/tiefsee/v1/remotes/:name/chat/completions", this::chat);
  }

  private void list(Exchange exchange) throws ClientGoneException {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    ArrayNode list = body.putArray("remotes");
    for (Remotes.Remote remote : remotes.remote()) {
      list.addObject().put("name", remote.name()).put("model", remote.model());
    }
    exchange.json(200, body);
  }

  private void chat(Exchange exchange) throws ClientGoneException, InterruptedException {
    String name = exchange.param("name").orElse("");
    Remotes.Remote remote =
        remotes
            .named(name)
            .orElseThrow(
                () -> new ApiException(Kind.NOT_FOUND, "there is no remote of the name " + name));
    CompletableFuture<HttpResponse<InputStream>> asked =
        client.sendAsync(request(remote, exchange.json().node()), BodyHandlers.ofInputStream());
    exchange.onGone(() -> {
      boolean ignored = asked.cancel(true);
    });
    HttpResponse<InputStream> response;
    try {
      response = asked.get();
    } catch (CancellationException e) {
      throw new ClientGoneException("the client has closed the connection");
    } catch (ExecutionException e) {
      throw new ApiException(Kind.UPSTREAM, name + " cannot be reached" + why(e));
    }
    try (InputStream body = response.body()) {
      // Whoever waits for the next piece is woken by the closing.
      exchange.onGone(() -> close(body));
      passBack(remote, response, body, exchange);
    } catch (IOException e) {
      if (exchange.isGone()) {
        throw new ClientGoneException("the client has closed the connection");
      }
      // Half an answer must not look like a whole one.
      Future<Void> ignored = exchange.breakOff();
      throw new ClientGoneException(name + " broke off: " + BadInput.reason(e));
    }
  }

  private static String why(ExecutionException e) {
    return e.getCause() instanceof IOException io && io.getMessage() != null
        ? ": " + BadInput.reason(io)
        : "";
  }

  private HttpRequest request(Remotes.Remote remote, JsonNode asked) {
    ObjectNode body = (ObjectNode) asked.deepCopy();
    if (body.path("model").asString("").isEmpty() && !remote.model().isEmpty()) {
      body.put("model", remote.model());
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(remote.chat())
            .header("Content-Type", "application/json")
            .header("Accept", "text/event-stream, application/json")
            .POST(BodyPublishers.ofByteArray(JsonMapper.shared().writeValueAsBytes(body)));
    if (!remote.keyEnv().isEmpty()) {
      String key = System.getenv(remote.keyEnv());
      if (key == null || key.isBlank()) {
        throw new ApiException(
            Kind.UPSTREAM,
            "the server lacks the key of " + remote.name() + ": set " + remote.keyEnv());
      }
      request.header("Authorization", "Bearer " + key.strip());
    }
    return request.build();
  }

  private static void passBack(
      Remotes.Remote remote, HttpResponse<?> response, InputStream body, Exchange exchange)
      throws IOException, ClientGoneException {
    int status = response.statusCode();
    if (status == 401 || status == 403) {
      // It is not the key of whoever asks here that is wrong.
      String where = remote.keyEnv().isEmpty() ? "it wants one: set key_env" : remote.keyEnv();
      throw new ApiException(
          Kind.UPSTREAM, remote.name() + " refuses the server's key (" + where + ")");
    }
    response
        .headers()
        .firstValue("Retry-After")
        .ifPresent(value -> exchange.setHeader("Retry-After", value));
    String type = response.headers().firstValue("Content-Type").orElse("application/json");
    Exchange.Body out = exchange.stream(status, type);
    byte[] piece = new byte[PIECE];
    for (int n = body.read(piece); n >= 0; n = body.read(piece)) {
      out.write(piece, n);
    }
    out.end();
  }

  private static void close(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      // It is given up anyway.
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
