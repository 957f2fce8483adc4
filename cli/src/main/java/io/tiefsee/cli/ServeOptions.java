package io.tiefsee.cli;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.config.ConfigSource;
import io.tiefsee.server.ServerOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the server. Each one given goes over the configuration file. */
final class ServeOptions {
  /** What an option sets. */
  private record Setting(Object value, String option) {}

  private final Map<String, Setting> settings = new LinkedHashMap<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "a TOML file; options of the command line go over what it says")
  private Optional<Path> config = Optional.empty();

  /**
   * The configuration file, and over it the command line.
   *
   * @throws io.tiefsee.tensor.BadInput with the file's line or the option that is wrong
   */
  ServerOptions options() {
    ConfigSource source =
        config.isPresent()
            ? ConfigSource.of(config.get(), List.of())
            : ConfigSource.of("options", "", List.of());
    settings.forEach((key, s) -> source.set(key, s.value(), s.option()));
    return new ConfigReader(source).read(ServerOptions.class, ServerOptions.DEFAULTS);
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
      names = "--alias",
      paramLabel = "NAME[=MODEL]",
      description =
          "lets requests call a model by this name too, the first where none is said; may be"
              + " repeated")
  void aliases(List<String> values) {
    settings.put("aliases", new Setting(values, "--alias"));
  }

  @Option(
      names = "--lora",
      paramLabel = "FILE[=X]",
      description =
          "changes the model by a LoRA adapter, a folder as PEFT has it, X times (default: 1); may"
              + " be repeated")
  void lora(List<String> values) {
    settings.put("lora", new Setting(values, "--lora"));
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
      names = "--idle-timeout",
      paramLabel = "SECONDS",
      description =
          "closes a connection that is idle, or does not send its request or take its answer"
              + " (default: 60)")
  void idleTimeout(int value) {
    set("--idle-timeout", value);
  }

  @Option(
      names = "--keep-alive",
      paramLabel = "SECONDS",
      description = "between signs of life of an answer that is silent (default: 10)")
  void keepAlive(int value) {
    set("--keep-alive", value);
  }

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      description = "how long running answers may go on when the server stops (default: 30)")
  void drain(int value) {
    set("--drain", value);
  }

  @Option(
      names = "--runs",
      paramLabel = "FOLDER",
      description = "training runs whose curves the page shows")
  void runs(String value) {
    set("--runs", value);
  }

  @Option(
      names = "--arena",
      paramLabel = "FILE",
      description = "the report of tiefsee arena (JSON) that the page shows")
  void arena(String value) {
    set("--arena", value);
  }

  @Option(
      names = "--remotes",
      paramLabel = "FILE",
      description = "endpoints elsewhere that the page may ask, TOML; see docs/PAGE.md")
  void remotes(String value) {
    set("--remotes", value);
  }
}
