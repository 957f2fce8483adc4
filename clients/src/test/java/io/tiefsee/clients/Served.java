package io.tiefsee.clients;

import io.tiefsee.server.ModelSource;
import io.tiefsee.server.Server;
import io.tiefsee.server.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A server for clients: the model that comes along, {@code embedded}, thinks and answers; {@code
 * tiny} has random weights, so that whatever is right in its answers is there because it had to be.
 */
final class Served implements AutoCloseable {
  static final Path ROOT = Path.of(System.getProperty("tiefsee.root", ".."));

  private final Server server;

  private Served(Server server) {
    this.server = server;
  }

  static Served start() {
    ServerOptions options = ServerOptions.DEFAULTS.with("port", 0).with("threads", 1);
    Path tiny = ROOT.resolve("engine/src/test/resources/golden/gguf/llama_tiny.Q4_0.gguf");
    return new Served(
        Server.start(
            options,
            List.of(new ModelSource("embedded", embedded()), new ModelSource("tiny", tiny))));
  }

  private static Path embedded() {
    try (Stream<Path> files = Files.list(ROOT.resolve("models/embedded"))) {
      return files.filter(f -> f.toString().endsWith(".gguf")).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The address without a path. */
  String url() {
    return "http://127.0.0.1:" + server.port();
  }

  @Override
  public void close() {
    server.close();
  }
}
