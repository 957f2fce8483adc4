package io.tiefsee.engine;

import static io.tiefsee.engine.Load.DEEPSEEK;
import static io.tiefsee.engine.Load.LLAMA;
import static io.tiefsee.engine.Load.prompt;
import static io.tiefsee.engine.Load.sampled;
import static io.tiefsee.engine.Load.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.engine.Load.Gate;
import io.tiefsee.model.Batch;
import io.tiefsee.model.TestModel;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Embeddings: computed between the steps of whatever else runs. */
@Timeout(120)
class EmbeddingTest {
  @Test
  void embeddingsAreTheModelsStatesWhateverElseRuns() throws InterruptedException {
    int[] text = prompt(4, 150);
    for (var path : List.of(LLAMA, DEEPSEEK)) {
      float[] mean;
      float[] last;
      EngineOptions options = EngineOptions.defaults().reference().withContextLength(256);
      try (Engine engine = Engine.open(path, options)) {
        // Fills all pages: they have to give way.
        List<Generation> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          others.add(engine.submit(prompt(i, 40), sampled(i, 80)));
        }
        mean = engine.embed(text, Pooling.MEAN);
        last = engine.embed(text, Pooling.LAST);
        for (Generation g : others) {
          assertThat(g.await()).hasSize(80);
        }
        until(() -> engine.status().pagesFree() == engine.status().pagesTotal());
        assertThatThrownBy(() -> engine.embed(prompt(1, 257), Pooling.MEAN))
            .isInstanceOf(BadInput.class)
            .hasMessageContaining("257");
      }
      try (TestModel model = TestModel.reference(path)) {
        Batch batch = new Batch();
        TestModel.add(batch, text, 0, text.length, TestModel.table(text.length, 0));
        Tensor states =
            model.transformer.states(
                model.transformer.hidden(batch, model.cache, model.ops), model.ops);
        assertThat(last).isEqualTo(unit(states, text.length - 1, text.length));
        assertThat(mean).isEqualTo(unit(states, 0, text.length));
      }
    }
  }

  @Test
  void anInterruptedCallerLeavesNoPagesBehind() throws InterruptedException {
    try (Engine engine = Engine.open(LLAMA)) {
      Gate gate = new Gate(0);
      Generation g = engine.submit(prompt(1, 5), sampled(1, 2), gate);
      gate.awaitReached();
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread caller =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, e) -> thrown.set(e))
              .start(() -> engine.embed(prompt(2, 100), Pooling.MEAN));
      caller.interrupt();
      caller.join();
      assertThat(thrown.get()).isInstanceOf(BadInput.class);
      gate.open();
      assertThat(g.await()).hasSize(2);
      assertThat(engine.embed(prompt(2, 100), Pooling.MEAN)).hasSize(engine.spec().dim());
      until(() -> engine.status().pagesFree() == engine.status().pagesTotal());
    }
  }

  /** The sum of some rows, brought to length 1. */
  private static float[] unit(Tensor states, int from, int to) {
    double[] sum = new double[states.cols()];
    for (int r = from; r < to; r++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += states.get(r, i);
      }
    }
    double square = 0;
    for (double x : sum) {
      square += x * x;
    }
    float[] unit = new float[sum.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (sum[i] / Math.sqrt(square));
    }
    return unit;
  }
}
