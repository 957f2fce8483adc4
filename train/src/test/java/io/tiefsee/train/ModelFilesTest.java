package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read as the same model, by both kinds of files. */
class ModelFilesTest {
  @TempDir private Path folder;

  static List<ModelSpec> specs() {
    return Specs.all();
  }

  @ParameterizedTest
  @MethodSource("specs")
  void madeModelsGoThroughBothFormats(ModelSpec spec) {
    try (TrainableModel model = TrainableModel.random(spec, true, 0.1, 3)) {
      roundTrip(model, spec.architecture().equals("llama"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2_tiny", "deepseek_v3_tiny_noqlora"})
  void loadedModelsGoThroughBothFormats(String name) {
    try (TrainableModel model = TrainableModel.load(Golden.of(name).model())) {
      roundTrip(model, false);
    }
  }

  /** Llama 3's scaling becomes a factor of each frequency, and rows of q and k change places. */
  @Test
  void llamaGoesToGguf() {
    Path gguf = folder.resolve("model.gguf");
    try (TrainableModel model = TrainableModel.load(Golden.of("llama_tiny").model())) {
      ModelFiles.writeGguf(gguf, model.transformer(), Map.of());
      try (TrainableModel written = TrainableModel.load(gguf)) {
        assertThat(written.spec().rope().adjacent()).isTrue();
        assertClose(logProbs(written), logProbs(model));
        assertThatThrownBy(
                () -> ModelFiles.writeHuggingFace(folder.resolve("hf"), written.transformer()))
            .isInstanceOf(BadInput.class)
            .hasMessageContaining("write GGUF");
      }
    }
  }

  private static void assertClose(float[] found, float[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(1e-4f));
    }
  }

  /** GGUF, then Hugging Face, or the other way round: the weights come back bit for bit. */
  private void roundTrip(TrainableModel model, boolean isLlamaOfGguf) {
    Path gguf = folder.resolve("model.gguf");
    Path hf = folder.resolve("hf");
    float[] expected = logProbs(model);
    Path last = isLlamaOfGguf ? gguf : hf;
    if (isLlamaOfGguf) {
      ModelFiles.writeHuggingFace(hf, model.transformer());
    } else {
      ModelFiles.writeGguf(gguf, model.transformer(), Map.of("general.license", "none"));
    }
    try (TrainableModel first = TrainableModel.load(isLlamaOfGguf ? hf : gguf)) {
      assertClose(logProbs(first), expected);
      if (isLlamaOfGguf) {
        ModelFiles.writeGguf(gguf, first.transformer(), Map.of());
      } else {
        ModelFiles.writeHuggingFace(hf, first.transformer());
      }
    }
    try (TrainableModel second = TrainableModel.load(last)) {
      assertThat(second.parameters().list()).hasSameSizeAs(model.parameters().list());
      for (Parameter p : model.parameters()) {
        Parameter q = second.parameters().find(p.name()).orElseThrow();
        assertThat(Arrays.equals(q.values().toArray(JAVA_FLOAT), p.values().toArray(JAVA_FLOAT)))
            .as(p.name())
            .isTrue();
      }
      assertThat(second.spec().attention()).isEqualTo(model.spec().attention());
      assertThat(second.spec().ffn()).isEqualTo(model.spec().ffn());
      assertThat(second.spec().context()).isEqualTo(model.spec().context());
    }
  }

  private static float[] logProbs(TrainableModel model) {
    // Closed but for the model itself, which the caller still needs.
    Trainee t = new Trainee(model, Isa.best(), 1);
    int[] ids = {1, 5, 9, 2, 30, 7, 7, 21};
    float[] weights = new float[ids.length];
    Arrays.fill(weights, 1);
    t.batch.add(ids, weights);
    float[] values = t.forward().values();
    t.tape.close();
    t.parallel.close();
    t.arena.close();
    return values;
  }
}
