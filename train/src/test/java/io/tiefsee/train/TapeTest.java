package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.Batch;
import io.tiefsee.model.EagerOps;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tape as a whole: as serving computes, on any number of threads, sequences apart. */
class TapeTest {
  private static final int[] LENGTHS = {1, 70, 9, 131, 2};

  static List<ModelSpec> specs() {
    return Specs.all();
  }

  record Setup(ModelSpec spec, Isa isa) {}

  static Stream<Setup> setups() {
    List<Setup> list = new ArrayList<>();
    for (ModelSpec spec : Specs.all()) {
      for (Isa isa : Isa.values()) {
        if (isa.compareTo(Isa.best()) <= 0) {
          list.add(new Setup(spec, isa));
        }
      }
    }
    return list.stream();
  }

  private static Trainee trainee(ModelSpec spec, Isa isa, int threads) {
    return new Trainee(TrainableModel.random(spec, false, 0.1, 3), isa, threads);
  }

  private static int[][] sequences(int vocab) {
    Random random = new Random(1);
    return Arrays.stream(LENGTHS)
        .mapToObj(n -> random.ints(n, 0, vocab).toArray())
        .toArray(int[][]::new);
  }

  private static void pack(Trainee t, int[]... sequences) {
    t.batch.clear();
    for (int[] s : sequences) {
      float[] weights = new float[s.length];
      Arrays.fill(weights, 1f / 200);
      t.batch.add(s, weights);
    }
  }

  @ParameterizedTest
  @MethodSource("setups")
  void logProbabilitiesAreThoseOfServing(Setup setup) {
    try (Trainee t = trainee(setup.spec, setup.isa, 1);
        EagerOps eager =
            new EagerOps(
                setup.spec, Kernels.forIsa(setup.isa), t.parallel, QuantType.F32, t.cache)) {
      int[][] sequences = sequences(setup.spec.vocab());
      pack(t, sequences);
      LogProbs taped = t.forward();
      float[] oneByOne = new float[taped.values().length];
      float[] batched = new float[taped.values().length];
      int row = 0;
      int page = 8;
      for (int[] ids : sequences) {
        int[] table = {page, page + 1, page + 2};
        Batch batch = new Batch();
        for (int p = 0; p + 1 < ids.length; p++) {
          batch.clear();
          batch.sequence(table);
          batch.add(ids[p], p, slot(table, p), true);
          Tensor logits = t.model.transformer().forward(batch, t.cache, eager);
          oneByOne[row + p] = logProb(t, logits, 0, ids[p + 1]);
        }
        batch.clear();
        batch.sequence(table);
        for (int p = 0; p + 1 < ids.length; p++) {
          batch.add(ids[p], p, slot(table, p), true);
        }
        if (batch.size() > 0) {
          Tensor logits = t.model.transformer().forward(batch, t.cache, eager);
          for (int p = 0; p + 1 < ids.length; p++) {
            batched[row + p] = logProb(t, logits, p, ids[p + 1]);
          }
        }
        row += ids.length - 1;
      }
      assertThat(row).isEqualTo(oneByOne.length);
      assertThat(taped.values()).containsExactly(oneByOne).containsExactly(batched);
    }
  }

  private static int slot(int[] table, int p) {
    return table[p / KvLayer.PAGE] * KvLayer.PAGE + p % KvLayer.PAGE;
  }

  private static float logProb(Trainee t, Tensor logits, int row, int target) {
    return LogProbs.of(t.tape, logits.rows(row, row + 1), new int[] {target}).values()[0];
  }

  @ParameterizedTest
  @MethodSource("specs")
  void weightsDoNotDependOnThreads(ModelSpec spec) {
    List<Map<String, float[]>> results = new ArrayList<>();
    for (int threads : new int[] {1, 2, 3}) {
      try (Trainee t = trainee(spec, Isa.best(), threads)) {
        AdamW adamW = t.adamW(AdamW.Config.DEFAULT);
        pack(t, sequences(spec.vocab()));
        for (int step = 0; step < 3; step++) {
          t.lossAndGradients();
          adamW.step(1e-2, 1);
        }
        results.add(values(t.model.parameters()));
      }
    }
    for (Map<String, float[]> other : results.subList(1, results.size())) {
      results
          .getFirst()
          .forEach((name, expected) ->
              assertThat(Arrays.equals(other.get(name), expected)).as(name).isTrue());
    }
  }

  private static Map<String, float[]> values(Parameters parameters) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter p : parameters) {
      values.put(p.name(), p.values().toArray(JAVA_FLOAT));
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("specs")
  void packedSequencesDoNotSeeEachOther(ModelSpec spec) {
    try (Trainee t = trainee(spec, Isa.best(), 1)) {
      int[][] sequences = sequences(spec.vocab());
      pack(t, sequences);
      float[] together = t.forward().values();
      pack(t, sequences);
      t.lossAndGradients();
      Map<String, float[]> packed = gradients(t.model.parameters());
      t.model.parameters().clearGradients();
      int row = 0;
      for (int[] s : sequences) {
        pack(t, s);
        float[] alone = t.forward().values();
        assertThat(Arrays.copyOfRange(together, row, row + alone.length)).isEqualTo(alone);
        row += alone.length;
        t.lossAndGradients(); // accumulates
      }
      gradients(t.model.parameters())
          .forEach((name, one) -> {
            double size = l2(one, new float[one.length]);
            assertThat(l2(one, packed.get(name))).as(name).isLessThan(1e-9 + 1e-5 * size);
          });
    }
  }

  private static Map<String, float[]> gradients(Parameters parameters) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter p : parameters) {
      values.put(p.name(), p.gradient().toArray(JAVA_FLOAT));
    }
    return values;
  }

  private static double l2(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow(a[i] - b[i], 2);
    }
    return Math.sqrt(sum);
  }

  @Test
  void aTiedOutputLearnsFromBothUses() {
    ModelSpec spec = Specs.dense("qwen2");
    try (Trainee t = new Trainee(TrainableModel.random(spec, true, 0.1, 3), Isa.best(), 1)) {
      pack(t, sequences(spec.vocab()));
      t.lossAndGradients();
      Parameter p = t.model.parameters().find("token_embd.weight").orElseThrow();
      assertThat(t.model.parameters().find("output.weight")).isEmpty();
      float[] gradient = p.gradient().toArray(JAVA_FLOAT);
      for (int i = 3; i < p.size(); i += 97) {
        float kept = p.values().getAtIndex(JAVA_FLOAT, i);
        double[] loss = new double[2];
        for (int s = 0; s < 2; s++) {
          p.values().setAtIndex(JAVA_FLOAT, i, kept + (s == 0 ? 0.02f : -0.02f));
          loss[s] = t.loss();
        }
        p.values().setAtIndex(JAVA_FLOAT, i, kept);
        double expected = (loss[0] - loss[1]) / 0.04;
        assertThat((double) gradient[i])
            .as("element %d", i)
            .isCloseTo(expected, within(1e-4 + 2e-2 * Math.abs(expected)));
      }
    }
  }

  /** Weights and correction biases change in place; who serves them keeps no old ones. */
  @Test
  void servingFollowsWhatIsLearnt() {
    ModelSpec spec = Specs.latent(FfnSpec.Gate.SIGMOID, 18);
    try (Trainee t = trainee(spec, Isa.best(), 1);
        EagerOps eager =
            new EagerOps(spec, Kernels.forIsa(Isa.best()), t.parallel, QuantType.F32, t.cache)) {
      int[] ids = {1, 30, 7, 7, 12, 3};
      pack(t, ids);
      float[] before = served(t, eager);
      ModelWeights weights = t.model.transformer().weights();
      ModelWeights.Moe moe = (ModelWeights.Moe) weights.layers().get(1).ffn();
      moe.bias().orElseThrow().set(0, 2, 2); // an expert that no token had visited
      float[] biased = served(t, eager);
      assertThat(biased).isNotEqualTo(before).isEqualTo(t.forward().values());
      t.lossAndGradients();
      t.adamW(AdamW.Config.DEFAULT).step(1e-2, 1);
      assertThat(served(t, eager)).isNotEqualTo(biased).isEqualTo(t.forward().values());
    }
  }

  private static float[] served(Trainee t, EagerOps eager) {
    Tensor logits = t.model.transformer().forward(t.batch.batch(), t.cache, eager);
    return LogProbs.of(t.tape, logits, t.batch.targets()).values();
  }

  @Test
  void aSequenceThatDoesNotBeginAtItsStartIsRefused() {
    ModelSpec spec = Specs.dense("llama");
    try (Trainee t = trainee(spec, Isa.best(), 1)) {
      Batch batch = new Batch();
      batch.sequence(new int[] {0});
      batch.add(1, 3, 3, true);
      assertThatThrownBy(() -> t.model.transformer().forward(batch, t.cache, t.ops))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
