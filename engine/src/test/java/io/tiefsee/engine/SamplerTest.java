package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.RowOps;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final int VOCAB = 300;
  private static final RowOps OPS = Kernels.forIsa(Isa.best()).ops();
  private final Arena arena = Arena.ofAuto();

  private float[] logits(int seed) {
    Random random = new Random(seed);
    float[] x = new float[VOCAB];
    for (int i = 0; i < VOCAB; i++) {
      x[i] = (float) (random.nextGaussian() * 3);
    }
    return x;
  }

  private int sample(float[] logits, SamplingParams p, long seed, int... tokens) {
    Tensor row = Tensor.copyOf(arena, 1, logits.length, logits);
    return new Sampler(OPS, logits.length)
        .sample(row, 0, p, TokenGuide.NONE, seed, tokens, tokens.length, 0);
  }

  /** How often each token comes up over many seeds. */
  private double[] frequencies(float[] logits, SamplingParams p, int draws) {
    double[] f = new double[logits.length];
    Tensor row = Tensor.copyOf(arena, 1, logits.length, logits);
    Sampler sampler = new Sampler(OPS, logits.length);
    for (int s = 0; s < draws; s++) {
      f[sampler.sample(row, 0, p, TokenGuide.NONE, s, new int[0], 0, 0)] += 1.0 / draws;
    }
    return f;
  }

  /** The distribution by definition: Hugging Face's warpers in double precision. */
  private static double[] expected(float[] logits, SamplingParams p) {
    int n = logits.length;
    double[] prob = new double[n];
    double max = Double.NEGATIVE_INFINITY;
    for (float l : logits) {
      max = Math.max(max, l);
    }
    for (int i = 0; i < n; i++) {
      prob[i] = Math.exp((logits[i] - max) / p.temperature());
    }
    Integer[] order = new Integer[n];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -prob[i]));
    if (p.topK() > 0) {
      for (int i = p.topK(); i < n; i++) {
        prob[order[i]] = 0;
      }
    }
    double sum = Arrays.stream(prob).sum();
    double mass = 0;
    for (int i = 0; i < n; i++) {
      if (mass >= p.topP() * sum) {
        prob[order[i]] = 0;
      }
      mass += prob[order[i]];
    }
    double best = prob[order[0]];
    for (int i = 0; i < n; i++) {
      prob[i] = prob[i] < p.minP() * best ? 0 : prob[i];
    }
    double total = Arrays.stream(prob).sum();
    return Arrays.stream(prob).map(x -> x / total).toArray();
  }

  private void agrees(SamplingParams p) {
    for (int seed = 0; seed < 3; seed++) {
      float[] x = logits(seed);
      double[] expected = expected(x, p);
      double[] found = frequencies(x, p, 20_000);
      for (int i = 0; i < VOCAB; i++) {
        if (expected[i] == 0) {
          assertThat(found[i]).isZero();
        }
        // Five standard deviations, and four draws more: rare tokens are not normally distributed.
        double sigma = Math.sqrt(expected[i] * (1 - expected[i]) / 20_000);
        assertThat(found[i]).isCloseTo(expected[i], within(5 * sigma + 4 / 20_000.0));
      }
    }
  }

  @Test
  void drawsFromTheDistribution() {
    agrees(SamplingParams.builder().build());
    agrees(SamplingParams.builder().temperature(0.6).topP(0.95).build());
    agrees(SamplingParams.builder().temperature(1.5).topK(20).build());
    agrees(SamplingParams.builder().temperature(2).minP(0.05).build());
    agrees(SamplingParams.builder().temperature(1.2).topK(50).topP(0.8).minP(0.02).build());
    agrees(SamplingParams.builder().temperature(1).topP(0.01).build());
  }

  @Test
  void greedyIsTheFirstOfTheLargest() {
    float[] x = new float[VOCAB];
    x[7] = 2;
    x[9] = 2;
    assertThat(sample(x, SamplingParams.GREEDY, 1)).isEqualTo(7);
  }

  @Test
  void biasAndPenaltiesChangeTheChoice() {
    float[] x = new float[VOCAB];
    x[7] = 2;
    x[9] = 1.9f;
    SamplingParams.Builder greedy = SamplingParams.GREEDY.toBuilder();
    assertThat(sample(x, greedy.logitBias(Map.of(9, 1f)).build(), 1)).isEqualTo(9);
    greedy = SamplingParams.GREEDY.toBuilder();
    assertThat(sample(x, greedy.repetitionPenalty(1.2).build(), 1, 7)).isEqualTo(9);
    greedy = SamplingParams.GREEDY.toBuilder();
    assertThat(sample(x, greedy.presencePenalty(0.2).build(), 1, 7)).isEqualTo(9);
    greedy = SamplingParams.GREEDY.toBuilder();
    assertThat(sample(x, greedy.frequencyPenalty(0.06).build(), 1, 7)).isEqualTo(7);
    assertThat(sample(x, greedy.frequencyPenalty(0.06).build(), 1, 7, 7)).isEqualTo(9);
  }

  @Test
  void theDrawDependsOnSeedAndPositionOnly() {
    double sum = 0;
    for (int i = 0; i < 10_000; i++) {
      double u = Sampler.uniform(42, i);
      assertThat(u).isBetween(0.0, 1.0);
      assertThat(Sampler.uniform(42, i)).isEqualTo(u);
      sum += u;
    }
    assertThat(sum / 10_000).isCloseTo(0.5, within(0.02));
    assertThat(Sampler.uniform(42, 1)).isNotEqualTo(Sampler.uniform(43, 1));
  }

  @Test
  void impossibleValuesAreRefused() {
    assertThatThrownBy(() -> SamplingParams.builder().temperature(-1).build())
        .isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> SamplingParams.builder().temperature(Double.NaN).build())
        .isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> SamplingParams.builder().topP(0).build()).isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> SamplingParams.builder().maxTokens(0).build())
        .isInstanceOf(BadInput.class);
  }
}
