package io.tiefsee.recipe;

import io.tiefsee.config.Durable;
import io.tiefsee.kernel.Isa;
import io.tiefsee.model.Lora;
import io.tiefsee.model.LoraMerge;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.LowRank;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.train.TrainableModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where the models of a run's stages come from and where they are left: GGUF files, or, where
 * adapters learn, folders with an adapter each.
 */
final class StageModels {
  /**
   * What a stage begins with.
   *
   * @param adapted adapters of {@code model.from} learn, not all weights
   */
  record Start(Supplier<TrainableModel> make, boolean adapted) {
    TrainableModel get() {
      return make.get();
    }
  }

  private final StageConfig config;
  private final RunFolder folder;
  private final RunModels models;
  private final Isa isa;

  StageModels(StageConfig config, RunFolder folder, RunModels models, Isa isa) {
    LoraConfig lora = config.lora();
    if (lora.wanted() && config.model().from().isEmpty()) {
      throw new BadInput("adapters change a model that is there: name it as model.from");
    }
    if (!lora.wanted() && !lora.from().isEmpty()) {
      throw new BadInput("lora.from names an adapter, but lora.rank is 0: all weights would learn");
    }
    this.config = config;
    this.folder = folder;
    this.models = models;
    this.isa = isa;
  }

  /** What the first stage of {@code model} begins with. */
  Start start(ModelConfig model) {
    LoraConfig lora = config.lora();
    long seed = Seeds.of(config.seed(), "weights".hashCode(), model.architecture().hashCode());
    if (lora.wanted() && model == config.model()) {
      return lora.from().isEmpty()
          ? adapted(
              (base, arena) -> Lora.create(base, lora.of(), lora.rank(), lora.alpha(), seed, arena))
          : adapted(
              (base, arena) -> ofRank(Lora.read(Path.of(lora.from()), 1, base.spec(), arena)));
    }
    if (!model.from().isEmpty()) {
      return whole(Path.of(model.from()));
    }
    return new Start(
        () ->
            TrainableModel.random(
                model.spec(config.name(), models.tokenizer().vocabSize()),
                model.tied(),
                model.deviation(),
                seed),
        false);
  }

  /** An adapter to go on with keeps its rank; another one in the configuration is a slip. */
  private Lora ofRank(Lora stored) {
    LoraConfig lora = config.lora();
    int rank = stored.modules().values().stream().mapToInt(LowRank::rank).max().orElse(0);
    if (rank != lora.rank()) {
      throw new BadInput(
          "the adapter %s has rank %d, but lora.rank is %d: set lora.rank=%d"
              .formatted(lora.from(), rank, lora.rank(), rank));
    }
    return stored;
  }

  /** A model of which all weights learn. */
  Start whole(Path file) {
    return new Start(() -> TrainableModel.load(file), false);
  }

  private Start adapted(TrainableModel.Adapters adapters) {
    boolean unpacked = config.lora().base() == LoraConfig.Base.F32;
    Path base = Path.of(config.model().from());
    return new Start(() -> TrainableModel.adapt(base, unpacked, isa, adapters), true);
  }

  private Start adapted(Path adapter) {
    return adapted((base, arena) -> Lora.read(adapter, 1, base.spec(), arena));
  }

  private Path path(String stage, boolean adapted) {
    return adapted ? folder.adapter(stage) : folder.model(stage);
  }

  /** What the stage after {@code stage} begins with. */
  Start after(String stage, Start before) {
    Path path = path(stage, before.adapted);
    return before.adapted ? adapted(path) : whole(path);
  }

  /** True if the stage has left its model. */
  boolean isThere(String stage, Start before) {
    return Files.exists(path(stage, before.adapted));
  }

  /** Leaves the model of a stage, whole or not at all. */
  void write(String stage, TrainableModel model) {
    if (model.lora().isPresent()) {
      writeAdapter(folder.adapter(stage), model.lora().get());
    } else {
      models.write(
          folder.model(stage),
          model,
          config.name() + " " + stage,
          QuantType.F32,
          config.output().temperature());
    }
  }

  private void writeAdapter(Path target, Lora lora) {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      Checkpoints.delete(part);
      Files.createDirectory(part);
      lora.write(part, config.model().from());
      Durable.sync(part);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new BadInput(target + " cannot be written: " + BadInput.reason(e), e);
    }
  }

  /**
   * Writes the final model.
   *
   * @param last the stage whose model it is
   * @param adapted what the stage began with was adapted
   * @return what was written; empty if it was there
   */
  Optional<Path> writeFinal(String last, String name, boolean adapted) {
    Path gguf = folder.path().resolve(name + ".gguf");
    if (!adapted) {
      if (Files.exists(gguf)) {
        return Optional.empty();
      }
      OutputConfig output = config.output();
      try (TrainableModel model = TrainableModel.load(folder.model(last))) {
        models.write(gguf, model, name, output.type(), output.temperature());
      }
      return Optional.of(gguf);
    }
    Path base = Path.of(config.model().from());
    Path adapter = folder.path().resolve(name + "-lora");
    boolean made = !Files.exists(adapter);
    if (made) {
      try (TrainableModel model = adapted(folder.adapter(last)).get()) {
        writeAdapter(adapter, model.lora().orElseThrow());
      }
    }
    Path merged = Files.isDirectory(base) ? folder.path().resolve(name) : gguf;
    if (config.lora().merge() && !Files.exists(merged)) {
      LoraMerge.write(base, adapter, 1, merged, Optional.of(config.output().type()));
      return Optional.of(merged);
    }
    return made ? Optional.of(adapter) : Optional.empty();
  }
}
