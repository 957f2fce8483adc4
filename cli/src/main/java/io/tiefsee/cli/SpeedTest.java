package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.Generation;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.tensor.BadInput;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Measures how fast an engine is once its code is compiled. Prompts are random tokens, new ones
 * each time, so that nothing is cached; answers are greedy, and do not end before their length.
 * {@code bench} and {@code doctor} both measure by this, so that what one foretells is what the
 * other finds.
 */
final class SpeedTest {
  private static final long SEED = 20260101;

  /** Code counts as compiled when some rounds in a row beat the best before by less than this. */
  private static final double SETTLED = 1.03;

  private static final int SETTLED_ROUNDS = 3;

  /** Rounds for warming up are short, since how often code runs decides when it is compiled. */
  private static final int WARM_UP_PROMPT = 128;

  private static final int WARM_UP_TOKENS = 32;

  /** Warming up ends after so long in any case; at least one round is run. */
  private static final long MOST_WARM_UP_NANOS = 8_000_000_000L;

  static final int FRESH_SECONDS = 4;

  private final Engine engine;
  private final int promptTokens;
  private final int before;
  private final int tokens;
  private final SplittableRandom random = new SplittableRandom(SEED);

  /** What several rounds gave. */
  record Spread(double min, double median, double max) {
    /**
     * Of values in any order.
     *
     * @throws IllegalArgumentException if there are none
     */
    static Spread of(List<Double> values) {
      if (values.isEmpty()) {
        throw new IllegalArgumentException("nothing was measured");
      }
      double[] v = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      int n = v.length;
      return new Spread(v[0], (v[(n - 1) / 2] + v[n / 2]) / 2, v[n - 1]);
    }
  }

  /**
   * @param promptTokens of a measured prompt
   * @param before tokens that a measured answer starts from
   * @param tokens of a measured answer
   */
  SpeedTest(Engine engine, int promptTokens, int before, int tokens) {
    this.engine = engine;
    this.promptTokens = promptTokens;
    this.before = before;
    this.tokens = tokens;
  }

  /**
   * Runs until rates no longer rise, but not for long.
   *
   * @param leastSeconds the compiler works beside the rounds and needs a while, however fast they
   *     are; in a fresh process {@link #FRESH_SECONDS}
   */
  void warmUp(int leastSeconds) throws InterruptedException {
    int shortPrompt = Math.min(promptTokens, WARM_UP_PROMPT);
    int shortAnswer = Math.min(tokens, WARM_UP_TOKENS);
    double prompt = 0;
    double generate = 0;
    int still = 0;
    long began = System.nanoTime();
    long took;
    do {
      double p = answer(shortPrompt, 1).usage().promptTokensPerSecond();
      double g = answer(1, shortAnswer + 1).usage().tokensPerSecond();
      still = p > SETTLED * prompt || g > SETTLED * generate ? 0 : still + 1;
      prompt = Math.max(prompt, p);
      generate = Math.max(generate, g);
      took = System.nanoTime() - began;
    } while (took < MOST_WARM_UP_NANOS && (took < leastSeconds * 1e9 || still < SETTLED_ROUNDS));
    // The scratch memory of a whole prompt, too, is there before it is measured.
    Generation ignored = answer(promptTokens, 1);
  }

  /** Tokens per second of a prompt. */
  double prompt() throws InterruptedException {
    return answer(promptTokens, 1).usage().promptTokensPerSecond();
  }

  /**
   * An answer, whose usage has its tokens per second. The first token comes with the prompt, so one
   * more is made than is counted.
   */
  Generation generate() throws InterruptedException {
    return answer(before, tokens + 1);
  }

  private Generation answer(int prompt, int length) throws InterruptedException {
    int[] ids = random.ints(prompt, 0, engine.spec().vocab()).toArray();
    Generation generation =
        engine.submit(
            ids, SamplingParams.GREEDY.toBuilder().maxTokens(length).ignoreEos(true).build());
    if (generation.await().length != length) {
      throw new BadInput(
          "the context has room for %d tokens, but %d are needed: raise --ctx-size"
              .formatted(engine.contextLength(), prompt + length));
    }
    return generation;
  }
}
