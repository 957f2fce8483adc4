package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.text.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;
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

  @Test
  void questionsAreFewTokens() {
    Tokenizer tokenizer =
        RunModels.fromNothing(StageConfig.preset("embedded", List.of())).tokenizer();
    assertThat(tokenizer.encode("Use 3, 7, 9 and 4 to make 24", true)).hasSize(11);
    assertThat(tokenizer.encode(" numbers 3 7 9 , target 24\n I give up\n", true)).hasSize(13);
  }
}
