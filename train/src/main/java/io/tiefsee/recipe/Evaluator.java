package io.tiefsee.recipe;

import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Split;
import io.tiefsee.eval.Tasks;
import io.tiefsee.kernel.Isa;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.TrainableModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * Scores on held-out problems, which are the same for all seeds and stages of a configuration. No
 * problem of the split TEST is ever learnt from.
 */
final class Evaluator {
  /** Of the held-out problems and of the samples. */
  private static final long SEED = 20250120;

  /** Answers that are sampled at once. */
  private static final int TOGETHER = 128;

  /** Answers on which multi-token prediction is measured. */
  private static final int GUESSED = 100;

  /**
   * A score on one task.
   *
   * @param acceptance of multi-token prediction (see {@link Acceptance}), if the model has it
   */
  record TaskScore(Mixture.Part part, Evaluation score, OptionalDouble acceptance) {
    Map<String, Double> values() {
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("problems", (double) score.questions());
      values.put("samples", (double) score.samples());
      values.put(Metrics.PASS_1, score.pass1().value());
      values.put("pass@1_low", score.pass1().low());
      values.put("pass@1_high", score.pass1().high());
      values.put(Metrics.MAJORITY, score.majority().value());
      values.put("majority@k_low", score.majority().low());
      values.put("majority@k_high", score.majority().high());
      values.put(Metrics.LENGTH, score.length());
      values.put(Metrics.TRUNCATED, score.truncated());
      acceptance.ifPresent(a -> values.put(Metrics.ACCEPTANCE, a));
      return values;
    }
  }

  private final StageConfig config;
  private final RunModels models;
  private final List<Asked> all = new ArrayList<>();

  /** What is asked of a task: for the score after a stage, and the first ones while it runs. */
  private record Asked(Mixture.Part part, List<Question> questions, List<Question> quick) {}

  /**
   * Draws the problems.
   *
   * @throws BadInput if a task has too few of them, or none has a verifier
   */
  Evaluator(StageConfig config, RunModels models) {
    this.config = config;
    this.models = models;
    EvalConfig eval = config.eval();
    List<Mixture.Part> parts = new Mixture(Recipe.parts(config), 0).verifiable().parts();
    int quick = Math.max(1, eval.quickProblems() / parts.size());
    for (Mixture.Part part : parts) {
      List<Question> drawn = questions(part, Math.max(eval.problems(), quick));
      all.add(new Asked(part, drawn.subList(0, eval.problems()), drawn.subList(0, quick)));
    }
  }

  private List<Question> questions(Mixture.Part part, int count) {
    List<Question> questions = new ArrayList<>();
    try {
      for (Problem p : Tasks.find(part.task()).distinct(part.level(), Split.TEST, SEED, count)) {
        questions.add(new TaskQuestion(p, models.tokenizer(), models.template()));
      }
    } catch (BadInput e) {
      throw new BadInput("eval.problems or eval.quick_problems is too much: " + e.getMessage(), e);
    }
    return questions;
  }

  /** A few of each task, to score on the way; the first ones of all. */
  List<Question> quick() {
    return all.stream().flatMap(a -> a.quick.stream()).toList();
  }

  /** Tokens of the longest prompt. */
  int longestPrompt() {
    return all.stream()
        .flatMap(a -> a.questions.stream())
        .mapToInt(q -> q.prompt().length)
        .max()
        .orElse(0);
  }

  /**
   * Scores a model on each task.
   *
   * @param stopping asked between pieces of the work
   * @return empty if it was stopped
   */
  List<TaskScore> score(TrainableModel model, Isa isa, int threads, BooleanSupplier stopping) {
    EvalConfig eval = config.eval();
    Rollouts.Sampling how = new Rollouts.Sampling(eval.temperature(), eval.maxTokens());
    List<TaskScore> scores = new ArrayList<>();
    Rollouts.Room room =
        Rollouts.Room.of(Math.max(TOGETHER, eval.samples()), longestPrompt(), eval.maxTokens());
    try (Rollouts rollouts =
        new Rollouts(
            model.transformer(), models.tokenizer().endOfGeneration(), room, isa, threads)) {
      for (Asked asked : all) {
        List<Question> questions = asked.questions;
        List<Rollout.Group> groups = new ArrayList<>();
        int piece = Math.max(1, TOGETHER / eval.samples());
        for (int from = 0; from < questions.size(); from += piece) {
          if (stopping.getAsBoolean()) {
            return List.of();
          }
          List<Question> some = questions.subList(from, Math.min(questions.size(), from + piece));
          groups.addAll(rollouts.sample(some, eval.samples(), how, SEED, from));
        }
        OptionalDouble acceptance = OptionalDouble.empty();
        if (model.spec().mtp()) {
          List<Rollout.Group> some = groups.subList(0, Math.min(GUESSED, groups.size()));
          acceptance = OptionalDouble.of(Acceptance.of(model, some, isa, threads));
        }
        scores.add(new TaskScore(asked.part, Evaluation.of(groups), acceptance));
      }
    }
    return scores;
  }
}
