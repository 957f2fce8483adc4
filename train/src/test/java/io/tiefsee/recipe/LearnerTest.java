package io.tiefsee.recipe;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.AdamW;
import io.tiefsee.train.MtpLoss;
import io.tiefsee.train.Parameter;
import io.tiefsee.train.TrainableModel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearnerTest {
  static final ModelSpec SPEC =
      new ModelSpec(
          "deepseek2",
          "small",
          32,
          20,
          256,
          1e-6f,
          new AttentionSpec.Mla(2, 16, 16, 8, 8, 16, 0.25f),
          new RopeSpec(8, 10_000, true, new RopeSpec.None()),
          List.of(
              new FfnSpec.Dense(64),
              new FfnSpec.Moe(4, 2, 32, 32, FfnSpec.Gate.SIGMOID, true, 1f, 1, 1)));
  private static final Learner.Options OPTIONS =
      new Learner.Options(AdamW.Config.DEFAULT, 0.01f, 256);
  private static final int[] COUNTING = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  private static final int[] BACKWARDS = {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};

  private static float[] weights(int n, float each) {
    float[] w = new float[n];
    Arrays.fill(w, each);
    return w;
  }

  private static float[] all(TrainableModel model) {
    int n = 0;
    float[] values = new float[(int) model.parameters().size()];
    for (Parameter p : model.parameters()) {
      for (float v : p.values().toArray(JAVA_FLOAT)) {
        values[n++] = v;
      }
    }
    return values;
  }

  /** Trains on two sequences, as one batch or as two micro-batches. */
  private static float[] train(int steps, boolean apart, int threads) {
    try (TrainableModel model = TrainableModel.random(SPEC, true, 0.05, 1);
        Learner learner = new Learner(model, OPTIONS, Isa.best(), threads)) {
      double loss = 0;
      double first = 0;
      for (int i = 0; i < steps; i++) {
        loss = 0;
        learner.batch().clear();
        learner.batch().add(COUNTING, weights(12, 1 / 22f));
        if (apart) {
          loss += learner.crossEntropy();
          learner.batch().clear();
        }
        learner.batch().add(BACKWARDS, weights(12, 1 / 22f));
        loss += learner.crossEntropy();
        first = i == 0 ? loss : first;
        Learner.Step step = learner.step(0.005, 1);
        assertThat(step.gradientNorm()).isPositive().isFinite();
        assertThat(step.maxViolation()).isBetween(0.0, 3.0);
      }
      assertThat(first).isCloseTo(Math.log(20), within(0.3));
      if (steps > 30) {
        assertThat(loss).isLessThan(0.3);
      }
      return all(model);
    }
  }

  @Test
  void learnsAndDoesNotDependOnThreads() {
    float[] one = train(40, false, 1);
    assertThat(train(40, false, 2)).isEqualTo(one);
  }

  @Test
  void microBatchesAddUp() {
    float[] together = train(1, false, 1);
    float[] apart = train(1, true, 1);
    for (int i = 0; i < apart.length; i++) {
      assertThat(apart[i]).isCloseTo(together[i], within(2e-3f));
    }
  }

  @Test
  void correctionBiasesMove() {
    try (TrainableModel model = TrainableModel.random(SPEC, true, 0.05, 1);
        Learner learner = new Learner(model, OPTIONS, Isa.best(), 1)) {
      learner.batch().add(COUNTING, weights(12, 1 / 11f));
      learner.crossEntropy();
      learner.step(0.001, 1);
      ModelWeights.Moe moe = (ModelWeights.Moe) model.transformer().weights().layers().get(1).ffn();
      assertThat(moe.bias().orElseThrow().toArray())
          .contains(0.01f)
          .contains(-0.01f)
          .containsOnly(0.01f, 0f, -0.01f);
    }
  }

  @Test
  void aGradientThatIsNotFiniteLeavesTheWeights() {
    try (TrainableModel model = TrainableModel.random(SPEC, true, 0.05, 1);
        Learner learner = new Learner(model, OPTIONS, Isa.best(), 1)) {
      float[] before = all(model);
      learner.batch().add(COUNTING, weights(12, Float.NaN));
      learner.crossEntropy();
      assertThatThrownBy(() -> learner.step(0.001, 1))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("the gradient is NaN")
          .hasMessageContaining("checkpoint");
      assertThat(all(model)).isEqualTo(before);
    }
  }

  /** The norm before the module touches its block alone, so that the model itself gives numbers. */
  @Test
  void aModuleThatGivesNoNumbersIsToldInOneLine() {
    try (TrainableModel model = TrainableModel.random(SPEC.withMtp(true), true, 0.05, 1);
        Learner learner = new Learner(model, OPTIONS, Isa.best(), 1)) {
      Parameter p = model.parameters().find("blk.2.nextn.enorm.weight").orElseThrow();
      p.values().setAtIndex(JAVA_FLOAT, 0, Float.NaN);
      learner.batch().add(COUNTING, weights(12, 1 / 22f));
      assertThatThrownBy(() -> learner.crossEntropy(0.3f))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("are not numbers; go on from the last checkpoint");
    }
  }

  /** The loss of multi-token prediction reaches the model itself, and its guesses get good. */
  @Test
  void multiTokenPredictionIsLearntAlong() {
    try (TrainableModel model = TrainableModel.random(SPEC.withMtp(true), true, 0.05, 1);
        Learner learner = new Learner(model, OPTIONS, Isa.best(), 1)) {
      learner.batch().add(COUNTING, weights(12, 1 / 22f));
      learner.batch().add(BACKWARDS, weights(12, 1 / 22f));
      learner.forward();
      double first = learner.mtp().crossEntropy();
      for (int i = 0; i < 80; i++) {
        double loss = learner.crossEntropy(0.3f).next();
        assertThat(loss).isFinite();
        learner.step(5e-3, 1);
      }
      learner.forward();
      assertThat(learner.mtp().crossEntropy()).isLessThan(0.2 * first);
      MtpLoss mtp = learner.mtp();
      assertThat(mtp.accepted()).isGreaterThan((int) (0.9 * mtp.guesses()));
    }
  }
}
