package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.model.Golden;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine on a tiny model: sharing, limits, cancelling, running out of pages. */
@Timeout(60)
class EngineTest {
  private static final Path LLAMA = Golden.ROOT.resolve("gguf/llama_tiny.Q4_0.gguf");
  private static final Path DEEPSEEK = Golden.ROOT.resolve("gguf/deepseek_v3_tiny.Q8_0.gguf");

  private static int[] prompt(int seed, int length) {
    return new Random(seed).ints(length, 3, 500).toArray();
  }

  private static SamplingParams sampled(long seed, int tokens) {
    return SamplingParams.builder()
        .temperature(0.9)
        .topP(0.95)
        .seed(seed)
        .maxTokens(tokens)
        .ignoreEos(true)
        .build();
  }

  @Test
  void manyAtOnceGiveWhatEachGivesAlone() throws InterruptedException {
    for (Path model : List.of(LLAMA, DEEPSEEK)) {
      List<int[]> alone = new ArrayList<>();
      EngineOptions options = EngineOptions.defaults().withMaxBatchTokens(24);
      try (Engine engine = Engine.open(model, options)) {
        for (int i = 0; i < 12; i++) {
          alone.add(engine.submit(prompt(i, 5 + 13 * i), sampled(i, 20)).await());
        }
      }
      try (Engine engine = Engine.open(model, options)) {
        List<Generation> running = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          running.add(engine.submit(prompt(i, 5 + 13 * i), sampled(i, 20)));
        }
        for (int i = 0; i < 12; i++) {
          assertThat(running.get(i).await()).isEqualTo(alone.get(i));
        }
      }
    }
  }

  @Test
  void whenPagesRunOutSomeWaitAndNothingChanges() throws InterruptedException {
    // Four pages of 64 tokens for eight sequences that end with 120 tokens each.
    EngineOptions small = EngineOptions.defaults().withContextLength(256);
    List<int[]> alone = new ArrayList<>();
    try (Engine engine = Engine.open(LLAMA, small)) {
      for (int i = 0; i < 8; i++) {
        alone.add(engine.submit(prompt(i, 40), sampled(i, 80)).await());
      }
      List<Generation> running = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        running.add(engine.submit(prompt(i, 40), sampled(i, 80)));
      }
      for (int i = 0; i < 8; i++) {
        assertThat(running.get(i).await()).isEqualTo(alone.get(i));
        assertThat(running.get(i).finishReason()).contains(FinishReason.LENGTH);
      }
    }
  }

  @Test
  void aRepeatedPromptSharesItsPages() throws InterruptedException {
    try (Engine engine = Engine.open(DEEPSEEK)) {
      int[] prompt = prompt(1, 200);
      Generation first = engine.submit(prompt, sampled(5, 8));
      int[] expected = first.await();
      assertThat(first.usage().cachedTokens()).isZero();
      Generation second = engine.submit(prompt, sampled(5, 8));
      assertThat(second.await()).isEqualTo(expected);
      assertThat(second.usage().cachedTokens()).isEqualTo(192);
      int[] other = prompt.clone();
      other[70]++;
      Generation third = engine.submit(other, sampled(5, 8));
      third.await();
      assertThat(third.usage().cachedTokens()).isEqualTo(64);
    }
  }

  @Test
  void theContextEndsTheAnswer() throws InterruptedException {
    try (Engine engine = Engine.open(LLAMA, EngineOptions.defaults().withContextLength(70))) {
      Generation g = engine.submit(prompt(1, 60), sampled(1, 1000));
      assertThat(g.await()).hasSize(10);
      assertThat(g.finishReason()).contains(FinishReason.LENGTH);
    }
  }

  @Test
  void tooLongAPromptIsAnErrorWithBothNumbers() {
    try (Engine engine = Engine.open(LLAMA)) {
      assertThat(engine.contextLength()).isEqualTo(512);
      assertThatThrownBy(() -> engine.submit(prompt(1, 600), sampled(1, 1)))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("600")
          .hasMessageContaining("512");
      assertThatThrownBy(() -> engine.submit(new int[0], sampled(1, 1)))
          .isInstanceOf(BadInput.class);
      assertThatThrownBy(() -> engine.submit(new int[] {512}, sampled(1, 1)))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("512");
    }
  }

  @Test
  void cancelEndsSoonAndFreesItsPages() throws InterruptedException {
    try (Engine engine = Engine.open(LLAMA, EngineOptions.defaults().withContextLength(128))) {
      for (int i = 0; i < 20; i++) {
        Generation g = engine.submit(prompt(i, 60), sampled(i, 1000));
        assertThat(g.token(0)).isPresent();
        g.cancel();
        g.await();
        assertThat(g.finishReason()).isPresent();
      }
      Generation last = engine.submit(prompt(1, 60), sampled(1, 5));
      assertThat(last.await()).hasSize(5);
    }
  }

  @Test
  void closingEndsWhatIsRunning() {
    Engine engine = Engine.open(LLAMA);
    Generation g = engine.submit(prompt(1, 10), sampled(1, 400));
    engine.close();
    assertThat(g.finishReason()).isPresent();
    assertThatThrownBy(() -> engine.submit(prompt(1, 10), sampled(1, 1)))
        .isInstanceOf(IllegalStateException.class);
    engine.close();
  }

  @Test
  void theSeedDecides() throws InterruptedException {
    try (Engine engine = Engine.open(LLAMA)) {
      int[] a = engine.submit(prompt(1, 10), sampled(1, 30)).await();
      int[] b = engine.submit(prompt(1, 10), sampled(1, 30)).await();
      int[] c = engine.submit(prompt(1, 10), sampled(2, 30)).await();
      assertThat(b).isEqualTo(a);
      assertThat(c).isNotEqualTo(a);
    }
  }

  @Test
  void stopStringsEndTheTextAndAreNotPartOfIt() {
    try (Engine engine = Engine.open(LLAMA)) {
      SamplingParams free = sampled(3, 60);
      StringBuilder whole = new StringBuilder();
      engine.complete("hello there", free).forEach(p -> whole.append(p.text()));
      String stop = whole.substring(20, 24);
      StringBuilder cut = new StringBuilder();
      TextGeneration text =
          engine.complete("hello there", free.toBuilder().stop(List.of(stop, "never")).build());
      text.forEach(p -> cut.append(p.text()));
      assertThat(cut.toString()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
      assertThat(text.finishReason()).contains(FinishReason.STOP);
    }
  }

  @Test
  void aSteadyStateMakesNoGarbage() throws InterruptedException {
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    for (Path model : List.of(LLAMA, DEEPSEEK)) {
      try (Engine engine = Engine.open(model)) {
        long id =
            Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().equals("tiefsee-engine") && t.isAlive())
                .mapToLong(Thread::threadId)
                .max()
                .orElseThrow();
        // Interpreted code makes objects that compiled code does not: the steady state is the
        // least.
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 20 && least > 0; i++) {
          long before = threads.getThreadAllocatedBytes(id);
          engine.submit(prompt(2 * i, 10), sampled(1, 100)).await();
          long between = threads.getThreadAllocatedBytes(id);
          engine.submit(prompt(2 * i + 1, 10), sampled(1, 400)).await();
          long after = threads.getThreadAllocatedBytes(id);
          // The requests' own objects are in both: what is left is what 300 more tokens cost.
          least = Math.min(least, ((after - between) - (between - before)) / 300);
        }
        assertThat(least).describedAs("%s: bytes a token", model).isLessThan(64);
      }
    }
  }
}
