package io.tiefsee.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.kernel.Isa;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Every reference model in the reference mode: logits of every position and greedy answers. Logits
 * are computed with the kernels of every instruction set of this machine; those that are not the
 * best one take a model of each architecture.
 */
class GoldenModelTest {
  private static final Set<String> ONE_OF_EACH =
      Set.of(
          "llama_tiny",
          "qwen2_tiny",
          "qwen3_tiny_bf16",
          "deepseek_v3_256.Q4_K_M.gguf",
          "deepseek_v3_256.mixed.gguf");

  record Run(Golden.Case model, Isa isa) {}

  static List<Golden.Case> models() {
    return Golden.models();
  }

  static List<Run> runs() {
    List<Run> runs = new ArrayList<>();
    for (Isa isa : Isa.values()) {
      for (Golden.Case model : models()) {
        if (isa == Isa.best()
            || isa.compareTo(Isa.best()) < 0 && ONE_OF_EACH.contains(model.toString())) {
          runs.add(new Run(model, isa));
        }
      }
    }
    return runs;
  }

  @Test
  void allModelsAreThere() {
    assertThat(models()).hasSizeGreaterThanOrEqualTo(10);
    assertThat(runs()).hasSize(models().size() + ONE_OF_EACH.size() * Isa.best().ordinal());
  }

  @ParameterizedTest
  @MethodSource("runs")
  void logitsAgree(Run run) {
    Golden.Case model = run.model();
    try (TestModel m = TestModel.reference(model.model(), run.isa())) {
      for (JsonNode prompt : model.json().get("prompts")) {
        int[] ids = Golden.ints(prompt.get("ids"));
        float[] expected = Golden.floats(file(model, prompt.get("logits")));
        int first = prompt.get("logits").path("first_position").asInt(0);
        double std = prompt.path("logit_std").asDouble(1);
        float[][] logits = m.logits(ids, 64, 5);
        int rows = expected.length / m.vocab();
        assertThat(first + rows).isEqualTo(ids.length);
        for (int i = 0; i < expected.length; i++) {
          float found = logits[first + i / m.vocab()][i % m.vocab()];
          assertThat((double) Math.abs(found - expected[i]))
              .describedAs("%s %s logit %d", run, prompt.get("name"), i)
              .isLessThan(1e-4 * std);
        }
        int[] argmax = Golden.ints(prompt.get("argmax"));
        for (int p = 0; p < argmax.length; p++) {
          assertThat(argmax(logits[p])).isEqualTo(argmax[p]);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void greedyAnswersAgree(Golden.Case model) throws InterruptedException {
    EngineOptions options = EngineOptions.defaults().reference().withThreads(2);
    try (Engine engine = Engine.open(model.model(), options)) {
      for (JsonNode prompt : model.json().get("prompts")) {
        JsonNode greedy = prompt.get("greedy");
        int[] expected = Golden.ints(greedy.get("ids"));
        SamplingParams params =
            SamplingParams.GREEDY.toBuilder()
                .maxTokens(expected.length)
                .ignoreEos(true)
                .logProbs(1)
                .build();
        var generation = engine.submit(Golden.ints(prompt.get("ids")), params);
        assertThat(generation.await()).isEqualTo(expected);
        for (int i = 0; i < expected.length; i++) {
          double logProb = greedy.get("logprob").get(i).asDouble();
          var token = generation.token(i).orElseThrow();
          assertThat((double) token.logProb()).isCloseTo(logProb, within(2e-4));
          assertThat(token.top().getFirst().id()).isEqualTo(expected[i]);
        }
      }
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }

  private static java.nio.file.Path file(Golden.Case model, JsonNode entry) {
    return model.expected().resolve(entry.get("file").asString());
  }

  static int argmax(float[] x) {
    int best = 0;
    for (int i = 1; i < x.length; i++) {
      best = x[i] > x[best] ? i : best;
    }
    return best;
  }
}
