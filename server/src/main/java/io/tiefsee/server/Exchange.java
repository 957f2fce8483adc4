package io.tiefsee.server;

import io.tiefsee.price.Receipt;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * A request and its answer, for an {@link Endpoint} that may block. What is written waits until the
 * connection has taken it, so a slow reader slows its own answer only; one that reads nothing for
 * too long is cut off. Thread-safe; whatever touches the connection runs on its event loop.
 */
public final class Exchange {
  private static final String JSON = "application/json; charset=utf-8";

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Context context;
  private final Route route;
  private final Duration writeTimeout;
  private final List<Runnable> whenGone = new ArrayList<>();
  private final List<Runnable> whenDone = new ArrayList<>();
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final KeepAlive keepAlive;

  /** Whether empty lines were sent before an answer in JSON; for the event loop. */
  private boolean emptyLines;

  private byte[] body = {};
  private Optional<Caller> caller = Optional.empty();
  private Optional<EventStream> events = Optional.empty();
  private boolean gone;
  private boolean done;

  /** Has to be made on the request's event loop. */
  Exchange(HttpServerRequest request, Context context, Route route, Duration writeTimeout) {
    this.request = request;
    this.response = request.response();
    this.context = context;
    this.route = route;
    this.writeTimeout = writeTimeout;
    this.keepAlive = new KeepAlive(context, response);
    request.exceptionHandler(e -> clientGone());
    response.exceptionHandler(e -> clientGone());
    response.closeHandler(v -> clientGone());
  }

  void body(byte[] bytes) {
    body = bytes;
  }

  void caller(Caller who) {
    caller = Optional.of(who);
  }

  /** Who asks. */
  public Caller caller() {
    return caller.orElseThrow(() -> new IllegalStateException("an open route has no caller"));
  }

  /** The route that led here. */
  public Route route() {
    return route;
  }

  public byte[] body() {
    return body;
  }

  /**
   * The body as a JSON object.
   *
   * @throws ApiException if it is none
   */
  public Fields json() {
    return Fields.parse(body);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeader(name));
  }

  /** A parameter of the path or of the query. */
  public Optional<String> param(String name) {
    return Optional.ofNullable(request.getParam(name));
  }

  /** The path, without the query. */
  public String path() {
    return request.path();
  }

  /** Sets a header of the answer; without effect once something is written. */
  public synchronized Exchange setHeader(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** Says in headers of the answer what it took; without effect once something is written. */
  public void setPrice(Receipt receipt) {
    setHeader("X-Tiefsee-Cost", receipt.cost().total().toPlainString());
    setHeader("X-Tiefsee-Joules", receipt.energy().total().toPlainString());
  }

  private synchronized void putHeaders() {
    headers.forEach(response::putHeader);
  }

  /** Answers with JSON. */
  public void json(int status, JsonNode json) throws ClientGoneException {
    bytes(status, JSON, Json.bytes(json));
  }

  /** Answers with a text. */
  public void text(int status, String type, String text) throws ClientGoneException {
    bytes(status, type, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Answers with bytes of a media type. */
  public void bytes(int status, String type, byte[] content) throws ClientGoneException {
    onLoop(() -> end(status, type, content));
  }

  private Future<Void> end(int status, String type, byte[] content) {
    if (emptyLines) {
      return response.end(Buffer.buffer(content));
    }
    putHeaders();
    response.setStatusCode(status);
    if (!type.isEmpty()) {
      response.putHeader("Content-Type", type);
    }
    return response.end(Buffer.buffer(content));
  }

  /**
   * Sends an empty line, which JSON may begin with, whenever an answer in JSON has been silent for
   * a while, lest its client or a proxy takes the connection for dead. The first one is behind the
   * status 200, so this is for requests that are not refused any more.
   */
  void keepAlive(long millis) {
    // Of HTTP/1.0 the length has to come first.
    if (request.version() != HttpVersion.HTTP_1_0) {
      keepAlive(keepAlive, millis, this::emptyLine);
    }
  }

  /** Writes something whenever the answer has been silent for a while, until it is done. */
  void keepAlive(KeepAlive how, long millis, Supplier<Future<Void>> write) {
    context.runOnContext(v -> {
      how.start(millis, write);
      onDone(() -> context.runOnContext(done -> how.stop()));
    });
  }

  private Future<Void> emptyLine() {
    if (!response.headWritten()) {
      emptyLines = true;
      response.setStatusCode(200).setChunked(true).putHeader("Content-Type", JSON);
      response.putHeader("X-Accel-Buffering", "no");
    }
    return response.write("\n");
  }

  /** Answers with bytes that come piece by piece. */
  Body stream(int status, String type) throws ClientGoneException {
    onLoop(() -> {
      putHeaders();
      response.setStatusCode(status).setChunked(true).putHeader("Content-Type", type);
      response.putHeader("Cache-Control", "no-cache").putHeader("X-Accel-Buffering", "no");
      return response.writeHead();
    });
    return new Body();
  }

  /** The body of an answer that comes piece by piece. */
  final class Body {
    /** Sends the first bytes of an array; waits until the connection has taken them. */
    void write(byte[] piece, int length) throws ClientGoneException {
      Buffer copy = Buffer.buffer(length).appendBytes(piece, 0, length);
      onLoop(() -> response.write(copy));
    }

    void end() throws ClientGoneException {
      onLoop(response::end);
    }
  }

  /**
   * Ends an answer so that its client sees that it is incomplete: of HTTP/2 by a reset, as others
   * may share the connection, else by closing it.
   */
  Future<Void> breakOff() {
    return request.version() == HttpVersion.HTTP_2
        ? response.reset()
        : request.connection().close();
  }

  /** Answers with a stream of server-sent events; nothing is sent before the first event. */
  public synchronized EventStream events() {
    if (events.isEmpty()) {
      events = Optional.of(new EventStream(this, context, response));
    }
    return events.get();
  }

  /**
   * Answers with an error: within a stream as its last event, behind empty lines as the body, and
   * within a body of other bytes by closing the connection.
   */
  void fail(ApiException error) throws ClientGoneException {
    Optional<EventStream> stream;
    synchronized (this) {
      stream = events;
    }
    if (stream.isPresent() && response.headWritten()) {
      stream.get().fail(route.errors().event(), route.errors().body(error).toString());
    } else {
      onLoop(() -> refuse(error));
    }
  }

  /** The error for an answer; on the event loop, without waiting. */
  Future<Void> refuse(ApiException error) {
    if (response.ended() || response.closed()) {
      return Future.succeededFuture();
    }
    if (response.headWritten()) {
      return emptyLines ? response.end(errorBody(error)) : breakOff();
    }
    error
        .retryAfter()
        .ifPresent(d -> response.putHeader("Retry-After", String.valueOf(seconds(d))));
    if (error.kind() == ApiException.Kind.UNAUTHORIZED) {
      response.putHeader("WWW-Authenticate", "Bearer");
    }
    return end(error.kind().status(), JSON, errorBody(error).getBytes());
  }

  private Buffer errorBody(ApiException error) {
    return Buffer.buffer(Json.bytes(route.errors().body(error)));
  }

  private static long seconds(Duration d) {
    return Math.max(1, (d.toMillis() + 999) / 1000);
  }

  /**
   * Does something with the connection on its event loop and waits until it is done.
   *
   * @throws ClientGoneException if the client has gone, or takes nothing for too long
   */
  void onLoop(Supplier<Future<Void>> action) throws ClientGoneException {
    if (isGone()) {
      throw new ClientGoneException("the client has closed the connection");
    }
    CompletableFuture<Void> written = new CompletableFuture<>();
    context.runOnContext(v -> {
      try {
        action
            .get()
            .onComplete(result -> {
              if (result.succeeded()) {
                written.complete(null);
              } else {
                written.completeExceptionally(result.cause());
              }
            });
      } catch (RuntimeException e) {
        written.completeExceptionally(e);
      }
    });
    try {
      Void ignored = written.get(writeTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      clientGone();
      throw new ClientGoneException("the client has closed the connection");
    } catch (TimeoutException e) {
      giveUp();
      clientGone();
      throw new ClientGoneException("the client does not read its answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGoneException("interrupted");
    }
  }

  /** Ends an answer that its client does not take; of HTTP/2, others may share the connection. */
  private void giveUp() {
    if (request.version() == HttpVersion.HTTP_2) {
      Future<Void> ignored = response.reset();
    } else {
      Connections.cutOff(request.connection());
    }
  }

  /** Calls this once when the client goes before the answer is complete; at once if it has gone. */
  public void onGone(Runnable action) {
    synchronized (this) {
      if (!gone) {
        whenGone.add(action);
        return;
      }
    }
    action.run();
  }

  /** Whether the client has gone. */
  public synchronized boolean isGone() {
    return gone;
  }

  private void clientGone() {
    List<Runnable> actions;
    synchronized (this) {
      if (gone || done) {
        return;
      }
      gone = true;
      actions = List.copyOf(whenGone);
      whenGone.clear();
    }
    actions.forEach(Runnable::run);
  }

  /** Calls this once when the endpoint is done, whatever the outcome; at once if it is. */
  void onDone(Runnable action) {
    synchronized (this) {
      if (!done) {
        whenDone.add(action);
        return;
      }
    }
    action.run();
  }

  /** The endpoint is done. */
  void done() {
    List<Runnable> actions;
    synchronized (this) {
      done = true;
      whenGone.clear();
      actions = List.copyOf(whenDone);
      whenDone.clear();
    }
    actions.forEach(Runnable::run);
  }

  /** The status of the answer; 499 where the client went before there was one. */
  int status() {
    return response.headWritten() ? response.getStatusCode() : 499;
  }
}
