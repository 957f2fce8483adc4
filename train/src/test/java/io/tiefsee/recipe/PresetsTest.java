package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresetsTest {
  @ParameterizedTest
  @ValueSource(strings = {"embedded", "countdown", "toy"})
  void shapesFitBlocksOfQ8(String name) {
    StageConfig c = StageConfig.preset(name, List.of());
    int vocab = RunModels.fromNothing(c).tokenizer().vocabSize();
    assertThat(vocab).isLessThan(1000);
    ModelSpec spec = c.model().spec(c.name(), vocab);
    AttentionSpec.Mla mla = (AttentionSpec.Mla) spec.attention();
    assertThat(spec.dim() % 32).isZero();
    assertThat(mla.qLora() % 32 + mla.kvLora() % 32 + mla.heads() * mla.value() % 32).isZero();
    assertThat(c.model().hidden() % 32 + c.model().expertHidden() % 32).isZero();
    assertThat(c.grpo().maxTokens()).isLessThan(spec.context());
  }

  /** The preset for a model that is there asks for it, and fits what it is given. */
  @Test
  void loraAdaptsWhatItIsGiven(@TempDir Path temp) {
    StageConfig alone = StageConfig.preset("lora", List.of());
    Recipe.Setting setting = new Recipe.Setting(Isa.best(), 1, StageRunner.View.NONE, () -> false);
    try (RunFolder folder = RunFolder.open(temp.resolve("alone"), "r1", alone, n -> {})) {
      assertThatThrownBy(() -> new Recipe(alone, folder, setting))
          .isInstanceOf(BadInput.class)
          .hasMessage("adapters change a model that is there: name it as model.from");
    }
    Path base = Path.of("../engine/src/test/resources/golden/gguf/llama_tiny.Q4_0.gguf");
    StageConfig given =
        StageConfig.preset(
            "lora",
            List.of(
                "model.from=\"" + base + "\"",
                "sft.steps=1",
                "grpo.steps=1",
                "grpo.prompts=1",
                "grpo.group=2",
                "grpo.max_tokens=8",
                "eval.problems=1",
                "eval.max_tokens=8"));
    assertThat(given.lora().rank()).isEqualTo(16);
    try (RunFolder folder = RunFolder.open(temp.resolve("given"), "r1", given, n -> {})) {
      assertThat(new Recipe(given, folder, setting).r1()).isTrue();
    }
    assertThat(temp.resolve("given/adapted-lora/adapter_config.json")).exists();
  }

  @Test
  void questionsAreFewTokens() {
    Tokenizer tokenizer =
        RunModels.fromNothing(StageConfig.preset("embedded", List.of())).tokenizer();
    assertThat(tokenizer.encode("Use 3, 7, 9 and 4 to make 24", true)).hasSize(11);
    assertThat(tokenizer.encode(" numbers 3 7 9 , target 24\n I give up\n", true)).hasSize(13);
  }
}
