package io.tiefsee.cli;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.config.ConfigSource;
import io.tiefsee.engine.Engine;
import io.tiefsee.kernel.Isa;
import io.tiefsee.server.ApiKey;
import io.tiefsee.server.Model;
import io.tiefsee.server.ModelSource;
import io.tiefsee.server.Server;
import io.tiefsee.server.ServerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tiefsee serve}: the HTTP server. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Serves models over HTTP, by the APIs of DeepSeek and OpenAI.",
    footer = {
      "",
      "Every option is also a key of the configuration file, with _ for -: ctx_size = 4096.",
      "Ctrl-C or SIGTERM lets running answers finish, then stops."
    })
final class ServeCommand implements Callable<Integer> {
  /** What an option sets. */
  private record Setting(Object value, String option) {}

  private final Streams streams;
  private final Map<String, Setting> settings = new LinkedHashMap<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "a TOML file; options of the command line go over what it says")
  private Optional<Path> config = Optional.empty();

  ServeCommand(Streams streams) {
    this.streams = streams;
  }

  private void set(String option, Object value) {
    settings.put(option.substring(2).replace('-', '_'), new Setting(value, option));
  }

  @Option(
      names = {"-m", "--model"},
      paramLabel = "REF",
      description =
          "a model, as for tiefsee run; NAME=REF names it; may be repeated (default: embedded)")
  void models(List<String> values) {
    settings.put("models", new Setting(values, "--model"));
  }

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "where to listen (default: 127.0.0.1, this machine only)")
  void host(String value) {
    set("--host", value);
  }

  @Option(
      names = {"-p", "--port"},
      paramLabel = "N",
      description = "default: 8080; 0 takes a free one")
  void port(int value) {
    set("--port", value);
  }

  @Option(
      names = "--api-keys",
      paramLabel = "FILE",
      description = "asks for the keys of this TOML file (default: lets everybody in)")
  void apiKeys(String value) {
    set("--api-keys", value);
  }

  @Option(
      names = "--new-key",
      paramLabel = "NAME",
      description = "prints a new API key and the lines for the file of --api-keys, and ends")
  private Optional<String> newKey = Optional.empty();

  @Option(names = "--tls-cert", paramLabel = "FILE", description = "serves HTTPS; PEM")
  void tlsCert(String value) {
    set("--tls-cert", value);
  }

  @Option(names = "--tls-key", paramLabel = "FILE", description = "the private key; PEM, PKCS #8")
  void tlsKey(String value) {
    set("--tls-key", value);
  }

  @Option(
      names = "--cors-origin",
      paramLabel = "ORIGIN",
      description = "lets pages of this origin call the server; may be repeated; * for all")
  void corsOrigins(List<String> values) {
    settings.put("cors_origins", new Setting(values, "--cors-origin"));
  }

  @Option(
      names = "--dialect",
      paramLabel = "NAME",
      description = "how thoughts are given: deepseek-2026 (default), deepseek-2025 or vllm")
  void dialect(String value) {
    set("--dialect", value);
  }

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "requests of a model that run at once (default: 16)")
  void slots(int value) {
    set("--slots", value);
  }

  @Option(
      names = {"-c", "--ctx-size"},
      paramLabel = "N",
      description =
          "tokens of prompt and answer together (default: what the model was made for, as far as"
              + " memory allows)")
  void contextSize(int value) {
    set("--ctx-size", value);
  }

  @Option(
      names = "--kv",
      paramLabel = "TYPE",
      description = "storage of keys and values: f16 (default), q8_0 or f32")
  void kv(String value) {
    set("--kv", value);
  }

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "threads that compute (default: one per physical core)")
  void threads(int value) {
    set("--threads", value);
  }

  @Option(
      names = "--queue",
      paramLabel = "N",
      description = "requests of a model that may wait; more get a 503 (default: 1000)")
  void queue(int value) {
    set("--queue", value);
  }

  @Option(
      names = "--prefix-cache",
      paramLabel = "FOLDER",
      description = "keeps computed prompts on disk, over restarts (default: in memory only)")
  void prefixCache(String value) {
    set("--prefix-cache", value);
  }

  @Option(
      names = "--prefix-cache-gb",
      paramLabel = "N",
      description = "gigabytes of --prefix-cache at most (default: 10)")
  void prefixCacheGb(double value) {
    set("--prefix-cache-gb", value);
  }

  @Option(
      names = "--idle-unload",
      paramLabel = "SECONDS",
      description = "unload a model that nobody has used for so long (default: never)")
  void idleUnload(int value) {
    set("--idle-unload", value);
  }

  @Option(
      names = "--max-body",
      paramLabel = "BYTES",
      description = "a larger request is refused (default: 33554432)")
  void maxBody(long value) {
    set("--max-body", value);
  }

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "ends an answer that takes longer (default: never)")
  void timeout(int value) {
    set("--timeout", value);
  }

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      description = "how long running answers may go on when the server stops (default: 30)")
  void drain(int value) {
    set("--drain", value);
  }

  @Override
  public Integer call() throws Exception {
    if (newKey.isPresent()) {
      printNewKey(newKey.get());
      return 0;
    }
    ServerOptions options = options();
    Isa.choice().warning().ifPresent(w -> streams.note("tiefsee: " + w));
    List<ModelSource> sources = new ArrayList<>();
    for (String ref : options.models().isEmpty() ? List.of("embedded") : options.models()) {
      sources.add(source(ref));
    }
    Server server = Server.start(options, sources);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread stop =
        Thread.ofPlatform()
            .name("tiefsee-stop")
            .unstarted(() -> {
              server.close();
              stopped.countDown();
            });
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      announce(options, server);
      stopped.await();
      return 0;
    } catch (RuntimeException | Error e) {
      boolean ignored = Runtime.getRuntime().removeShutdownHook(stop);
      server.close();
      throw e;
    }
  }

  private void printNewKey(String name) {
    String key = ApiKey.random();
    ApiKey entry = new ApiKey(name, ApiKey.sha256(key), 0, 0, 0);
    streams.out().println("# " + key + " is the key; it is nowhere else.");
    streams.out().println("[[key]]");
    streams.out().println("name = " + Json.write(entry.name()));
    streams.out().println("sha256 = \"" + entry.sha256() + "\"");
  }

  /** The configuration file, and over it the command line. */
  private ServerOptions options() {
    ConfigSource source =
        config.isPresent()
            ? ConfigSource.of(config.get(), List.of())
            : ConfigSource.of("options", "", List.of());
    settings.forEach((key, s) -> source.set(key, s.value(), s.option()));
    return new ConfigReader(source).read(ServerOptions.class, ServerOptions.DEFAULTS);
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

  /** Loads the first model and says where and what is served. */
  private void announce(ServerOptions options, Server server) throws InterruptedException {
    String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
    String scheme = options.tls() ? "https://" : "http://";
    streams.err().println("tiefsee: listening on " + scheme + host + ":" + server.port());
    if (!options.isPrivate()) {
      streams
          .err()
          .println(
              "tiefsee: everybody who reaches this machine may use it; --api-keys would ask who");
    }
    try (Model.Lease lease = server.models().use(server.models().first())) {
      Engine engine = lease.engine();
      streams
          .err()
          .println(
              String.format(
                  Locale.ROOT,
                  "tiefsee: serving %s (%.1f MB, context %d tokens, %d threads)",
                  lease.model().name(),
                  lease.model().bytes() / 1e6,
                  engine.contextLength(),
                  engine.options().threads()));
    }
    server.models().all().stream()
        .skip(1)
        .forEach(m ->
            streams
                .err()
                .println("tiefsee: serving " + m.name() + ", loaded when it is asked for"));
    streams.err().flush();
  }
}
