package io.tiefsee.bench;

import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code bench/synthetic}: writes a {@link SyntheticModel}. */
@Command(
    name = "synthetic",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Writes a GGUF file of true shapes and random weights.")
final class Synthetic implements Callable<Integer> {
  /** For the help text. */
  static final class Presets extends java.util.ArrayList<String> {
    Presets() {
      ModelShape.presetNames().forEach(this::add);
    }
  }

  @Parameters(
      paramLabel = "PRESET",
      completionCandidates = Presets.class,
      description = "one of ${COMPLETION-CANDIDATES}")
  private String preset = "";

  @Parameters(paramLabel = "FILE", description = "the file to write")
  private Path file = Path.of("");

  @Option(
      names = "--types",
      paramLabel = "MIX",
      description =
          "Q3_K_M, Q4_K_M, Q5_K_M or one type for all matrices (default:" + " ${DEFAULT-VALUE})")
  private String types = "Q4_K_M";

  @Option(names = "--layers", paramLabel = "N", description = "layers, if not the preset's")
  private Optional<Integer> layers = Optional.empty();

  @Option(names = "--vocab", paramLabel = "N", description = "tokens, if not the preset's")
  private Optional<Integer> vocab = Optional.empty();

  @Option(
      names = "--joined-kv",
      description = "latent attention as in GGUF files up to spring 2025: one tensor attn_kv_b")
  private boolean joined;

  @Option(names = "--seed", paramLabel = "N", description = "of the random weights")
  private long seed;

  public static void main(String[] args) {
    System.exit(Commands.execute(new Synthetic(), args));
  }

  @Override
  public Integer call() throws Exception {
    ModelShape shape = ModelShape.preset(preset);
    shape = layers.map(shape::withLayers).orElse(shape);
    shape = vocab.map(shape::withVocab).orElse(shape);
    shape = joined ? shape.withJoinedKv() : shape;
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new BadInput("there is no folder " + folder);
    }
    long began = System.nanoTime();
    new SyntheticModel(shape, TypeMix.of(types), seed).write(file);
    System.out.printf(
        Locale.ROOT,
        "%s: %.1f MB in %.1f s%n",
        file,
        Files.size(file) / 1e6,
        (System.nanoTime() - began) / 1e9);
    return 0;
  }
}
