package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.format.Weights;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.model.EagerOps;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Multi-token prediction: its maths, its gradients, its files. */
class MtpTest {
  private static final float LAMBDA = 0.3f;

  @TempDir private Path folder;

  static List<ModelSpec> specs() {
    return Specs.all().stream().map(s -> s.withMtp(true)).toList();
  }

  /** Models whose choice of experts a bias can fix. */
  static List<ModelSpec> specsOfFixedChoice() {
    return specs().stream()
        .filter(
            s -> !(s.ffn().getLast() instanceof FfnSpec.Moe m && m.gate() == FfnSpec.Gate.SOFTMAX))
        .toList();
  }

  private static Trainee trainee(ModelSpec spec, double deviation, boolean tied) {
    return new Trainee(TrainableModel.random(spec, tied, deviation, 7), Isa.best(), 1);
  }

  private static void fill(Trainee t) {
    Random random = new Random(4);
    t.batch.clear();
    for (int length : new int[] {9, 1, 2, 14}) {
      float[] weights = new float[length];
      for (int i = 0; i < length; i++) {
        weights[i] = i % 5 == 3 ? 0 : 0.05f * (1 + i % 3);
      }
      t.batch.add(random.ints(length, 0, t.model.spec().vocab()).toArray(), weights);
    }
  }

  /** Runs the batch; leaves both gradients if wanted. */
  private static double[] losses(Trainee t, boolean gradients) {
    Tensor hidden = t.model.transformer().hidden(t.batch.batch(), t.cache, t.ops);
    Tensor logits = t.model.transformer().logits(hidden, t.ops);
    LogProbs main = LogProbs.of(t.tape, logits, t.batch.targets());
    MtpLoss mtp = MtpLoss.of(t.tape, t.ops, t.model.transformer(), hidden, logits, t.batch);
    if (gradients) {
      main.crossEntropyGradient(t.batch.weights());
      mtp.gradient(LAMBDA);
      t.tape.backward();
    }
    return new double[] {
      main.crossEntropy(t.batch.weights()),
      mtp.crossEntropy(),
      (double) mtp.accepted() / mtp.guesses()
    };
  }

  /** Each parameter along a random direction, against differences of the whole loss. */
  @ParameterizedTest
  @MethodSource("specsOfFixedChoice")
  void gradientsAreThoseOfTheWholeLoss(ModelSpec spec) {
    try (Trainee t = trainee(spec, 0.2, true)) {
      fixChoices(t);
      fill(t);
      losses(t, true);
      Random random = new Random(8);
      double all = t.adamW(AdamW.Config.DEFAULT).gradientNorm();
      for (Parameter p : t.model.parameters()) {
        float[] kept = p.values().toArray(JAVA_FLOAT);
        float[] direction = new float[p.size()];
        double expected = 0;
        double length = 0;
        for (int i = 0; i < direction.length; i++) {
          direction[i] = (float) random.nextGaussian();
          expected += direction[i] * p.gradient().getAtIndex(JAVA_FLOAT, i);
          length += direction[i] * direction[i];
        }
        length = Math.sqrt(length);
        double h = 0.04 / length;
        double[] f = new double[4];
        double[] steps = {h, -h, 2 * h, -2 * h};
        for (int s = 0; s < 4; s++) {
          for (int i = 0; i < direction.length; i++) {
            p.values().setAtIndex(JAVA_FLOAT, i, (float) (kept[i] + steps[s] * direction[i]));
          }
          double[] l = losses(t, false);
          f[s] = l[0] + LAMBDA * l[1];
        }
        for (int i = 0; i < kept.length; i++) {
          p.values().setAtIndex(JAVA_FLOAT, i, kept[i]);
        }
        double found = (8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * h);
        assertThat(expected / length)
            .as(p.name())
            .isCloseTo(found / length, within(1e-3 * all + 0.01 * Math.abs(found / length)));
      }
    }
  }

  /** The correction bias decides the choice of experts alone. */
  private static void fixChoices(Trainee t) {
    ModelWeights w = t.model.transformer().weights();
    for (int i = 0; i <= w.layers().size(); i++) {
      ModelWeights.Layer layer =
          i < w.layers().size() ? w.layers().get(i) : w.mtp().orElseThrow().layer();
      if (layer.ffn() instanceof ModelWeights.Moe moe) {
        moe.bias()
            .ifPresent(b -> {
              for (int e = 0; e < b.cols(); e++) {
                b.set(0, e, 20 * (e % 5));
              }
            });
      }
    }
  }

  /**
   * Against transformers' decoder layer with the module's weights as R1's checkpoints order them.
   */
  @Test
  void logitsAreThoseOfTheReference() throws IOException {
    Golden golden = Golden.of("deepseek_v3_tiny_fp8");
    int[] ids = { // p1 of expected.json
      0, 494, 362, 19, 310, 215, 175, 478, 376, 271, 418, 82, 38, 33, 432, 439, 152
    };
    byte[] bytes = Files.readAllBytes(golden.gradients().resolve("mtp.p1.logits.f32"));
    float[] expected = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(expected);
    try (Trainee t = new Trainee(TrainableModel.load(golden.model()), Isa.best(), 1)) {
      float[] weights = new float[ids.length];
      Arrays.fill(weights, 1);
      t.batch.add(ids, weights);
      float[] found = mtp(t, t.ops);
      assertThat(found).hasSize(15 * 512).hasSameSizeAs(expected);
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isCloseTo(expected[i], within(2e-4f));
      }
    }
  }

  /** A row of the module sees no token beyond the one that it is given. */
  @ParameterizedTest
  @MethodSource("specs")
  void eagerIsTapedAndLaterTokensAreNotSeen(ModelSpec spec) {
    try (Trainee t = trainee(spec, 0.1, false);
        EagerOps eager =
            new EagerOps(spec, Kernels.forIsa(Isa.best()), t.parallel, QuantType.F32, t.cache)) {
      int[] ids = {1, 5, 9, 2, 30, 7, 7, 21};
      float[] weights = new float[ids.length];
      Arrays.fill(weights, 1);
      t.batch.add(ids, weights);
      float[] taped = mtp(t, t.ops);
      assertThat(mtp(t, eager)).containsExactly(taped);
      ids[5] = 8;
      t.batch.clear();
      t.batch.add(ids, weights);
      float[] changed = mtp(t, eager);
      int vocab = spec.vocab();
      // Rows 0 to 3 were given tokens up to number 4.
      assertThat(Arrays.copyOf(changed, 4 * vocab)).isEqualTo(Arrays.copyOf(taped, 4 * vocab));
      assertThat(changed[4 * vocab]).isNotEqualTo(taped[4 * vocab]);
    }
  }

  private static float[] mtp(Trainee t, io.tiefsee.model.Ops ops) {
    var model = t.model.transformer();
    PackedBatch.Next next = t.batch.next();
    Tensor hidden = model.hidden(t.batch.batch(), t.cache, ops);
    return model.mtp(hidden, next.tokens(), next.rows(), next.rows().length, ops).toArray();
  }

  /** From random weights to texts known by heart: the module's guesses become the model's. */
  @Test
  void learnsFromNothing() {
    ModelSpec spec = Specs.latent(FfnSpec.Gate.SIGMOID, 18).withMtp(true);
    try (Trainee t = trainee(spec, 0.05, true)) {
      fill(t);
      AdamW adamW = t.adamW(AdamW.Config.DEFAULT);
      double[] first = losses(t, false);
      for (int step = 0; step < 120; step++) {
        losses(t, true);
        adamW.step(1e-2, 1);
      }
      double[] last = losses(t, false);
      assertThat(last[1]).isLessThan(0.1 * first[1]);
      assertThat(first[2]).isLessThan(0.5);
      assertThat(last[2]).isGreaterThan(0.9);
    }
  }

  /** What serves is as it was: the module lies beside, and nothing else has changed. */
  @ParameterizedTest
  @MethodSource("specs")
  void goesThroughBothFormats(ModelSpec spec) {
    Path gguf = folder.resolve("model.gguf");
    Path hf = folder.resolve("hf");
    try (TrainableModel model = TrainableModel.random(spec, false, 0.1, 3)) {
      ModelFiles.writeGguf(gguf, model.transformer(), Map.of());
      ModelFiles.writeHuggingFace(hf, model.transformer());
      try (Weights files = Weights.open(gguf)) {
        assertThat(ModelLoader.hasMtp(files, ModelLoader.describe(files))).isFalse();
        assertThat(files.names()).noneMatch(n -> n.startsWith("blk." + spec.layers()));
      }
      try (Weights files = Weights.open(ModelLoader.mtpFile(gguf))) {
        assertThat(files.names()).allMatch(n -> n.startsWith("blk." + spec.layers()));
      }
      boolean llama = spec.architecture().equals("llama");
      same(model, llama ? gguf : hf);
      try (TrainableModel other = TrainableModel.load(llama ? hf : gguf)) {
        assertThat(other.spec().mtp()).isTrue();
        Path again = folder.resolve("again");
        if (llama) {
          ModelFiles.writeGguf(again.resolveSibling("again.gguf"), other.transformer(), Map.of());
          same(model, again.resolveSibling("again.gguf"));
        } else {
          ModelFiles.writeHuggingFace(again, other.transformer());
          same(model, again);
        }
      }
    }
    try (TrainableModel without = TrainableModel.random(spec.withMtp(false), false, 0.1, 3)) {
      ModelFiles.writeGguf(gguf, without.transformer(), Map.of());
      assertThat(Files.exists(ModelLoader.mtpFile(gguf))).isFalse();
    }
  }

  private static void same(TrainableModel model, Path path) {
    try (TrainableModel read = TrainableModel.load(path)) {
      assertThat(read.spec().mtp()).isTrue();
      assertThat(read.parameters().list()).hasSameSizeAs(model.parameters().list());
      for (Parameter p : model.parameters()) {
        Parameter q = read.parameters().find(p.name()).orElseThrow();
        assertThat(Arrays.equals(q.values().toArray(JAVA_FLOAT), p.values().toArray(JAVA_FLOAT)))
            .as(p.name())
            .isTrue();
      }
    }
  }

  /** One seed gives the same model with and without the module. */
  @Test
  void theModelItselfDoesNotDependOnIt() {
    ModelSpec spec = Specs.latent(FfnSpec.Gate.SIGMOID, 18);
    try (TrainableModel with = TrainableModel.random(spec.withMtp(true), false, 0.1, 3);
        TrainableModel without = TrainableModel.random(spec, false, 0.1, 3)) {
      for (Parameter p : without.parameters()) {
        Parameter q = with.parameters().find(p.name()).orElseThrow();
        assertThat(p.values().mismatch(q.values())).as(p.name()).isEqualTo(-1);
      }
    }
  }
}
