package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.RopeSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacerTest {
  private static final long MILLI = 1_000_000;

  @Test
  void beforeAnythingIsKnownChunksAreSmallBesideAnswers() {
    Pacer pacer = new Pacer(512, 128);
    assertThat(pacer.promptTokens(0)).isEqualTo(512);
    assertThat(pacer.promptTokens(3)).isEqualTo(32);
    assertThat(new Pacer(20, 128).promptTokens(3)).isEqualTo(17);
    assertThat(new Pacer(20, 128).promptTokens(30)).isZero();
  }

  @Test
  void promptsAddATenthOfASecondOrDoubleTheStep() {
    Pacer fast = new Pacer(512, 128);
    fast.learn(4, 0, 20 * MILLI);
    fast.learn(0, 500, 500 * MILLI); // 1 ms a token
    assertThat(fast.promptTokens(4)).isEqualTo(100);
    assertThat(fast.promptTokens(0)).isEqualTo(250);
    Pacer slow = new Pacer(512, 128);
    slow.learn(4, 0, 400 * MILLI);
    slow.learn(4, 100, 600 * MILLI); // 2 ms a token, beside the answers
    assertThat(slow.promptTokens(4)).isEqualTo(200);
  }

  @Test
  void howeverSlowTheMachinePromptsGoOn() {
    Pacer pacer = new Pacer(512, 128);
    pacer.learn(0, 10, 100_000 * MILLI);
    assertThat(pacer.promptTokens(1)).isEqualTo(8);
    assertThat(pacer.promptTokens(0)).isEqualTo(128);
  }

  @Test
  void expertsGetPromptsInLargerSteps() {
    assertThat(Pacer.leastAlone(spec(new FfnSpec.Dense(64)))).isEqualTo(128);
    FfnSpec.Moe moe = new FfnSpec.Moe(64, 6, 64, 64, FfnSpec.Gate.SOFTMAX, true, 1, 1, 1);
    assertThat(Pacer.leastAlone(spec(new FfnSpec.Dense(64), moe))).isEqualTo(341);
    FfnSpec.Moe few = new FfnSpec.Moe(8, 4, 64, 64, FfnSpec.Gate.SOFTMAX, true, 1, 1, 1);
    assertThat(Pacer.leastAlone(spec(few))).isEqualTo(128);
  }

  private static ModelSpec spec(FfnSpec... layers) {
    RopeSpec rope = new RopeSpec(64, 10000, false, new RopeSpec.None());
    return new ModelSpec(
        "deepseek2",
        "test",
        64,
        512,
        64,
        1e-6f,
        new AttentionSpec.Gqa(1, 1, 64),
        rope,
        List.of(layers));
  }
}
