package io.tiefsee.recipe;

import io.tiefsee.kernel.Isa;
import io.tiefsee.recipe.StageModels.Start;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.TrainableModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * R1's recipe in a run's folder, stage by stage: each stage takes over the model of the one before,
 * is scored on held-out problems after its last step, and leaves its model in the folder, which is
 * what marks it as over. So a run that was cut goes on where it was, within a stage too.
 *
 * <p>One thread calls. Everything that a stage makes is closed after it.
 */
public final class Recipe {
  /** Under which the log has the score of what the run begins with. */
  private static final String BEFORE = "before";

  /**
   * Where and for whom it runs.
   *
   * @param isa the best instruction set that may be used
   * @param threads that compute
   * @param view who watches
   * @param stopping asked between steps
   */
  public record Setting(Isa isa, int threads, StageRunner.View view, BooleanSupplier stopping) {}

  private final StageConfig config;
  private final RunFolder folder;
  private final Setting setting;
  private final RunModels models;
  private final StageModels stageModels;
  private final Evaluator evaluator;
  private final RunChecks checks;
  private final StageRunner runner;
  private final Set<String> over = new LinkedHashSet<>();
  private boolean stopped;

  /**
   * @param folder stays the caller's to close
   */
  public Recipe(StageConfig config, RunFolder folder, Setting setting) {
    this.config = config;
    this.folder = folder;
    this.setting = setting;
    String teacher = config.distill().teacher();
    String from = config.model().from().isEmpty() ? teacher : config.model().from();
    this.models =
        from.isEmpty()
            ? RunModels.fromNothing(config)
            : RunModels.of(Path.of(from), config.lora().wanted());
    this.stageModels = new StageModels(config, folder, models, setting.isa);
    this.evaluator = new Evaluator(config, models);
    this.checks = new RunChecks(config, models, evaluator.longestPrompt());
    this.runner = new StageRunner(folder, config.output(), setting.view, setting.stopping);
  }

  static List<Mixture.Part> parts(StageConfig config) {
    return config.tasks().stream()
        .map(t -> new Mixture.Part(t.name(), t.level(), t.weight()))
        .toList();
  }

  /** Learning from demonstrations; true if it came to its end. */
  public boolean sft() {
    checks.sft();
    sft("sft", config.sft(), stageModels.start(config.model()), Optional.empty());
    return finish("sft");
  }

  /** Reinforcement learning; true if it came to its end. */
  public boolean grpo() {
    if (config.model().from().isEmpty() && !config.zero()) {
      throw new BadInput(
          "grpo goes on with a model: name it as model.from, or set zero = true to begin from"
              + " nothing");
    }
    checks.grpo();
    grpo("grpo", config.grpo(), stageModels.start(config.model()));
    return finish("grpo");
  }

  /** Rejection sampling; true if it came to its end. */
  public boolean reject() {
    if (config.model().from().isEmpty()) {
      throw new BadInput("reject samples a model: name it as model.from");
    }
    checks.reject();
    reject("reject", config.reject(), stageModels.start(config.model()));
    return !stopped;
  }

  /** A teacher's answers, then a student; true if it came to its end. */
  public boolean distill() {
    String teacher = config.distill().teacher();
    if (teacher.isEmpty()) {
      throw new BadInput("distill learns from a teacher: name it as distill.teacher");
    }
    checks.distill();
    distill(stageModels.whole(Path.of(teacher)));
    return finish("distill", "", false);
  }

  /** The whole way; true if it came to its end. */
  public boolean r1() {
    String last = checks.r1();
    Start from = stageModels.start(config.model());
    if (!config.zero()) {
      from = sft("sft", config.sft(), from, Optional.empty());
    }
    from = grpo("grpo", config.grpo(), from);
    if (!config.zero() && config.reject().steps() > 0) {
      Optional<Path> kept = reject("reject", config.reject(), from);
      from = sft("sft2", config.sft2(), from, kept);
      from = grpo("grpo2", config.grpo2(), from);
    }
    finish(last);
    if (config.distill().sft().steps() > 0) {
      distill(from);
      finish("distill", "-student", false);
      if (config.distill().compare()) {
        Start student = stageModels.start(config.student());
        student = sft("student-sft", config.sft(), student, Optional.empty());
        grpo("student-grpo", config.grpo(), student);
      }
    }
    return !stopped;
  }

  private void distill(Start teacher) {
    Optional<Path> kept = reject("distill-samples", config.distill().sample(), teacher);
    Start student = stageModels.start(config.student());
    sft("distill", config.distill().sft(), student, kept);
  }

  private Start sft(String name, SftConfig sft, Start from, Optional<Path> data) {
    if (sft.steps() == 0) {
      return from;
    }
    return model(
        name,
        from,
        (model, run) -> {
          try (Learner learner = learner(model, sft.optimiser());
              Sft stage = new Sft(name, sft, learner, examples(name, sft, data))) {
            run.accept(stage);
          }
        });
  }

  private Start grpo(String name, GrpoConfig grpo, Start from) {
    if (grpo.steps() == 0) {
      return from;
    }
    return model(
        name,
        from,
        (model, run) -> {
          try (Learner learner = learner(model, grpo.optimiser());
              Grpo stage =
                  new Grpo(
                      name,
                      config.seed(),
                      grpo,
                      config.eval(),
                      learner,
                      questions(name),
                      evaluator.quick(),
                      models.tokenizer().endOfGeneration(),
                      setting.isa,
                      setting.threads)) {
            run.accept(stage);
          }
        });
  }

  /** Makes a stage around a model and hands it on. */
  private interface Body {
    void with(TrainableModel model, Consumer<Stage> run);
  }

  private Start model(String name, Start from, Body body) {
    if (!stopped && !stageModels.isThere(name, from)) {
      try (TrainableModel model = from.get()) {
        checkVocabulary(model);
        if (scoredBefore(model)) {
          body.with(model, stage -> stopped = !runner.run(stage, over));
        }
        if (!stopped && score(name, model)) {
          stageModels.write(name, model);
          folder.checkpoints().clear(name);
        }
      }
    }
    over.add(BEFORE);
    over.add(name);
    return stageModels.after(name, from);
  }

  /** Scores what the run begins with, if that is wanted and not done; false if it was stopped. */
  private boolean scoredBefore(TrainableModel model) {
    if (config.eval().before() && over.isEmpty()) {
      int tasks = mixture("").verifiable().parts().size();
      if (RunLog.scores(RunFolder.logFile(folder.path()), BEFORE) < tasks) {
        folder.log().rewind(over, BEFORE, 0);
        score(BEFORE, model);
      }
      over.add(BEFORE);
    }
    return !stopped;
  }

  private void checkVocabulary(TrainableModel model) {
    int words = models.tokenizer().vocabSize();
    if (model.spec().vocab() < words) {
      throw new BadInput(
          "the model has a vocabulary of %d, but the run's tokenizer has %d tokens: teacher and"
                  .formatted(model.spec().vocab(), words)
              + " student need the same one");
    }
  }

  private boolean score(String name, TrainableModel model) {
    setting.view.note("scoring " + name + " on held-out problems …");
    List<Evaluator.TaskScore> scores =
        evaluator.score(model, setting.isa, setting.threads, setting.stopping);
    stopped = scores.isEmpty();
    for (Evaluator.TaskScore s : scores) {
      folder.log().score(name, s.part().task(), s.part().level(), s.values());
      Evaluation e = s.score();
      setting.view.note(
          String.format(
                  Locale.ROOT,
                  "after %s: %s, level %d: pass@1 %.1f %% (%.1f–%.1f), majority@%d %.1f %%, %.0f"
                      + " tokens",
                  name,
                  s.part().task(),
                  s.part().level(),
                  100 * e.pass1().value(),
                  100 * e.pass1().low(),
                  100 * e.pass1().high(),
                  e.samples(),
                  100 * e.majority().value(),
                  e.length())
              + (s.acceptance().isPresent()
                  ? String.format(
                      Locale.ROOT,
                      ", %.0f %% of second tokens guessed",
                      100 * s.acceptance().getAsDouble())
                  : ""));
    }
    folder.log().sync();
    return !stopped;
  }

  private Optional<Path> reject(String name, RejectConfig reject, Start from) {
    Path file = folder.data(name);
    if (!stopped && !Files.exists(file)) {
      try (TrainableModel model = from.get();
          Rollouts rollouts =
              new Rollouts(
                  model.transformer(),
                  models.tokenizer().endOfGeneration(),
                  Rollouts.Room.of(
                      (long) reject.prompts() * reject.samples(),
                      evaluator.longestPrompt(),
                      reject.maxTokens()),
                  setting.isa,
                  setting.threads);
          Reject stage = new Reject(name, reject, rollouts, questions(name), config.seed())) {
        stopped = !runner.run(stage, over);
        if (!stopped) {
          folder.dataDone(name);
          folder.checkpoints().clear(name);
        }
      }
    }
    over.add(name);
    return Optional.of(file);
  }

  private Learner learner(TrainableModel model, OptimiserConfig o) {
    float balance = model.lora().isPresent() ? 0 : (float) o.balance();
    return new Learner(
        model,
        new Learner.Options(o.adamW(), balance, o.microTokens()),
        setting.isa,
        setting.threads);
  }

  private Question.Source questions(String stage) {
    Mixture mixture = mixture(stage).verifiable();
    return (step, index) ->
        new TaskQuestion(mixture.problem(step, index), models.tokenizer(), models.template());
  }

  private Mixture mixture(String stage) {
    return new Mixture(parts(config), Seeds.of(config.seed(), stage.hashCode()));
  }

  /**
   * Demonstrations, or rows of a data set, by the share that was asked for. What the run itself has
   * kept goes before a file of the configuration, which a later stage only inherits; each of its
   * rows counts once, however often it was found. Beside rows, which a trained model has found,
   * demonstrators are patient: they would teach it to give up again.
   */
  private Example.Source examples(String stage, SftConfig sft, Optional<Path> kept) {
    Example.Encoder encoder = new Example.Encoder(models.tokenizer(), models.template());
    Mixture mixture = mixture(stage);
    List<Demonstration> rows =
        kept.map(file -> Dataset.read(file).stream().distinct().toList())
            .orElseGet(() -> sft.data().isEmpty() ? List.of() : Dataset.read(Path.of(sft.data())));
    Manner manner = rows.isEmpty() ? config.manner() : config.manner().patient();
    long seed = Seeds.of(config.seed(), stage.hashCode(), "rows".hashCode());
    return (step, index) -> {
      SplittableRandom random = new SplittableRandom(Seeds.of(seed, step, index));
      return encoder.encode(
          !rows.isEmpty() && random.nextDouble() < sft.share()
              ? rows.get(random.nextInt(rows.size()))
              : mixture.demonstration(step, index, manner));
    };
  }

  private boolean finish(String last) {
    return finish(last, "", config.lora().wanted());
  }

  /** Writes a final model in the type that was asked for. */
  private boolean finish(String last, String suffix, boolean adapted) {
    if (stopped) {
      return false;
    }
    stageModels
        .writeFinal(last, config.name() + suffix, adapted)
        .ifPresent(file -> setting.view.note("the model is " + file));
    return true;
  }
}
