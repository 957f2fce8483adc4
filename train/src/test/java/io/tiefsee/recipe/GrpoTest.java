package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.kernel.Isa;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.TrainableModel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrpoTest {
  private static final Object[] QUICK = {
    "steps", 40,
    "prompts", 6,
    "group", 16,
    "overlongCache", 2,
    "maxTokens", 4,
    "optimiser", rate(0.004)
  };

  private static final List<Question> HELD_OUT =
      List.of(new Toys.Echo(3, 3), new Toys.Echo(4, 3), new Toys.Echo(5, 3));

  private static GrpoConfig config(Object... options) {
    return Configs.with(Configs.with(GrpoConfig.DEFAULTS, QUICK), options);
  }

  private static OptimiserConfig rate(double rate) {
    OptimiserConfig o = Configs.with(OptimiserConfig.REINFORCED, "learningRate", rate);
    return Configs.with(o, "warmup", 0);
  }

  private static Grpo grpo(GrpoConfig config, Learner learner, int threads) {
    return grpo(config, learner, Toys.echoes(), threads);
  }

  private static Grpo grpo(GrpoConfig c, Learner learner, Question.Source source, int threads) {
    EvalConfig eval = new EvalConfig(3, 8, 1, 4, 20, 3, false);
    return new Grpo("grpo", 1, c, eval, learner, source, HELD_OUT, Toys.END, Isa.best(), threads);
  }

  @Test
  void learnsToEcho() {
    try (TrainableModel model = Toys.model(1);
        Learner learner = Toys.learner(model, 1);
        Grpo grpo = grpo(config("entropy", 0.01), learner, 1)) {
      double before = grpo.evaluate(0).pass1().value();
      Map<String, Double> metrics = Map.of();
      for (int step = 0; step < 40; step++) {
        metrics = grpo.step(step).metrics();
        if (step == 0) {
          assertThat(metrics).containsEntry(Metrics.PASS_1, before);
        } else if (step < 19) {
          assertThat(metrics).doesNotContainKey(Metrics.PASS_1);
        }
      }
      Evaluation after = grpo.evaluate(1000);
      assertThat(before).isLessThan(0.4);
      assertThat(after.pass1().value()).isGreaterThan(0.9);
      // Few questions, so even all of them right leave the interval wide.
      assertThat(after.pass1().low()).isBetween(0.4, 1.0);
      assertThat(metrics.get("accuracy")).isGreaterThan(0.8);
      assertThat(metrics)
          .containsKeys("reward", "majority", "length", "entropy", "clipped", "max_violation");
    }
  }

  @Test
  void theFirstUpdateHasRatioOne() {
    try (TrainableModel model = Toys.model(1);
        Learner learner = Toys.learner(model, 2);
        Grpo grpo = grpo(config("minibatches", 1), learner, 2)) {
      for (int step = 0; step < 3; step++) {
        Map<String, Double> m = grpo.step(step).metrics();
        assertThat(m.get("max_ratio")).isEqualTo(1.0);
        assertThat(m.get("clipped")).isZero();
        assertThat(m.get("gradient_norm")).isPositive();
      }
    }
  }

  @Test
  void laterUpdatesMoveAwayAndAreClipped() {
    try (TrainableModel model = Toys.model(1);
        Learner learner = Toys.learner(model, 1);
        Grpo grpo = grpo(config("minibatches", 2, "epochs", 3), learner, 1)) {
      Map<String, Double> m = grpo.step(0).metrics();
      assertThat(m.get("max_ratio")).isGreaterThan(1.28);
      assertThat(m.get("clipped")).isBetween(0.005, 0.9);
    }
  }

  /** A second run takes over weights and moments after two steps and ends with the same bits. */
  @Test
  void resumesToTheSameBitsOnAnyNumberOfThreads() {
    GrpoConfig c = config("kl", 0.01, "dynamicSampling", true, "epochs", 2);
    try (TrainableModel model = Toys.model(1);
        TrainableModel other = Toys.model(1);
        Learner learner = Toys.learner(model, 1);
        Learner resumed = Toys.learner(other, 2);
        Grpo grpo = grpo(c, learner, 1);
        Grpo second = grpo(c, resumed, 2)) {
      assertThat(grpo.step(0).samples()).isNotEmpty();
      assertThat(grpo.step(1).samples()).isNotEmpty();
      second
          .state()
          .tensors()
          .forEach((name, data) -> data.copyFrom(grpo.state().tensors().get(name)));
      second.state().counters().forEach((name, counter) -> counter.set().accept(value(grpo, name)));
      Map<String, Double> a = grpo.step(2).metrics();
      Map<String, Double> b = second.step(2).metrics();
      assertThat(Toys.weights(other)).isEqualTo(Toys.weights(model));
      assertThat(b.get("kl")).isEqualTo(a.get("kl")).isPositive();
    }
  }

  private static long value(Grpo grpo, String counter) {
    return grpo.state().counter(counter).get().getAsLong();
  }

  @Test
  void questionsThatAllAnswerAlikeAreReplaced() {
    Question.Source easyFirst =
        (step, index) -> index < 6 ? new Hopeless() : new Toys.Echo(3 + index % 6, 3);
    try (TrainableModel model = Toys.model(1);
        Learner learner = Toys.learner(model, 1);
        Grpo kept = grpo(config(), learner, easyFirst, 1);
        Grpo refilled = grpo(config("dynamicSampling", true), learner, easyFirst, 1)) {
      float[] before = Toys.weights(model);
      assertThat(kept.step(0).metrics()).containsEntry("learnt_tokens", 0.0);
      assertThat(learner.adamW().steps()).isZero(); // momentum and decay would move the weights
      assertThat(Toys.weights(model)).isEqualTo(before);
      assertThat(refilled.step(0).metrics().get("learnt_tokens")).isPositive();
      assertThat(Toys.weights(model)).isNotEqualTo(before);
    }
  }

  @Test
  void anExplodingRatioLeavesTheWeightsAlone() {
    try (TrainableModel model = Toys.model(1);
        Learner learner = Toys.learner(model, 1);
        Grpo grpo =
            grpo(
                config("optimiser", rate(0.1), "maxRatio", 3.0, "epochs", 2, "minibatches", 1),
                learner,
                1)) {
      assertThatThrownBy(() -> grpo.step(0))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("above the limit of 3");
      assertThat(learner.adamW().steps()).isEqualTo(1);
    }
  }

  @Test
  void filteredAnswersTeachNothing() {
    try (TrainableModel model = Toys.model(1);
        Learner learner = Toys.learner(model, 1);
        Grpo grpo = grpo(config("overlong", GrpoConfig.Overlong.FILTER), learner, 1);
        Grpo all = grpo(config(), learner, 1)) {
      double truncated = grpo.step(0).metrics().get("truncated");
      assertThat(truncated).isBetween(0.3, 0.99);
      assertThat(grpo.step(1).metrics().get("learnt_tokens"))
          .isLessThan(all.step(1).metrics().get("learnt_tokens") * 0.8);
    }
  }

  /** Nobody knows the answer. */
  private record Hopeless() implements Question {
    @Override
    public String id() {
      return "hopeless";
    }

    @Override
    public String text() {
      return "?";
    }

    @Override
    public int[] prompt() {
      return new int[] {2, 2};
    }

    @Override
    public Marks mark(int[] tokens) {
      return new Marks(false, true, "", "", "");
    }
  }
}
