package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.tensor.BadInput;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The optimiser, the schedule and the balance of experts. */
class AdamWTest {
  private static Trainee trainee(ModelSpec spec, Isa isa) {
    return new Trainee(TrainableModel.random(spec, false, 0.1, 3), isa, 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Isa.class,
      names = {"SCALAR", "VECTOR"})
  void stepsFollowTheFormula(Isa isa) {
    try (Trainee t = trainee(Specs.dense("qwen2"), isa)) {
      AdamW.Config c = new AdamW.Config(0.9f, 0.95f, 1e-6f, 0.1f);
      AdamW adamW = t.adamW(c);
      Random random = new Random(4);
      Parameter matrix = t.model.parameters().find("blk.0.attn_q.weight").orElseThrow();
      Parameter bias = t.model.parameters().find("blk.0.attn_q.bias").orElseThrow();
      for (Parameter p : new Parameter[] {matrix, bias}) {
        int last = p.size() - 1;
        double value = p.values().getAtIndex(JAVA_FLOAT, last);
        double m = 0;
        double v = 0;
        long before = adamW.steps();
        for (long step = before + 1; step <= before + 5; step++) {
          float g = (float) random.nextGaussian();
          p.gradient().setAtIndex(JAVA_FLOAT, last, g);
          // The norm is |g|; half of it is let through.
          double norm = adamW.step(0.01, Math.abs(g) / 2);
          assertThat(norm).isCloseTo(Math.abs(g), within(1e-6));
          m = 0.9 * m + 0.1 * g / 2;
          v = 0.95 * v + 0.05 * g * g / 4;
          value -= p.vector() ? 0 : 0.01 * 0.1 * value;
          double root = Math.sqrt(v / (1 - Math.pow(0.95, step))) + 1e-6;
          value -= 0.01 * m / (1 - Math.pow(0.9, step)) / root;
          assertThat((double) p.values().getAtIndex(JAVA_FLOAT, last))
              .isCloseTo(value, within(1e-5));
          assertThat(p.gradient().getAtIndex(JAVA_FLOAT, last)).isZero();
        }
      }
    }
  }

  @Test
  void whatGetsNoGradientIsDecayedOnly() {
    try (Trainee t = trainee(Specs.dense("llama"), Isa.best())) {
      Parameter p = t.model.parameters().find("blk.1.ffn_up.weight").orElseThrow();
      Parameter norm = t.model.parameters().find("blk.1.ffn_norm.weight").orElseThrow();
      float before = p.values().getAtIndex(JAVA_FLOAT, 7);
      t.adamW(AdamW.Config.DEFAULT).step(0.1, 1);
      assertThat(p.values().getAtIndex(JAVA_FLOAT, 7)).isCloseTo(before * 0.99f, within(1e-7f));
      assertThat(norm.values().getAtIndex(JAVA_FLOAT, 7)).isEqualTo(1);
    }
  }

  @Test
  void schedulesRiseAndFall() {
    Schedule cosine = new Schedule(2, 4, 24, 0.1, Schedule.Shape.COSINE);
    assertThat(cosine.at(0)).isEqualTo(0.5);
    assertThat(cosine.at(3)).isEqualTo(2);
    assertThat(cosine.at(14)).isCloseTo(1.1, within(1e-12));
    assertThat(cosine.at(24)).isCloseTo(0.2, within(1e-12));
    assertThat(cosine.at(1000)).isCloseTo(0.2, within(1e-12));
    Schedule linear = new Schedule(2, 4, 24, 0, Schedule.Shape.LINEAR);
    assertThat(linear.at(9)).isCloseTo(1.5, within(1e-12));
    assertThat(new Schedule(2, 0, 24, 0, Schedule.Shape.CONSTANT).at(20)).isEqualTo(2);
    assertThatThrownBy(() -> new Schedule(2, 9, 8, 0, Schedule.Shape.LINEAR))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("makes no schedule");
  }

  @Test
  void correctionBiasesEvenOutTheExperts() {
    ModelSpec spec = Specs.latent(FfnSpec.Gate.SIGMOID, 18);
    try (Trainee t = trainee(spec, Isa.best())) {
      ModelWeights weights = t.model.transformer().weights();
      ModelWeights.Moe moe = (ModelWeights.Moe) weights.layers().get(1).ffn();
      moe.bias().orElseThrow().set(0, 5, 0.5f); // all tokens visit expert 5
      int[] ids = new Random(1).ints(80, 0, spec.vocab()).toArray();
      t.batch.add(ids, new float[ids.length]);
      ExpertLoad load = t.ops.load();
      t.model.transformer().forward(t.batch.batch(), t.cache, t.ops);
      double before = load.maxViolation(1);
      assertThat(load.visits(1)[5]).isEqualTo(80);
      assertThat(load.maxViolation(0)).isZero();
      for (int i = 0; i < 40; i++) {
        load.balance(weights, 0.02f);
        t.model.transformer().forward(t.batch.batch(), t.cache, t.ops);
      }
      assertThat(before).isGreaterThan(1.5);
      assertThat(load.maxViolation(1)).isLessThan(before / 3);
    }
  }
}
