package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.format.Weights;
import io.tiefsee.model.Golden;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.BadInput;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  private static final long GB = 1_000_000_000L;
  private final ModelSpec spec = spec();

  private static ModelSpec spec() {
    try (Weights w = Weights.open(Golden.ROOT.resolve("gguf/llama_tiny.Q4_0.gguf"))) {
      return ModelLoader.describe(w);
    }
  }

  private int plan(long modelBytes, EngineOptions options, long available) {
    return MemoryPlan.contextLength(spec, modelBytes, options, available);
  }

  @Test
  void aModelThatFitsGetsItsWholeContext() {
    assertThat(plan(GB, EngineOptions.defaults(), 8 * GB)).isEqualTo(512);
    assertThat(plan(GB, EngineOptions.defaults().withContextLength(100), 8 * GB)).isEqualTo(100);
  }

  @Test
  void aModelThatDoesNotFitIsRefusedWithTheNumbers() {
    assertThatThrownBy(() -> plan(6 * GB, EngineOptions.defaults(), 4 * GB))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("6.5 GB")
        .hasMessageContaining("4.0 GB");
  }

  @Test
  void aContextBeyondTheModelsIsRefused() {
    assertThatThrownBy(() ->
            MemoryPlan.contextLength(spec, GB, EngineOptions.defaults().withContextLength(513)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("513")
        .hasMessageContaining("512");
  }
}
