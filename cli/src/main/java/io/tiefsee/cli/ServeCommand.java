package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.Pooling;
import io.tiefsee.kernel.Isa;
import io.tiefsee.ledger.Ledger;
import io.tiefsee.price.CashierOptions;
import io.tiefsee.server.ApiKey;
import io.tiefsee.server.Model;
import io.tiefsee.server.ModelSource;
import io.tiefsee.server.Server;
import io.tiefsee.server.ServerOptions;
import io.tiefsee.server.WarmUp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tiefsee serve}: the HTTP server. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Serves models over HTTP, by the APIs of DeepSeek and OpenAI.",
    footer = {
      "",
      "Options of the server are also keys of the configuration file, with _ for -:",
      "ctx_size = 4096. Ctrl-C or SIGTERM lets running answers finish, then stops."
    })
final class ServeCommand implements Callable<Integer> {
  /** Tokens, and the time at most, by which the speed is measured at the start. */
  private static final int SPEED_TOKENS = 32;

  private static final Duration SPEED_TIME = Duration.ofSeconds(1);

  private static final Duration WARM_UP_TIME = Duration.ofMillis(1500);

  /** Of the served model's text, at most. */
  private static final int WARM_UP_TOKENS = 1024;

  /** Begins the line by which it is ready. */
  static final String LISTENING = "listening on ";

  private final Streams streams;

  @Mixin private ServeOptions options = new ServeOptions();
  @Mixin private PriceOptions.Book book = new PriceOptions.Book();
  @Mixin private PriceOptions.Kept kept = new PriceOptions.Kept();

  @Option(
      names = "--new-key",
      paramLabel = "NAME",
      description = "prints a new API key and the lines for the file of --api-keys, and ends")
  private Optional<String> newKey = Optional.empty();

  @Option(names = "--no-warmup", description = "start at once; the first requests are slower then")
  private boolean noWarmUp;

  ServeCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws Exception {
    if (newKey.isPresent()) {
      printNewKey(newKey.get());
      return 0;
    }
    ServerOptions server = options.options();
    Isa.choice().warning().ifPresent(w -> streams.note("tiefsee: " + w));
    List<ModelSource> models = new ArrayList<>();
    for (String ref : server.models().isEmpty() ? List.of(EmbeddedModel.NAME) : server.models()) {
      models.add(source(ref));
    }
    Optional<Ledger> ledger = kept.opener(streams).get();
    CashierOptions prices =
        ledger.map(l -> book.options().withReceipts(l)).orElseGet(book::options);
    return serve(server, Server.listen(server, models, prices), ledger);
  }

  /** Until the process is told to end; then answers finish. */
  private int serve(ServerOptions options, Server server, Optional<Ledger> ledger)
      throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    Runnable close =
        () -> {
          server.close();
          ledger.ifPresent(Ledger::close);
          stopped.countDown();
        };
    Thread hook = Thread.ofPlatform().name("tiefsee-stop").unstarted(close);
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      announce(options, server);
      stopped.await();
    } catch (RuntimeException | Error | InterruptedException e) {
      if (removed(hook)) {
        close.run();
        throw e;
      }
      // The process is ending, and what the server says of it is no news.
      stopped.await();
    }
    return 0;
  }

  /** Takes a shutdown hook back; false if it runs already. */
  private static boolean removed(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private void printNewKey(String name) {
    String key = ApiKey.random();
    ApiKey entry = ApiKey.unlimited(name, ApiKey.sha256(key));
    streams.out().println("# " + key + " is the key; it is nowhere else.");
    streams.out().println("[[key]]");
    streams.out().println("name = " + Json.write(entry.name()));
    streams.out().println("sha256 = \"" + entry.sha256() + "\"");
  }

  /** {@code REF} or {@code NAME=REF}; without a name the model gets that of its reference. */
  static ModelSource source(String ref) {
    int equals = ref.indexOf('=');
    if (equals > 0 && ref.substring(0, equals).matches("[A-Za-z0-9][A-Za-z0-9._:/-]*")) {
      return new ModelSource(
          ref.substring(0, equals), ModelReference.path(ref.substring(equals + 1)));
    }
    Path path = ModelReference.path(ref);
    boolean isPath = ref.equals(path.toString());
    String file = String.valueOf(path.toAbsolutePath().normalize().getFileName());
    return new ModelSource(isPath ? file.replaceFirst("\\.gguf$", "") : ref, path);
  }

  /** Loads the first model, warms up, and says where and what is served. */
  private void announce(ServerOptions options, Server server) throws InterruptedException {
    String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
    String scheme = options.tls() ? "https://" : "http://";
    try (Model.Lease lease = server.models().load(server.models().first())) {
      Engine engine = lease.engine();
      long began = System.nanoTime();
      boolean warm = !noWarmUp && warmUp(engine);
      double speed = tokensPerSecond(engine);
      String warmed =
          warm ? ", warmed up in %.1f s".formatted((System.nanoTime() - began) / 1e9) : "";
      server.ready();
      say(LISTENING + scheme + host + ":" + server.port());
      if (!options.isPrivate()) {
        say("everybody who reaches this machine may use it; --api-keys would ask who");
      }
      say(
          String.format(
              Locale.ROOT,
              "serving %s (%.1f MB, with %.1f MB for keys and values; context %d tokens, %d"
                  + " slots, %d threads, about %.0f tokens/s for one user%s)",
              lease.model().name(),
              lease.model().bytes() / 1e6,
              (lease.model().bytes() - engine.modelBytes()) / 1e6,
              engine.contextLength(),
              options.slots(),
              engine.options().threads(),
              speed,
              warmed));
    }
    server.models().all().stream()
        .skip(1)
        .forEach(m -> say("serving " + m.name() + ", loaded when it is asked for"));
  }

  /**
   * Warms up the code of requests by the embedded model, and the kernels of the served one by a
   * short text; neither is seen by users.
   */
  private boolean warmUp(Engine engine) throws InterruptedException {
    Optional<Path> small = EmbeddedModel.find();
    if (small.isPresent()) {
      try (WarmUp warmUp = new WarmUp(small.get())) {
        int ignored = warmUp.run(WARM_UP_TIME);
      }
    }
    // About half a second: a text is read several times as fast as an answer is written. It has to
    // be long for the routines of attention, which are otherwise cold when a long prompt comes.
    double most = Math.min(WARM_UP_TOKENS, engine.contextLength());
    int tokens = (int) Math.clamp(4 * tokensPerSecond(engine), 1, most);
    float[] ignored = engine.embed(new int[tokens], Pooling.LAST);
    return true;
  }

  /** By a few tokens that nobody reads; twice, as the first ones run in a cold JVM. */
  private static double tokensPerSecond(Engine engine) {
    return Math.max(measure(engine), measure(engine));
  }

  private static double measure(Engine engine) {
    long began = System.nanoTime();
    int done = 0;
    do {
      engine.logits(new int[] {0}, 1, (position, logits, row) -> {});
      done++;
    } while (done < SPEED_TOKENS && System.nanoTime() - began < SPEED_TIME.toNanos());
    return done * 1e9 / (System.nanoTime() - began);
  }

  private void say(String line) {
    streams.err().println("tiefsee: " + line);
    streams.err().flush();
  }
}
