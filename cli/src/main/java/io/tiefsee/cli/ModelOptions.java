package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.Isa;
import io.tiefsee.model.AdapterFile;
import io.tiefsee.tensor.QuantType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that need a model. */
final class ModelOptions {
  /** Where the model lies. */
  static final class Reference {
    @Option(
        names = {"-m", "--model"},
        paramLabel = "REF",
        description =
            "the model: a .gguf file, a Hugging Face folder, what tiefsee pull has brought"
                + " (hf:OWNER/REPO[:QUANT] or a short name), or embedded (default): the tiny model"
                + " that comes along")
    private Optional<String> model = Optional.empty();

    boolean isGiven() {
      return model.isPresent();
    }

    Path path() {
      return ModelReference.path(model.orElse(EmbeddedModel.NAME));
    }

    /** For receipts: of a path its last part. */
    String name() {
      String ref = model.orElse(EmbeddedModel.NAME);
      Path path = path();
      return Path.of(ref).equals(path) ? String.valueOf(path.getFileName()) : ref;
    }

    Weights open() {
      return Weights.open(path());
    }
  }

  /** What quantised weights meet. */
  enum Activations {
    INT8,
    F32
  }

  /** How keys and values are kept. */
  enum Kv {
    F16,
    Q8_0,
    F32
  }

  @Mixin private Reference reference = new Reference();

  @Option(
      names = "--lora",
      paramLabel = "FILE[=X]",
      description =
          "changes the model by a LoRA adapter, a folder as PEFT has it, X times (default: 1); may"
              + " be repeated")
  private List<String> adapters = List.of();

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "threads that compute (default: one per physical core)")
  private Optional<Integer> threads = Optional.empty();

  @Option(
      names = {"-c", "--ctx-size"},
      paramLabel = "N",
      description =
          "tokens of prompt and answer together (default: what the model was made for,"
              + " as far as memory allows)")
  private Optional<Integer> contextSize = Optional.empty();

  @Option(
      names = "--kv",
      paramLabel = "TYPE",
      description = "storage of keys and values: f16 (default), q8_0 or f32")
  private Optional<Kv> kv = Optional.empty();

  @Option(
      names = "--activations",
      paramLabel = "TYPE",
      description =
          "what quantised weights meet: int8 (default), or f32, the reference mode, in"
              + " which the KV cache is f32 too")
  private Activations activations = Activations.INT8;

  @Option(
      names = {"-b", "--batch-size"},
      paramLabel = "N",
      description = "tokens of a prompt computed at once (default: 512)")
  private Optional<Integer> batchSize = Optional.empty();

  @Option(
      names = "--prefix-cache",
      paramLabel = "FOLDER",
      description =
          "keep computed prompts here, so that one that begins like an earlier one starts at"
              + " once; whoever can read the folder can read the prompts (default: none)")
  private Optional<Path> prefixCache = Optional.empty();

  @Option(
      names = "--prefix-cache-gb",
      paramLabel = "X",
      description = "gigabytes of --prefix-cache at most (default: ${DEFAULT-VALUE})")
  private double prefixCacheGb = 10;

  boolean isGiven() {
    return reference.isGiven();
  }

  Path path() {
    return reference.path();
  }

  String name() {
    return reference.name();
  }

  Optional<Integer> contextSize() {
    return contextSize;
  }

  /** The options for an engine. */
  EngineOptions engineOptions() {
    List<AdapterFile> changes = adapters.stream().map(AdapterFile::parse).toList();
    EngineOptions options = EngineOptions.builder().adapters(changes).build();
    if (activations == Activations.F32) {
      options = options.reference();
    }
    if (kv.isPresent()) {
      options = options.withKv(QuantType.valueOf(kv.get().name()));
    }
    if (threads.isPresent()) {
      options = options.withThreads(threads.get());
    }
    if (contextSize.isPresent()) {
      options = options.withContextLength(contextSize.get());
    }
    if (batchSize.isPresent()) {
      options = options.withMaxBatchTokens(batchSize.get());
    }
    if (prefixCache.isPresent()) {
      var cache = new EngineOptions.DiskCache(prefixCache.get(), (long) (prefixCacheGb * 1e9));
      options = options.toBuilder().diskCache(cache).build();
    }
    return options;
  }

  /** Opens the engine; says on a terminal how far it is, and if the machine's best is refused. */
  Engine open(Streams streams) {
    return open(streams, engineOptions());
  }

  Engine open(Streams streams, EngineOptions options) {
    Path path = path();
    Isa.choice().warning().ifPresent(w -> streams.note("tiefsee: " + w));
    return Engine.open(HeadStart.files(path), options.withProgress(new ProgressBar(streams)));
  }
}
