package io.tiefsee.server;

import io.tiefsee.server.ApiException.Kind;
import io.tiefsee.tensor.BadInput;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Takes requests in: finds the route, decides on the event loop whether to answer at all, reads the
 * body up to a limit, and hands over to the endpoint on a virtual thread.
 *
 * <p>What is refused before its body has arrived is answered at once; the rest of the body is read
 * and dropped, up to a limit, so that ordinary clients get to see the answer.
 */
final class FrontDoor implements Handler<HttpServerRequest>, AutoCloseable {
  /** Bytes of a refused request that are still read. */
  private static final long MAX_DROPPED = 64L << 20;

  private static final String BEARER = "Bearer ";
  private static final System.Logger LOG = System.getLogger(FrontDoor.class.getName());

  private final Vertx vertx;
  private final ServerOptions options;
  private final Router router;
  private final Connections connections;
  private final Books books;
  private final Origins origins;
  private final KeyRing keys;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("tiefsee-http-", 0).factory());
  private int running;
  private boolean draining;

  FrontDoor(Vertx vertx, ServerOptions options, Routes routes, Books books) {
    this.vertx = vertx;
    this.options = options;
    this.books = books;
    this.keys = new KeyRing(options.keyFile(), System::nanoTime);
    boolean ownMachineOnly = Origins.isLoopback(options.host()) && options.keyFile().isEmpty();
    this.origins = new Origins(options.corsOrigins(), ownMachineOnly);
    this.connections = new Connections(vertx, Duration.ofSeconds(options.idleTimeout()));
    this.router = Router.router(vertx);
    for (Route route : routes.all()) {
      add(route.path(), route);
      route.aliases().forEach(path -> add(path, route));
    }
    router.errorHandler(404, c -> nothing(c, Kind.NOT_FOUND, "there is nothing at "));
    router.errorHandler(405, c -> nothing(c, Kind.METHOD_NOT_ALLOWED, "wrong method for "));
    router.errorHandler(400, c -> nothing(c, Kind.INVALID, "malformed request for "));
  }

  private void add(String path, Route route) {
    router.route(route.method(), path).handler(context -> accept(context, route));
    if (route.method().equals(HttpMethod.GET)) {
      router.route(HttpMethod.HEAD, path).handler(context -> accept(context, route));
    }
  }

  void connected(HttpConnection connection) {
    connections.add(connection);
  }

  @Override
  public void handle(HttpServerRequest request) {
    connections.began(request);
    if (request.method().equals(HttpMethod.OPTIONS)) {
      preflight(request);
    } else {
      router.handle(request);
    }
  }

  private void nothing(RoutingContext context, Kind kind, String what) {
    HttpServerRequest request = context.request();
    refuse(
        exchange(request, Route.NONE),
        request,
        new ApiException(kind, what + request.method() + " " + request.path()));
  }

  private Exchange exchange(HttpServerRequest request, Route route) {
    return new Exchange(
        request, vertx.getOrCreateContext(), route, Duration.ofSeconds(options.idleTimeout()));
  }

  private void accept(RoutingContext routing, Route route) {
    HttpServerRequest request = routing.request();
    Exchange exchange = exchange(request, route);
    long began = System.nanoTime();
    exchange.onDone(
        () -> books.metrics().request(route.path(), exchange.status(), System.nanoTime() - began));
    try {
      check(request);
      if (!route.open()) {
        Caller caller = keys.find(key(request));
        caller.checkBudget(books.spentToday(caller.name()));
        caller.begin();
        exchange.caller(caller);
        exchange.onDone(caller::end);
      }
    } catch (ApiException e) {
      refuse(exchange, request, e);
      return;
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
      Future<Void> ignored = request.response().writeContinue();
    }
    readBody(exchange, request);
  }

  /** A browser asks whether a page may call the server. */
  private void preflight(HttpServerRequest request) {
    try {
      origins.check(request);
      Future<Void> ignored = request.response().setStatusCode(204).end();
    } catch (ApiException e) {
      refuse(exchange(request, Route.NONE), request, e);
    }
  }

  /** The API key of a request, as OpenAI's clients or as Anthropic's send it. */
  private static Optional<String> key(HttpServerRequest request) {
    return Optional.ofNullable(request.getHeader("Authorization"))
        .filter(h -> h.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(h -> h.substring(BEARER.length()).strip())
        .or(() -> Optional.ofNullable(request.getHeader("x-api-key")));
  }

  /** What can be said before the body is there. */
  private void check(HttpServerRequest request) {
    origins.check(request);
    if (isDraining()) {
      throw ApiException.retry(
          Kind.UNAVAILABLE, "the server is stopping", Duration.ofSeconds(options.drain()));
    }
    if (declaredLength(request).orElse(0L) > options.maxBody()) {
      throw tooLarge();
    }
  }

  private static Optional<Long> declaredLength(HttpServerRequest request) {
    try {
      return Optional.ofNullable(request.getHeader("Content-Length")).map(Long::parseLong);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private ApiException tooLarge() {
    return new ApiException(
        Kind.TOO_LARGE, "the body has more than " + options.maxBody() + " bytes");
  }

  private void readBody(Exchange exchange, HttpServerRequest request) {
    Buffer body = Buffer.buffer();
    boolean[] arrived = {false};
    exchange.onGone(() -> {
      if (!arrived[0]) {
        exchange.done();
      }
    });
    request.handler(chunk -> {
      if (body.length() + chunk.length() > options.maxBody()) {
        refuse(exchange, request, tooLarge());
      } else {
        body.appendBuffer(chunk);
      }
    });
    request.endHandler(v -> {
      if (request.response().ended() || exchange.isGone()) {
        return;
      }
      arrived[0] = true;
      exchange.body(body.getBytes());
      enter();
      exchange.onDone(this::leave);
      threads.execute(() -> answer(exchange));
    });
  }

  private void refuse(Exchange exchange, HttpServerRequest request, ApiException error) {
    if (!request.isEnded()) {
      long[] dropped = {0};
      request.handler(chunk -> {
        dropped[0] += chunk.length();
        if (dropped[0] > MAX_DROPPED) {
          Connections.cutOff(request.connection());
        }
      });
      request.endHandler(v -> {});
    }
    Future<Void> ignored = exchange.refuse(error);
    exchange.done();
  }

  private void answer(Exchange exchange) {
    try {
      try {
        exchange.route().endpoint().handle(exchange);
      } catch (ApiException e) {
        exchange.fail(e);
      } catch (BadInput e) {
        exchange.fail(new ApiException(Kind.INVALID, String.valueOf(e.getMessage())));
      } catch (ClientGoneException e) {
        throw e;
      } catch (Exception | Error e) {
        exchange.fail(failure(exchange, e));
      }
    } catch (ClientGoneException e) {
      LOG.log(Level.DEBUG, e.getMessage());
    } finally {
      exchange.done();
    }
  }

  private ApiException failure(Exchange exchange, Throwable e) {
    if (isDraining() || e instanceof OutOfMemoryError) {
      return ApiException.retry(
          Kind.OUT_OF_RESOURCES, "the server ran out of time or memory", Duration.ofSeconds(30));
    }
    LOG.log(Level.ERROR, "failed to answer " + exchange.route().path(), e);
    return new ApiException(Kind.INTERNAL, "the server failed to answer");
  }

  private synchronized boolean isDraining() {
    return draining;
  }

  private synchronized void enter() {
    running++;
  }

  private synchronized void leave() {
    running--;
    notifyAll();
  }

  int connections() {
    return connections.count();
  }

  /** Requests that are being answered. */
  synchronized int running() {
    return running;
  }

  /** Refuses new requests and waits for those that are being answered. */
  synchronized void drain(Duration limit) {
    draining = true;
    long end = System.nanoTime() + limit.toNanos();
    try {
      for (long left = limit.toMillis(); running > 0 && left > 0; ) {
        wait(left);
        left = (end - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    connections.close();
    threads.shutdownNow();
  }
}
