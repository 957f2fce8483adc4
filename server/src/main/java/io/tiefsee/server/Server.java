package io.tiefsee.server;

import io.tiefsee.ledger.Ledger;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.CashierOptions;
import io.tiefsee.tensor.BadInput;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Serves models over HTTP. Requests are taken by an event loop ({@link FrontDoor}), answered each
 * on a virtual thread ({@link Endpoint}) and computed by the engines of {@link Models}.
 *
 * <p>{@link #close} lets running answers finish for a while and refuses new ones meanwhile.
 */
public final class Server implements AutoCloseable {
  private static final int MAX_HEADERS = 32 << 10;
  private static final int MAX_REQUEST_LINE = 8 << 10;

  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final ServerOptions options;
  private final Books books;
  private final Models models;
  private final Vertx vertx;
  private final HttpServer http;
  private final FrontDoor door;
  private final PageData page;
  private volatile boolean ready;

  /** Listens; models are loaded when they are first asked for, or by {@link Models#use}. */
  public static Server start(ServerOptions options, List<ModelSource> sources) {
    return start(options, sources, CashierOptions.defaults());
  }

  /**
   * Listens, with prices and a ledger of the caller's.
   *
   * @throws BadInput if an option or a file cannot be used, or the port is taken
   */
  public static Server start(
      ServerOptions options, List<ModelSource> sources, CashierOptions prices) {
    Server server = listen(options, sources, prices);
    server.ready();
    return server;
  }

  /**
   * As {@link #start}, but {@code /health} says 503 until {@link #ready} is called. Requests that
   * come earlier are answered, if slowly.
   *
   * @throws BadInput if an option or a file cannot be used, or the port is taken
   */
  public static Server listen(
      ServerOptions options, List<ModelSource> sources, CashierOptions prices) {
    return new Server(options, sources, prices);
  }

  private Server(ServerOptions options, List<ModelSource> sources, CashierOptions prices) {
    this.options = options;
    books = new Books(Cashier.open(prices), new Metrics());
    if (prices.receipts() instanceof Ledger ledger) {
      books.takeOver(ledger);
    }
    models = new Models(sources, options, books);
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    try {
      page = new PageData(options, books::elsewhere);
      door = new FrontDoor(vertx, options, routes(), books);
      http = listen();
    } catch (RuntimeException e) {
      models.close();
      books.close();
      Object ignored = vertx.close().await();
      throw e;
    }
  }

  /** All that the server answers: one line each. */
  Routes routes() {
    ChatEndpoint chat = new ChatEndpoint(models, options);
    ResponsesEndpoint responses = new ResponsesEndpoint(models, options);
    Routes routes = new Routes();
    page.addTo(routes);
    return routes
        .open(HttpMethod.GET, "/health", new HealthEndpoint(models, () -> ready))
        .own(HttpMethod.GET, "/metrics", this::metrics)
        .own(HttpMethod.GET, "/tiefsee/v1/status", new StatusEndpoint(models, books))
        .open(HttpMethod.GET, "/openapi.json", new OpenApiEndpoint())
        .api(HttpMethod.GET, "/models", new ModelsEndpoint(models))
        .api(HttpMethod.GET, "/models/:name", new ModelsEndpoint(models))
        .api(HttpMethod.POST, "/chat/completions", chat)
        .api(HttpMethod.POST, "/completions", new CompletionsEndpoint(models, options))
        .api(HttpMethod.POST, "/embeddings", new EmbeddingsEndpoint(models, options))
        .api(HttpMethod.POST, "/tokenize", new TokenizeEndpoint(models))
        .api(HttpMethod.POST, "/detokenize", new DetokenizeEndpoint(models))
        .api(HttpMethod.POST, "/responses", responses)
        .api(HttpMethod.GET, "/responses/:id", responses::get)
        .api(HttpMethod.DELETE, "/responses/:id", responses::delete)
        .api(HttpMethod.GET, "/responses/:id/input_items", responses::inputItems)
        .onlyAnthropic(HttpMethod.GET, "/v1/models", new AnthropicModelsEndpoint(models))
        .onlyAnthropic(HttpMethod.GET, "/v1/models/:name", new AnthropicModelsEndpoint(models))
        .anthropic(HttpMethod.POST, "/v1/messages", new MessagesEndpoint(models, options))
        .anthropic(HttpMethod.POST, "/v1/messages/count_tokens", new CountTokensEndpoint(models));
  }

  private void metrics(Exchange exchange) throws ClientGoneException {
    exchange.text(200, "text/plain; version=0.0.4; charset=utf-8", books.metrics().scrape());
  }

  private HttpServer listen() {
    HttpServerOptions http =
        new HttpServerOptions()
            .setHost(options.host())
            .setPort(options.port())
            .setMaxHeaderSize(MAX_HEADERS)
            .setMaxInitialLineLength(MAX_REQUEST_LINE)
            .setTcpKeepAlive(true)
            // With it a connection is not seen before its first request is.
            .setHttp2ClearTextEnabled(false);
    if (options.tls()) {
      http.setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(
              new PemKeyCertOptions()
                  .setCertPath(readable(options.tlsCert()))
                  .setKeyPath(readable(options.tlsKey())));
    }
    try {
      return vertx
          .createHttpServer(http)
          .connectionHandler(door::connected)
          .requestHandler(door)
          .listen()
          .toCompletionStage()
          .toCompletableFuture()
          .join();
    } catch (CompletionException e) {
      throw cannotListen(e);
    }
  }

  private static String readable(String file) {
    if (!Files.isReadable(Path.of(file))) {
      throw new BadInput(file + " cannot be read; it should be a PEM file");
    }
    return Path.of(file).toAbsolutePath().toString();
  }

  private BadInput cannotListen(CompletionException e) {
    Optional<String> message = Optional.ofNullable(e.getCause()).map(Throwable::getMessage);
    String why =
        e.getCause() instanceof BindException && message.orElse("").contains("in use")
            ? "another program listens there; choose another --port"
            : message.orElse("no reason given");
    return new BadInput(
        "cannot listen on " + options.host() + ":" + options.port() + ": " + why, e);
  }

  /** Models are loaded, as far as they shall be before anybody asks. */
  public void ready() {
    ready = true;
  }

  /** The port it listens on. */
  public int port() {
    return http.actualPort();
  }

  /** Requests that are being answered. */
  public int running() {
    return door.running();
  }

  /** Connections of clients. */
  public int connections() {
    return door.connections();
  }

  public Models models() {
    return models;
  }

  /** Finishes running answers, up to the limit of the options; then stops. */
  @Override
  public void close() {
    door.drain(Duration.ofSeconds(options.drain()));
    // Ends what still runs; a moment for its readers to hear of it.
    models.close();
    door.drain(LAST_WORDS);
    await(http.close());
    page.close();
    door.close();
    books.close();
    await(vertx.close());
  }

  private static void await(Future<?> future) {
    try {
      Object ignored = future.await(10, TimeUnit.SECONDS);
    } catch (TimeoutException | RuntimeException e) {
      System.getLogger(Server.class.getName())
          .log(System.Logger.Level.WARNING, "stopping: " + e.getMessage());
    }
  }
}
