package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.EagerOps;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.Lora;
import io.tiefsee.model.LoraMerge;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters on every projection of every kind of model, over weights that stand still. */
final class LoraTest {
  private static final List<String> FEED_FORWARD = List.of("gate_proj", "up_proj", "down_proj");

  @TempDir private Path temp = Path.of("");

  static List<ModelSpec> specs() {
    return Specs.all();
  }

  private static List<String> targets(ModelSpec spec) {
    List<String> all = new ArrayList<>(FEED_FORWARD);
    all.addAll(
        switch (spec.attention()) {
          case AttentionSpec.Gqa g -> List.of("q_proj", "k_proj", "v_proj", "o_proj");
          case AttentionSpec.Mla m ->
              m.qLora() > 0
                  ? List.of("q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj")
                  : List.of("q_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj");
        });
    return all;
  }

  /** A model in a file; its matrices of the given type where the rows allow it, else f16. */
  private Path base(ModelSpec spec, QuantType type) {
    Path file = temp.resolve("base.gguf");
    try (TrainableModel model = TrainableModel.random(spec, false, 0.1, 3)) {
      ModelFiles.writeGguf(file, model.transformer(), Map.of(), type);
    }
    return file;
  }

  private static TrainableModel adapted(Path base, boolean unpacked, List<String> targets) {
    TrainableModel model =
        TrainableModel.adapt(
            base,
            unpacked,
            Isa.best(),
            (m, arena) -> Lora.create(m, new Lora.Targets(targets, 0), 3, 6, 7, arena));
    fillUp(model);
    return model;
  }

  /** B is zero at first, and with it the gradient of A. */
  private static void fillUp(TrainableModel model) {
    Random random = new Random(5);
    for (Parameter p : model.parameters()) {
      if (p.name().contains("lora_B")) {
        for (int i = 0; i < p.size(); i++) {
          p.values().setAtIndex(JAVA_FLOAT, i, 0.2f * (float) random.nextGaussian());
        }
      }
    }
    model.refresh();
  }

  private static Trainee trainee(TrainableModel model, int threads) {
    Trainee t = new Trainee(model, Isa.best(), threads);
    Random random = new Random(1);
    for (int n : new int[] {9, 21, 2}) {
      int[] ids = random.ints(n, 0, model.spec().vocab()).toArray();
      float[] weights = new float[n];
      Arrays.fill(weights, 1f / 30);
      t.batch.add(ids, weights);
    }
    return t;
  }

  private static float[] gradients(TrainableModel model) {
    model.parameters().gather();
    float[] all = new float[(int) model.parameters().size()];
    int at = 0;
    for (Parameter p : model.parameters()) {
      float[] g = p.gradient().toArray(JAVA_FLOAT);
      System.arraycopy(g, 0, all, at, g.length);
      at += g.length;
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("specs")
  void gradientsAreFiniteDifferences(ModelSpec spec) {
    Path file = base(spec, QuantType.F32);
    try (Trainee t = trainee(adapted(file, false, targets(spec)), 1)) {
      t.lossAndGradients();
      t.model.parameters().gather();
      int checked = 0;
      for (Parameter p : t.model.parameters()) {
        // Along the gradient itself the slope is its norm, far above the noise of f32.
        float[] direction = p.gradient().toArray(JAVA_FLOAT);
        double norm = norm(direction);
        for (int i = 0; i < direction.length; i++) {
          direction[i] /= (float) norm;
        }
        // A large step may lead a router to other experts, a small one drowns in rounding.
        double best = Double.NaN;
        for (float step : new float[] {2e-3f, 5e-4f, 2e-4f}) {
          double slope =
              (lossAt(t, p, direction, step) - lossAt(t, p, direction, -step)) / (2 * step);
          best = Math.abs(slope - norm) > Math.abs(best - norm) ? best : slope;
        }
        assertThat(best).as(p.name()).isCloseTo(norm, within(0.01 * norm + 1e-4));
        checked++;
      }
      assertThat(checked).isGreaterThanOrEqualTo(2 * targets(spec).size() * 2);
    }
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += (double) v * v;
    }
    return Math.sqrt(sum);
  }

  private static double lossAt(Trainee t, Parameter p, float[] direction, float step) {
    float[] kept = p.values().toArray(JAVA_FLOAT);
    for (int i = 0; i < kept.length; i++) {
      p.values().setAtIndex(JAVA_FLOAT, i, kept[i] + step * direction[i]);
    }
    t.model.refresh();
    double loss = t.loss();
    MemorySegment.copy(kept, 0, p.values(), JAVA_FLOAT, 0, kept.length);
    t.model.refresh();
    return loss;
  }

  @ParameterizedTest
  @MethodSource("specs")
  void servingGivesTheSameBitsOnAnyNumberOfThreads(ModelSpec spec) {
    Path file = base(spec, QuantType.Q8_0);
    try (Trainee one = trainee(adapted(file, false, targets(spec)), 1);
        Trainee two = trainee(adapted(file, false, targets(spec)), 2);
        EagerOps eager =
            new EagerOps(
                spec, Kernels.forIsa(Isa.best()), one.parallel, QuantType.F32, one.cache)) {
      double loss = one.lossAndGradients();
      assertThat(two.lossAndGradients()).isEqualTo(loss);
      assertThat(gradients(two.model)).isEqualTo(gradients(one.model));

      LogProbs taped = one.forward();
      Tensor logits = one.model.transformer().forward(one.batch.batch(), one.cache, eager);
      LogProbs served = LogProbs.of(one.tape, logits, one.batch.targets());
      assertThat(served.values()).isEqualTo(taped.values());
    }
  }

  /** Quantised weights are dequantised by tiles: the same gradients as from f32. */
  @ParameterizedTest
  @MethodSource("specs")
  void quantisedWeightsGiveTheGradientsOfTheirValues(ModelSpec spec) {
    Path file = base(wide(spec), QuantType.Q4_0);
    List<String> targets = targets(spec);
    try (Trainee packed = trainee(adapted(file, false, targets), 1);
        Trainee plain = trainee(adapted(file, true, targets), 1)) {
      assertThat(packed.lossAndGradients()).isCloseTo(plain.lossAndGradients(), within(1e-5));
      float[] expected = gradients(plain.model);
      float[] got = gradients(packed.model);
      for (int i = 0; i < got.length; i++) {
        assertThat(got[i]).isCloseTo(expected[i], within(1e-5f));
      }
    }
  }

  /** The same with rows that fill blocks of 32. */
  private static ModelSpec wide(ModelSpec s) {
    List<FfnSpec> ffn =
        s.ffn().stream()
            .map(f ->
                f instanceof FfnSpec.Moe m
                    ? new FfnSpec.Moe(
                        m.experts(),
                        m.used(),
                        32,
                        m.sharedHidden() == 0 ? 0 : 32,
                        m.gate(),
                        m.normalise(),
                        m.scale(),
                        m.groups(),
                        m.groupsUsed())
                    : (FfnSpec) new FfnSpec.Dense(64))
            .toList();
    AttentionSpec attention =
        switch (s.attention()) {
          case AttentionSpec.Gqa g -> new AttentionSpec.Gqa(4, 2, 16);
          case AttentionSpec.Mla m ->
              new AttentionSpec.Mla(2, m.qLora() > 0 ? 32 : 0, 32, 10, 6, 16, m.scale());
        };
    int rotated = attention instanceof AttentionSpec.Mla ? 6 : 16;
    return new ModelSpec(
        s.architecture(),
        s.name(),
        32,
        s.vocab(),
        s.context(),
        s.normEps(),
        attention,
        new io.tiefsee.model.RopeSpec(
            rotated, s.rope().theta(), s.rope().adjacent(), s.rope().scaling()),
        ffn);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void writtenReadAndMergedItIsTheSameModel(ModelSpec spec) throws Exception {
    Path file = base(spec, QuantType.F32);
    Path folder = Files.createDirectory(temp.resolve("adapter"));
    Path merged = temp.resolve("merged.gguf");
    float[] expected;
    try (Trainee t = trainee(adapted(file, false, targets(spec)), 1)) {
      t.model.lora().orElseThrow().write(folder, "base.gguf");
      expected = t.forward().values();
    }
    LoraMerge.write(file, folder, 1, merged, Optional.empty());
    try (Trainee read = trainee(read(file, folder), 1);
        Trainee whole = trainee(TrainableModel.load(merged), 1);
        Trainee plain = trainee(TrainableModel.load(file), 1)) {
      assertThat(read.forward().values()).isEqualTo(expected);
      float[] now = whole.forward().values();
      float[] before = plain.forward().values();
      double moved = 0;
      for (int i = 0; i < now.length; i++) {
        assertThat(now[i]).isCloseTo(expected[i], within(2e-4f));
        moved = Math.max(moved, Math.abs(before[i] - now[i]));
      }
      assertThat(moved).isGreaterThan(0.01);
    }
  }

  /** Adapters and logits that PEFT has made; over GGUF, Llama's q and k are permuted. */
  @ParameterizedTest
  @ValueSource(strings = {"llama_tiny", "deepseek_v3_tiny_noqlora"})
  void whatPeftHasMadeGivesItsLogits(String name) throws Exception {
    Path folder = Path.of("src/test/resources/golden/peft", name);
    Path base = Golden.of(name).model();
    Path gguf = temp.resolve("base.gguf");
    try (TrainableModel model = TrainableModel.load(base)) {
      ModelFiles.writeGguf(gguf, model.transformer(), Map.of());
    }
    Path mergedFile = temp.resolve("merged.gguf");
    Path mergedFolder = temp.resolve("merged");
    LoraMerge.write(gguf, folder, 1, mergedFile, Optional.empty());
    LoraMerge.write(base, folder, 1, mergedFolder, Optional.empty());
    List<TrainableModel> models =
        List.of(
            read(base, folder),
            read(gguf, folder),
            TrainableModel.load(mergedFile),
            TrainableModel.load(mergedFolder));
    byte[] bytes = Files.readAllBytes(folder.resolve("logits.f32"));
    float[] expected = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(expected);
    for (TrainableModel model : models) {
      try (Trainee t = new Trainee(model, Isa.best(), 1)) {
        t.batch.add(
            new int[] {0, 17, 301, 5, 44, 90, 3, 200, 1}, new float[] {0, 1, 1, 1, 1, 1, 1, 1, 1});
        float[] logits = model.transformer().forward(t.batch.batch(), t.cache, t.ops).toArray();
        assertThat(logits).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
          assertThat(logits[i]).isCloseTo(expected[i], within(5e-4f));
        }
      }
    }
  }

  private static TrainableModel read(Path base, Path adapter) {
    return TrainableModel.adapt(
        base, false, Isa.best(), (m, arena) -> Lora.read(adapter, 1, m.spec(), arena));
  }

  @Test
  void onlyTheLastLayersMayLearn() {
    ModelSpec spec = Specs.dense("llama");
    Path file = base(spec, QuantType.F32);
    try (TrainableModel model =
        TrainableModel.adapt(
            file,
            false,
            Isa.best(),
            (m, arena) -> Lora.create(m, new Lora.Targets(List.of("q_proj"), 1), 3, 6, 7, arena))) {
      assertThat(model.parameters().list())
          .extracting(Parameter::name)
          .containsExactly(
              "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight",
              "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight");
    }
  }

  @Test
  void whatDoesNotFitIsNamed() throws Exception {
    Path file = base(Specs.dense("llama"), QuantType.F32);
    assertThatThrownBy(() -> adapted(file, false, List.of("kv_b_proj")).close())
        .isInstanceOf(BadInput.class)
        .hasMessage(
            "the model has no projection kv_b_proj; it has down_proj, gate_proj, k_proj, o_proj,"
                + " q_proj, up_proj, v_proj");
    Path folder = Files.createDirectory(temp.resolve("adapter"));
    Path other = temp.resolve("other.gguf");
    try (TrainableModel model = adapted(file, false, List.of("v_proj"));
        TrainableModel wider = TrainableModel.random(wide(Specs.dense("llama")), false, 0.1, 1)) {
      model.lora().orElseThrow().write(folder, "base.gguf");
      ModelFiles.writeGguf(other, wider.transformer(), Map.of());
    }
    assertThatThrownBy(
            () -> LoraMerge.write(other, folder, 1, temp.resolve("m.gguf"), Optional.empty()))
        .isInstanceOf(BadInput.class)
        .hasMessage(
            "the adapter of model.layers.0.self_attn.v_proj is for [24, 28], but the model's matrix"
                + " is [32, 32]");
    Files.writeString(folder.resolve("adapter_config.json"), "{\"peft_type\":\"IA3\"}");
    assertThatThrownBy(
            () -> LoraMerge.write(file, folder, 1, temp.resolve("m.gguf"), Optional.empty()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("it is of the kind IA3, not LORA");
  }
}
