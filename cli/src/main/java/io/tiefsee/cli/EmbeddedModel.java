package io.tiefsee.cli;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The tiny model that lies in the repository, {@code models/embedded/*.gguf}. The launcher says in
 * {@code tiefsee.home} where the repository is.
 */
final class EmbeddedModel {
  /** By which {@code --model} means it, unless a file is named so. */
  static final String NAME = "embedded";

  private static final String HOME = "tiefsee.home";

  private EmbeddedModel() {}

  /** The model's file, if it is there. */
  static Optional<Path> find() {
    String home = System.getProperty(HOME, "");
    Path folder = Path.of(home, "models", "embedded");
    if (home.isEmpty() || !Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".gguf")).sorted().findFirst();
    } catch (IOException e) {
      throw new BadInput(folder + " cannot be read: " + BadInput.reason(e), e);
    }
  }
}
