package io.tiefsee.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.format.GgufFile;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SyntheticModelTest {
  @TempDir Path folder;

  static Stream<ModelShape> tinyShapes() {
    ModelShape tiny = ModelShape.preset("tiny");
    ModelShape latent = ModelShape.preset("v3-tiny");
    return Stream.of(tiny, like(tiny, "qwen2"), like(tiny, "qwen3"), latent, latent.withJoinedKv());
  }

  private static ModelShape like(ModelShape s, String architecture) {
    return new ModelShape(
        architecture,
        s.vocab(),
        s.dim(),
        s.layers(),
        s.context(),
        s.heads(),
        s.kvHeads(),
        s.headDim(),
        s.hidden(),
        s.ropeBase(),
        s.tied(),
        Optional.empty(),
        Optional.empty());
  }

  @ParameterizedTest
  @MethodSource("tinyShapes")
  void anArchitectureLoadsAndAnswers(ModelShape shape) throws Exception {
    Path file = write(shape, "Q4_K_M", 0);
    EngineOptions options = EngineOptions.defaults().withContextLength(64).withThreads(2);
    try (Engine engine = Engine.open(file, options)) {
      assertThat(engine.spec().dim()).isEqualTo(shape.dim());
      assertThat(engine.spec().vocab()).isEqualTo(shape.vocab());
      assertThat(engine.spec().layers()).isEqualTo(shape.layers());
      SamplingParams params =
          SamplingParams.GREEDY.toBuilder().maxTokens(8).ignoreEos(true).build();
      int[] answer = engine.submit(new int[] {1, 2, 3}, params).await();
      assertThat(answer).hasSize(8);
      // The numbers that come out are sane and differ from token to token.
      engine.logits(
          new int[] {5, 6, 7},
          3,
          (position, logits, row) -> {
            float[] all = Arrays.copyOf(logits.rows(row, row + 1).toArray(), shape.vocab());
            double mean = 0;
            for (float v : all) {
              assertThat(v).isFinite();
              mean += v / all.length;
            }
            double variance = 0;
            for (float v : all) {
              variance += (v - mean) * (v - mean) / all.length;
            }
            assertThat(Math.sqrt(variance)).isBetween(0.1, 10.0);
          });
    }
  }

  @Test
  void latentAttentionAndExpertsHaveTheShapesOfV3() throws IOException {
    Path file = write(ModelShape.preset("v3-tiny"), "Q4_K_M", 0);
    try (Engine engine = Engine.open(file, EngineOptions.defaults().withContextLength(64))) {
      AttentionSpec.Mla mla = (AttentionSpec.Mla) engine.spec().attention();
      assertThat(mla.qLora()).isEqualTo(256);
      assertThat(mla.kvLora()).isEqualTo(256);
      assertThat(mla.nope()).isEqualTo(64);
      assertThat(mla.rope()).isEqualTo(32);
      assertThat(mla.value()).isEqualTo(64);
      assertThat(engine.spec().ffn().getFirst()).isInstanceOf(FfnSpec.Dense.class);
      FfnSpec.Moe moe = (FfnSpec.Moe) engine.spec().ffn().getLast();
      assertThat(moe.experts()).isEqualTo(16);
      assertThat(moe.used()).isEqualTo(4);
      assertThat(moe.groups()).isEqualTo(4);
      assertThat(moe.groupsUsed()).isEqualTo(2);
      assertThat(moe.gate()).isEqualTo(FfnSpec.Gate.SIGMOID);
    }
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {
        "F32", "F16", "BF16", "Q4_0", "Q8_0", "Q2_K", "Q6_K", "IQ4_NL", "IQ4_XS", "IQ2_XXS"
      })
  void everyMatrixHasTheTypeAndDeviationAskedFor(String type) throws IOException {
    Path file = write(ModelShape.preset("tiny"), type, 0);
    try (GgufFile weights = GgufFile.open(file)) {
      var m = weights.get("blk.1.ffn_up.weight");
      assertThat(m.type()).isEqualTo(QuantType.valueOf(type));
      float[] row = new float[m.cols()];
      double squares = 0;
      for (int r = 0; r < m.rows(); r++) {
        io.tiefsee.kernel.scalar.Dequantize.row(m, r, java.lang.foreign.MemorySegment.ofArray(row));
        for (float v : row) {
          squares += (double) v * v / m.elements();
        }
      }
      assertThat(Math.sqrt(squares) * Math.sqrt(m.cols())).isBetween(0.7, 1.4);
    }
  }

  @Test
  void theVocabularyCoversEveryText() throws IOException {
    Path file = write(ModelShape.preset("tiny"), "Q4_0", 0);
    try (GgufFile weights = GgufFile.open(file)) {
      Tokenizer tokenizer = Tokenizer.fromGguf(weights.metadata());
      String text = "then the ocean: Tiefsee, größer – 深海\n\t\0";
      int[] ids = tokenizer.encode(text, false);
      assertThat(tokenizer.decode(ids)).isEqualTo(text);
      assertThat(ids.length)
          .isLessThan(text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
      assertThat(tokenizer.vocabSize()).isEqualTo(512);
    }
  }

  @Test
  void aSeedGivesTheSameFile() throws IOException {
    byte[] first = Files.readAllBytes(write(ModelShape.preset("tiny"), "Q4_0", 7));
    byte[] same = Files.readAllBytes(write(ModelShape.preset("tiny"), "Q4_0", 7));
    byte[] other = Files.readAllBytes(write(ModelShape.preset("tiny"), "Q4_0", 8));
    assertThat(same).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
  }

  @Test
  void whatIsUnknownIsSaidInOneLine() {
    assertThatThrownBy(() -> ModelShape.preset("r2")).isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> TypeMix.of("Q9_Z")).isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> ModelShape.preset("tiny").withVocab(10)).isInstanceOf(BadInput.class);
  }

  private Path write(ModelShape shape, String types, long seed) {
    Path file = folder.resolve(shape.architecture() + seed + ".gguf");
    new SyntheticModel(shape, TypeMix.of(types), seed).write(file);
    return file;
  }
}
