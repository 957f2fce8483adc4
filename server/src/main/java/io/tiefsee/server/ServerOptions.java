package io.tiefsee.server;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.config.ConfigSource;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a server is set up; also the keys of its configuration file. Texts are empty where nothing is
 * set, numbers 0 where the server chooses.
 *
 * @param host address to listen on; the default is this machine only
 * @param port 0 takes any free one
 * @param models {@code REF} or {@code NAME=REF} each
 * @param aliases other names: {@code NAME} of the first model, or {@code NAME=MODEL}
 * @param apiKeys file of keys, see {@link KeyFile}; empty lets everybody in
 * @param tlsCert certificate chain, PEM; empty for plain HTTP
 * @param tlsKey its private key, PEM (PKCS #8)
 * @param lora adapters of the model, {@code FILE} or {@code FILE=FACTOR} each
 * @param corsOrigins pages of other origins that may call the server; {@code *} for all
 * @param dialect of the chat API, see {@link Dialect}
 * @param kv storage of keys and values: f16, q8_0 or f32
 * @param slots requests that run at once
 * @param ctxSize tokens of prompt and answer together
 * @param threads that compute
 * @param queue requests of a model that may wait; more are refused
 * @param prefixCache folder in which computed prompts outlive the server; empty for none
 * @param prefixCacheGb gigabytes it may take
 * @param idleUnload seconds after which a model that nobody uses is unloaded; 0: never
 * @param maxBody bytes of a request at most
 * @param timeout seconds a request may take; 0: any time
 * @param idleTimeout seconds a connection may stay idle, send its request or take its answer
 * @param keepAlive seconds between comments in a silent stream, and between empty lines before an
 *     answer that is given whole
 * @param drain seconds that running answers have when the server is told to stop
 * @param runs folder of training runs that the page shows
 * @param arena report of an arena, JSON, that the page shows
 * @param remotes file of endpoints elsewhere that the page may ask, see {@link Remotes}
 */
public record ServerOptions(
    String host,
    int port,
    List<String> models,
    List<String> aliases,
    String apiKeys,
    String tlsCert,
    String tlsKey,
    List<String> lora,
    List<String> corsOrigins,
    String dialect,
    String kv,
    int slots,
    int ctxSize,
    int threads,
    int queue,
    String prefixCache,
    double prefixCacheGb,
    int idleUnload,
    long maxBody,
    int timeout,
    int idleTimeout,
    int keepAlive,
    int drain,
    String runs,
    String arena,
    String remotes) {

  public static final ServerOptions DEFAULTS =
      new ServerOptions(
          "127.0.0.1",
          8080,
          List.of(),
          List.of(),
          "",
          "",
          "",
          List.of(),
          List.of(),
          "deepseek-2026",
          "f16",
          16,
          0,
          0,
          1000,
          "",
          10,
          0,
          32L << 20,
          0,
          60,
          10,
          30,
          "",
          "",
          "");

  public ServerOptions {
    models = List.copyOf(models);
    aliases = List.copyOf(aliases);
    lora = List.copyOf(lora);
    corsOrigins = List.copyOf(corsOrigins);
    if (tlsCert.isEmpty() != tlsKey.isEmpty()) {
      throw new BadInput("tls_cert and tls_key belong together: give both or none");
    }
    if (!lora.isEmpty() && models.size() > 1) {
      throw new BadInput("lora changes one model, but " + models.size() + " are served");
    }
    require(port >= 0 && port <= 65535, "port", port, "0 to 65535");
    require(slots >= 1 && slots <= 1024, "slots", slots, "1 to 1024");
    require(ctxSize >= 0, "ctx_size", ctxSize, "0 (the model's own) or more");
    require(threads >= 0 && threads <= 1024, "threads", threads, "0 (one a core) to 1024");
    require(queue >= 0, "queue", queue, "0 or more");
    require(prefixCacheGb > 0, "prefix_cache_gb", prefixCacheGb, "above 0");
    require(idleUnload >= 0, "idle_unload", idleUnload, "0 (never) or more seconds");
    require(maxBody >= 1024, "max_body", maxBody, "1024 bytes or more");
    require(timeout >= 0, "timeout", timeout, "0 (none) or more seconds");
    require(idleTimeout >= 1, "idle_timeout", idleTimeout, "1 second or more");
    require(keepAlive >= 1, "keep_alive", keepAlive, "1 second or more");
    require(drain >= 0, "drain", drain, "0 or more seconds");
    if (!List.of("f16", "q8_0", "f32").contains(kv)) {
      throw new BadInput("kv is f16, q8_0 or f32, not " + kv);
    }
    Dialect ignored = Dialect.of(dialect);
  }

  /** These options with a key of the configuration file changed: {@code with("port", 0)}. */
  public ServerOptions with(String key, Object value) {
    return with(Map.of(key, value));
  }

  /** These options with keys of the configuration file changed. */
  public ServerOptions with(Map<String, Object> changes) {
    ObjectNode root = JsonMapper.shared().valueToTree(changes);
    ConfigSource source = new ConfigSource("options", root, Map.of());
    return new ConfigReader(source).read(ServerOptions.class, this);
  }

  Optional<Path> keyFile() {
    return apiKeys.isEmpty() ? Optional.empty() : Optional.of(Path.of(apiKeys));
  }

  /** Whether strangers are kept out: by keys, or because it listens on this machine only. */
  public boolean isPrivate() {
    return !apiKeys.isEmpty() || Origins.isLoopback(host);
  }

  /** Whether it speaks HTTPS. */
  public boolean tls() {
    return !tlsCert.isEmpty();
  }

  private static void require(boolean ok, String key, Number value, String range) {
    if (!ok) {
      throw new BadInput(key + " is " + value + ", but must be " + range);
    }
  }
}
