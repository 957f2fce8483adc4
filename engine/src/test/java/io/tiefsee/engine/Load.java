package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.Golden;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** What tests of an engine under load share: prompts, gates, waiting for a condition. */
final class Load {
  static final Path LLAMA = Golden.ROOT.resolve("gguf/llama_tiny.Q4_0.gguf");
  static final Path DEEPSEEK = Golden.ROOT.resolve("gguf/deepseek_v3_tiny.Q8_0.gguf");
  static final int PAGE = KvLayer.PAGE;

  private Load() {}

  static int[] prompt(int seed, int length) {
    return new Random(seed).ints(length, 3, 500).toArray();
  }

  static SamplingParams sampled(long seed, int tokens) {
    return SamplingParams.builder()
        .temperature(0.9)
        .topP(0.95)
        .seed(seed)
        .maxTokens(tokens)
        .ignoreEos(true)
        .build();
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static void until(BooleanSupplier condition) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(60));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  /** Holds the engine before it chooses the token at a place of the answer, until it is opened. */
  static final class Gate implements TokenGuide {
    private final int at;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    Gate(int at) {
      this.at = at;
    }

    @Override
    public void guide(int[] tokens, int promptLength, int length, float[] logits) {
      if (length - promptLength == at) {
        reached.countDown();
        await(open);
      }
    }

    void awaitReached() {
      await(reached);
    }

    void open() {
      open.countDown();
    }
  }
}
