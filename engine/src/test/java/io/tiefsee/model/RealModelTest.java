package io.tiefsee.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.engine.TextGeneration;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** SmolLM2-135M-Instruct, where the shared folder has it: a real model against its references. */
class RealModelTest {
  private static final Path SHARED = Path.of(System.getProperty("tiefsee.shared", "../../shared"));
  private static final Path MODEL = SHARED.resolve("models/SmolLM2-135M-Instruct.Q4_1.gguf");
  private static final Path EXPECTED = SHARED.resolve("golden/smollm2_135m");

  @BeforeEach
  void modelIsThere() {
    boolean there = Files.exists(MODEL) && Files.exists(EXPECTED);
    if (!there) {
      System.out.println("skipped: no real model at " + MODEL + " (-Dtiefsee.shared=FOLDER)");
    }
    Assumptions.assumeTrue(there, "no real model at " + MODEL);
  }

  private static JsonNode json(String name) {
    return new ObjectMapper().readTree(EXPECTED.resolve(name).toFile());
  }

  @Test
  void referenceModeAgreesWithTheF32Reference() throws InterruptedException {
    try (Engine engine = Engine.open(MODEL, EngineOptions.defaults().reference())) {
      int i = 0;
      for (JsonNode p : json("generation.json").get("prompts")) {
        int[] ids = Golden.ints(p.get("prompt_ids"));
        assertThat(engine.tokenizer().orElseThrow().encode(p.get("prompt").asString(), true))
            .isEqualTo(ids);
        JsonNode f32 = p.get("f32_reference");
        float[] expected = Golden.floats(EXPECTED.resolve("p" + i++ + ".logits.f32"));
        float[] last = new float[expected.length];
        engine.logits(
            ids,
            128,
            (position, logits, row) -> {
              for (int v = 0; v < last.length && position == ids.length - 1; v++) {
                last[v] = logits.get(row, v);
              }
            });
        double lse = logSumExp(last);
        double expectedLse = logSumExp(expected);
        for (int v = 0; v < last.length; v++) {
          assertThat(last[v] - lse).isCloseTo(expected[v] - expectedLse, within(1e-3));
        }
        int[] greedy = Golden.ints(f32.get("greedy_ids"));
        SamplingParams params = SamplingParams.GREEDY.toBuilder().maxTokens(greedy.length).build();
        assertThat(engine.submit(ids, params).await()).isEqualTo(greedy);
      }
    }
  }

  private static double logSumExp(float[] x) {
    double max = x[GoldenModelTest.argmax(x)];
    double sum = 0;
    for (float v : x) {
      sum += Math.exp(v - max);
    }
    return max + Math.log(sum);
  }

  @Test
  void perplexityInReferenceMode() {
    double expected = json("perplexity.json").at("/f32_reference/mean_nll").asDouble();
    try (Engine engine = Engine.open(MODEL, EngineOptions.defaults().reference())) {
      double mean = Arrays.stream(nll(engine, 512)).average().orElseThrow();
      assertThat(mean).isCloseTo(expected, within(Math.log(1.001)));
    }
  }

  @Test
  void perplexityWithInt8ActivationsAtEveryBatchSize() {
    double expected = json("perplexity.json").at("/f32_reference/mean_nll").asDouble();
    try (Engine engine = Engine.open(MODEL, EngineOptions.defaults().withKv(QuantType.F16))) {
      double[] whole = nll(engine, 512);
      double mean = Arrays.stream(whole).average().orElseThrow();
      assertThat(mean).isCloseTo(expected, within(Math.log(1.01)));
      for (int chunk : new int[] {1, 3, 8, 100}) {
        assertThat(nll(engine, chunk, 200)).isEqualTo(Arrays.copyOf(whole, 200));
      }
    }
  }

  private static double[] nll(Engine engine, int chunk) {
    return nll(engine, chunk, json("perplexity.json").get("ids").size() - 1);
  }

  /** Negative log-likelihoods of the first {@code scored} tokens after the very first. */
  private static double[] nll(Engine engine, int chunk, int scored) {
    int[] ids = Arrays.copyOf(Golden.ints(json("perplexity.json").get("ids")), scored + 1);
    double[] nll = new double[scored];
    engine.logits(
        ids,
        chunk,
        (position, logits, row) -> {
          if (position < scored) {
            float[] x = logits.rows(row, row + 1).toArray();
            nll[position] = logSumExp(x) - x[ids[position + 1]];
          }
        });
    return nll;
  }

  @Test
  void answersAQuestion() {
    try (Engine engine = Engine.open(MODEL)) {
      SamplingParams greedy = SamplingParams.GREEDY.toBuilder().maxTokens(40).build();
      var question =
          ChatTemplate.Request.of(
              List.of(new ChatTemplate.Message("user", "What is the capital of Germany?")));
      StringBuilder answer = new StringBuilder();
      TextGeneration text = engine.chat(question, greedy);
      text.forEach(piece -> answer.append(piece.text()));
      assertThat(answer.toString()).contains("Berlin");
      assertThat(text.usage().completionTokens()).isBetween(2, 40);
    }
  }
}
