package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacerTest {
  private static final long MILLI = 1_000_000;

  @Test
  void beforeAnythingIsKnownChunksAreSmallBesideAnswers() {
    Pacer pacer = new Pacer(512);
    assertThat(pacer.promptTokens(0)).isEqualTo(512);
    assertThat(pacer.promptTokens(3)).isEqualTo(32);
    assertThat(new Pacer(20).promptTokens(3)).isEqualTo(17);
    assertThat(new Pacer(20).promptTokens(30)).isZero();
  }

  @Test
  void promptsAddATenthOfASecondOrDoubleTheStep() {
    Pacer fast = new Pacer(512);
    fast.learn(4, 0, 20 * MILLI);
    fast.learn(0, 500, 500 * MILLI); // 1 ms a token
    assertThat(fast.promptTokens(4)).isEqualTo(100);
    assertThat(fast.promptTokens(0)).isEqualTo(250);
    Pacer slow = new Pacer(512);
    slow.learn(4, 0, 400 * MILLI);
    slow.learn(4, 100, 600 * MILLI); // 2 ms a token, beside the answers
    assertThat(slow.promptTokens(4)).isEqualTo(200);
  }

  @Test
  void howeverSlowTheMachinePromptsGoOn() {
    Pacer pacer = new Pacer(512);
    pacer.learn(0, 10, 100_000 * MILLI);
    assertThat(pacer.promptTokens(1)).isEqualTo(8);
    assertThat(pacer.promptTokens(0)).isEqualTo(128);
  }
}
