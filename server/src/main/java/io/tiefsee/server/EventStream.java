package io.tiefsee.server;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * An answer as server-sent events. Several threads may send; each waits until the connection has
 * taken its event. While nothing is sent, comments keep the connection alive.
 */
public final class EventStream {
  private final Exchange exchange;
  private final HttpServerResponse response;
  private final KeepAlive keepAlive;

  EventStream(Exchange exchange, Context context, HttpServerResponse response) {
    this.exchange = exchange;
    this.response = response;
    this.keepAlive = new KeepAlive(context, response);
  }

  /** Sends {@code data: …}. */
  public void send(String data) throws ClientGoneException {
    write("data: " + data + "\n\n");
  }

  /** Sends {@code data: …} with JSON. */
  public void send(JsonNode data) throws ClientGoneException {
    send(Json.text(data));
  }

  /** Sends an event with a name. */
  public void send(String event, String data) throws ClientGoneException {
    write("event: " + event + "\ndata: " + data + "\n\n");
  }

  private void write(String text) throws ClientGoneException {
    exchange.onLoop(() -> writeNow(text));
  }

  private Future<Void> writeNow(String text) {
    if (!response.headWritten()) {
      response.setStatusCode(200).setChunked(true);
      response.putHeader("Content-Type", "text/event-stream; charset=utf-8");
      response.putHeader("Cache-Control", "no-cache");
      response.putHeader("X-Accel-Buffering", "no");
    }
    keepAlive.wrote();
    return response.write(text);
  }

  /**
   * Sends a comment whenever nothing was sent for a while.
   *
   * @param comment what it says, asked for each time
   */
  public void keepAlive(long millis, Supplier<String> comment) {
    exchange.keepAlive(keepAlive, millis, () -> writeNow(": keep-alive " + comment.get() + "\n\n"));
  }

  /** Ends the stream. */
  public void end() throws ClientGoneException {
    exchange.onLoop(response::end);
  }

  /** Ends the stream with an error. */
  void fail(Optional<String> event, String error) throws ClientGoneException {
    String name = event.map(e -> "event: " + e + "\n").orElse("");
    exchange.onLoop(() -> response.end(name + "data: " + error + "\n\n"));
  }
}
