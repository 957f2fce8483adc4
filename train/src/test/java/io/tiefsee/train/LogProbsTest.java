package io.tiefsee.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.kernel.Isa;
import io.tiefsee.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogProbsTest {
  private static final int ROWS = 5;
  private static final int VOCAB = 37;

  /** f = Σ a·logProb + b·entropy, in double precision. */
  private static double reference(double[][] logits, int[] targets, float[] a, float[] b) {
    double f = 0;
    for (int t = 0; t < logits.length; t++) {
      double sum = Arrays.stream(logits[t]).map(Math::exp).sum();
      double entropy = 0;
      for (double l : logits[t]) {
        entropy -= Math.exp(l) / sum * (l - Math.log(sum));
      }
      f += a[t] * (logits[t][targets[t]] - Math.log(sum)) + b[t] * entropy;
    }
    return f;
  }

  @Test
  void valuesEntropiesAndGradientsAgreeWithDefinitions() {
    Random random = new Random(2);
    try (Trainee t =
        new Trainee(TrainableModel.random(Specs.dense("llama"), false, 0.1, 1), Isa.best(), 1)) {
      double[][] logits = new double[ROWS][VOCAB];
      Tensor x = t.tape.take(ROWS, VOCAB);
      for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < VOCAB; c++) {
          x.set(r, c, 2 * (float) random.nextGaussian());
          logits[r][c] = x.get(r, c);
        }
      }
      int[] targets = random.ints(ROWS, 0, VOCAB).toArray();
      float[] a = {1, -0.5f, 0, 2, 0.25f};
      float[] b = {0, 0.3f, -1, 0, 0.5f};
      LogProbs p = LogProbs.of(t.tape, x, targets);
      double f = 0;
      for (int r = 0; r < ROWS; r++) {
        f += a[r] * p.values()[r] + b[r] * p.entropies()[r];
      }
      assertThat(f).isCloseTo(reference(logits, targets, a, b), within(1e-5));
      p.gradient(a, b);
      Tensor d = t.tape.gradient(x);
      for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < VOCAB; c++) {
          double kept = logits[r][c];
          logits[r][c] = kept + 1e-4;
          double above = reference(logits, targets, a, b);
          logits[r][c] = kept - 1e-4;
          double below = reference(logits, targets, a, b);
          logits[r][c] = kept;
          assertThat((double) d.get(r, c)).isCloseTo((above - below) / 2e-4, within(1e-6));
        }
      }
    }
  }

  /** What the engine says of the tokens that it generates is what the tape says of them. */
  @Test
  void theEngineReportsTheSame() throws InterruptedException {
    Golden golden = Golden.of("deepseek_v3_tiny_noqlora");
    SamplingParams params =
        SamplingParams.GREEDY.toBuilder().maxTokens(40).ignoreEos(true).logProbs(0).build();
    int[] prompt = {0, 17, 301, 5};
    float[] reported = new float[40];
    int[] answer;
    EngineOptions options = EngineOptions.defaults().reference().withThreads(1);
    try (Engine engine = Engine.open(golden.model(), options)) {
      var generation = engine.submit(prompt, params);
      answer = generation.await();
      for (int i = 0; i < reported.length; i++) {
        reported[i] = generation.token(i).orElseThrow().logProb();
      }
    }
    try (Trainee t = new Trainee(TrainableModel.load(golden.model()), Isa.best(), 1)) {
      int[] ids = Arrays.copyOf(prompt, prompt.length + answer.length);
      System.arraycopy(answer, 0, ids, prompt.length, answer.length);
      float[] weights = new float[ids.length];
      Arrays.fill(weights, prompt.length, ids.length, 1);
      t.batch.add(ids, weights);
      assertThat(t.forward().values()).isEqualTo(reported);
    }
  }
}
