package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.TensorNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Loss, gradients and ten steps of AdamW against an independent implementation. */
class GoldenGradientsTest {
  record Setup(Golden golden, Isa isa) {}

  static List<Setup> setups() {
    List<Setup> list = new ArrayList<>();
    for (Isa isa : Isa.values()) {
      if (isa.compareTo(Isa.best()) <= 0) {
        for (String name : List.of("llama_tiny", "qwen2_tiny", "deepseek_v3_tiny_noqlora")) {
          list.add(new Setup(Golden.of(name), isa));
        }
      }
    }
    list.add(new Setup(Golden.shared("deepseek_v3_tiny"), Isa.best()));
    return list;
  }

  private static Trainee trainee(Setup setup) {
    assumeTrue(
        setup.golden.isThere(),
        () -> setup.golden.model() + " is not there: too large for the repository");
    Trainee t = new Trainee(TrainableModel.load(setup.golden.model()), setup.isa, 1);
    JsonNode training = setup.golden.training();
    float count = 0;
    for (JsonNode mask : training.get("mask")) {
      int[] m = Golden.ints(mask);
      for (int i = 1; i < m.length; i++) {
        count += m[i];
      }
    }
    for (int b = 0; b < training.get("sequences").size(); b++) {
      int[] ids = Golden.ints(training.get("sequences").get(b));
      int[] mask = Golden.ints(training.get("mask").get(b));
      float[] weights = new float[ids.length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = mask[i] / count;
      }
      t.batch.add(ids, weights);
    }
    return t;
  }

  @ParameterizedTest
  @MethodSource("setups")
  void gradientsAgree(Setup setup) {
    try (Trainee t = trainee(setup)) {
      JsonNode training = setup.golden.training();
      double loss = t.lossAndGradients();
      assertThat(loss).isCloseTo(training.get("loss_value_f64").asDouble(), within(1e-5));
      Map<String, double[]> found = checkpointGradients(t.model.parameters());
      JsonNode norms = training.get("grad_l2");
      assertThat(found.keySet()).containsAll(norms.propertyNames());
      for (String name : norms.propertyNames()) {
        double expected = norms.get(name).asDouble();
        assertThat(l2(found.get(name)))
            .as(name)
            .isCloseTo(expected, within(1e-7 + 3e-5 * expected));
      }
      double all = t.adamW(AdamW.Config.DEFAULT).gradientNorm();
      double global = training.get("grad_l2_global").asDouble();
      assertThat(all).isCloseTo(global, within(1e-5 * global));
      JsonNode full = training.get("full_gradients");
      for (String name : full.propertyNames()) {
        JsonNode entry = full.get(name);
        double[] gradient = found.get(name.replace("[rows]", ""));
        double[] difference = toDouble(setup.golden.gradient(entry));
        double expected = l2(difference);
        int cols = difference.length / entry.get("shape").get(0).asInt();
        for (int i = 0; i < difference.length; i++) {
          JsonNode rows = entry.get("rows");
          int row = rows == null ? i / cols : rows.get(i / cols).asInt();
          difference[i] -= gradient[row * cols + i % cols];
        }
        assertThat(l2(difference)).as(name).isLessThan(3e-5 * expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("setups")
  void tenStepsOfAdamWAgree(Setup setup) {
    try (Trainee t = trainee(setup)) {
      JsonNode adamW = setup.golden.training().get("adamw");
      AdamW optimiser = t.adamW(AdamW.Config.DEFAULT);
      JsonNode expected = adamW.get("losses_f64");
      JsonNode rounding = adamW.get("abs_diff_f32_f64");
      for (int i = 0; i <= 10; i++) {
        double reference = expected.get(i).asDouble();
        // Another order of sums rounds as differently from f64 as PyTorch's f32 does.
        double allowed = 2e-6 * Math.max(1, reference) + 5 * rounding.get(i).asDouble();
        double loss = i < 10 ? t.lossAndGradients() : t.loss();
        assertThat(loss).as("loss %d", i).isCloseTo(reference, within(allowed));
        if (i < 10) {
          optimiser.step(adamW.get("lr").asDouble(), Double.POSITIVE_INFINITY);
        }
      }
      Map<String, double[]> values = new HashMap<>();
      for (Parameter p : t.model.parameters()) {
        values.put(TensorNames.huggingFace(p.name()), toDouble(p.values().toArray(JAVA_FLOAT)));
      }
      JsonNode norms = adamW.get("param_l2_after_10_updates");
      for (String name : norms.propertyNames()) {
        double norm = norms.get(name).asDouble();
        assertThat(l2(values.get(name))).as(name).isCloseTo(norm, within(1e-5 * norm));
      }
    }
  }

  /** Gradients by the names of the checkpoint; the parts of kv_b by head are joined (for norms). */
  private static Map<String, double[]> checkpointGradients(Parameters parameters) {
    Map<String, double[]> found = new HashMap<>();
    for (Parameter p : parameters) {
      String name = p.name().replaceAll("attn_[kv]_b\\.\\d+", "attn_kv_b");
      double[] gradient = toDouble(p.gradient().toArray(JAVA_FLOAT));
      found.merge(TensorNames.huggingFace(name), gradient, GoldenGradientsTest::join);
    }
    return found;
  }

  private static double[] join(double[] a, double[] b) {
    double[] joined = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  private static double[] toDouble(float[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i];
    }
    return y;
  }

  private static double l2(double[] x) {
    double sum = 0;
    for (double v : x) {
      sum += v * v;
    }
    return Math.sqrt(sum);
  }
}
