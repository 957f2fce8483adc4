package io.tiefsee.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.kernel.scalar.Quantize;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Utf8Strings;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {
  @TempDir Path dir;

  private static TensorInfo info(String name, QuantType type, Long... shape) {
    return TensorInfo.of(name, type, List.of(shape));
  }

  private static TensorData floats(float... values) {
    return sink -> sink.write(MemorySegment.ofArray(values));
  }

  private static float[] row(Weights w, String name, int row) {
    Matrix m = w.get(name);
    float[] y = new float[m.cols()];
    Dequantize.row(m, row, MemorySegment.ofArray(y));
    return y;
  }

  @Test
  void readsAReferenceFile() {
    try (Weights w = Weights.open(Golden.path("gguf/deepseek_v3_256.mixed.gguf"))) {
      assertThat(w).isInstanceOf(GgufFile.class);
      assertThat(w.metadata())
          .containsEntry("general.architecture", "deepseek2")
          .containsEntry("deepseek2.context_length", 512L)
          .containsEntry("deepseek2.rope.freq_base", 10000f)
          .containsEntry("deepseek2.expert_weights_norm", true);
      assertThat((Utf8Strings) w.metadata().get("tokenizer.ggml.tokens")).hasSize(512);
      assertThat((int[]) w.metadata().get("tokenizer.ggml.token_type")).hasSize(512);
      assertThat(w.tensors()).hasSize(34).hasSameSizeAs(w.names());
      TensorInfo experts =
          w.tensors().stream()
              .filter(t -> t.name().equals("blk.1.ffn_gate_exps.weight"))
              .findFirst()
              .orElseThrow();
      assertThat(experts.shape()).containsExactly(8L, 256L, 256L);
      Matrix m = w.get("blk.1.ffn_gate_exps.weight");
      assertThat(m.rows()).isEqualTo(8 * 256);
      assertThat(m.cols()).isEqualTo(256);
      assertThat(m.type()).isEqualTo(experts.type());
      Matrix norm = w.get("output_norm.weight");
      assertThat(norm.rows()).isEqualTo(1);
      assertThat(norm.cols()).isEqualTo(256);
      assertThat(w.bytes()).isEqualTo(w.tensors().stream().mapToLong(TensorInfo::bytes).sum());
      assertThat(w.find("nothing")).isEmpty();
      assertThatThrownBy(() -> w.get("nothing"))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("mixed.gguf lacks the tensor nothing");
    }
  }

  private static void assertSame(Map<String, Object> got, Map<String, Object> want) {
    assertThat(got.keySet()).containsExactlyElementsOf(want.keySet());
    want.forEach((key, value) ->
        assertThat(Objects.deepEquals(arrays(got.getOrDefault(key, "absent")), arrays(value)))
            .as(key)
            .isTrue());
  }

  /** Lists as arrays, so that arrays in them are compared by their elements. */
  private static Object arrays(Object value) {
    return value instanceof List<?> l ? l.stream().map(GgufFileTest::arrays).toArray() : value;
  }

  @Test
  void closingUnmaps() {
    Weights w = Weights.open(Golden.path("gguf/llama_tiny.Q4_0.gguf"));
    Matrix m = w.get("output_norm.weight");
    w.close();
    w.close();
    assertThatThrownBy(() -> m.data().get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  /** The reference quantised the same f32 checkpoint: both give the same bytes. */
  @ParameterizedTest
  @CsvSource({
    "llama_tiny.Q4_0.gguf, blk.1.ffn_down.weight, model.layers.1.mlp.down_proj.weight",
    "llama_tiny.Q5_1.gguf, blk.2.ffn_up.weight, model.layers.2.mlp.up_proj.weight",
    "llama_tiny.Q5_1.gguf, token_embd.weight, model.embed_tokens.weight"
  })
  void quantisesAsTheReference(String file, String name, String source) {
    try (Weights gguf = Weights.open(Golden.path("gguf/" + file));
        Weights folder = Weights.open(Golden.path("llama_tiny"))) {
      Matrix want = gguf.get(name);
      assertThat(want.type().isFloat()).isFalse();
      byte[] got = new byte[(int) want.rowBytes()];
      for (int r = 0; r < want.rows(); r++) {
        float[] x = row(folder, source, r);
        Quantize.blocks(want.type(), x, 0, x.length, MemorySegment.ofArray(got), 0);
        assertThat(got)
            .isEqualTo(
                want.data()
                    .asSlice(want.rowOffset(r), want.rowBytes())
                    .toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 32, 256})
  void readsWhatItWrites(int alignment) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("text", "Grüße, 世界 🌊");
    values.put("empty", "");
    values.put("u32", 0xffffffffL);
    values.put("i64", Long.MIN_VALUE);
    values.put("f32", 1e-5f);
    values.put("f64", Math.PI);
    values.put("yes", true);
    values.put("ints", new int[] {1, -2, Integer.MIN_VALUE});
    values.put("longs", new long[] {Long.MAX_VALUE, 0});
    values.put("floats", new float[] {0.5f, Float.NaN});
    values.put("doubles", new double[] {0.1, -1});
    values.put("flags", new boolean[] {true, false});
    values.put("strings", new String[] {"a", "", "\uFFFD", "ü"});
    values.put("nested", List.of(new int[] {1}, new String[] {"x"}));
    Path path = dir.resolve("written.gguf");
    float[] q = new float[3 * 64];
    for (int i = 0; i < q.length; i++) {
      q[i] = i % 16 - 8;
    }
    byte[] blocks = new byte[(int) QuantType.Q4_0.bytes(q.length)];
    Quantize.blocks(QuantType.Q4_0, q, 0, q.length, MemorySegment.ofArray(blocks), 0);
    new GgufWriter(alignment)
        .metadata(values)
        .tensor(info("experts", QuantType.F32, 2L, 3L, 1L), floats(1, 2, 3, 4, 5, 6))
        .tensor(Matrix.of("quants", QuantType.Q4_0, 3, 64, MemorySegment.ofArray(blocks)))
        .tensor(
            Matrix.of(
                "norm", QuantType.F32, 1, 5, MemorySegment.ofArray(new float[] {1, 2, 3, 4, 5})))
        .write(path);
    assertThat(dir).isDirectoryNotContaining("glob:**.part");
    try (Weights w = Weights.open(path)) {
      Map<String, Object> got = new LinkedHashMap<>(w.metadata());
      got.remove("general.alignment");
      assertSame(got, values);
      assertThat(w.names()).containsExactly("experts", "quants", "norm");
      assertThat(w.tensors().getFirst().shape()).containsExactly(2L, 3L, 1L);
      assertThat(w.tensors().getLast().shape()).containsExactly(5L);
      assertThat(row(w, "experts", 5)).containsExactly(6);
      assertThat(row(w, "norm", 0)).containsExactly(1, 2, 3, 4, 5);
      assertThat(row(w, "quants", 2)).containsExactly(Arrays.copyOfRange(q, 128, 192));
      assertThat(w.get("norm").data().address() % 4).isZero();
    }
  }

  @Test
  void copiesAReferenceFile() {
    Path copy = dir.resolve("copy.gguf");
    try (Weights w = Weights.open(Golden.path("gguf/llama_tiny.Q5_1.gguf"))) {
      GgufWriter writer = new GgufWriter().metadata(w.metadata());
      w.tensors().forEach(t -> writer.tensor(t, TensorData.of(w.get(t.name()))));
      writer.write(copy);
      try (Weights again = Weights.open(copy)) {
        assertThat(again.tensors()).isEqualTo(w.tensors());
        assertSame(again.metadata(), w.metadata());
        for (String name : w.names()) {
          assertThat(again.get(name).data().mismatch(w.get(name).data())).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void aFailedWriteLeavesTheOldFile() throws IOException {
    Path path = dir.resolve("model.gguf");
    Files.writeString(path, "old");
    GgufWriter writer =
        new GgufWriter()
            .tensor(
                info("t", QuantType.F32, 4L),
                sink -> {
                  throw new IOException("no space left on device");
                });
    assertThatThrownBy(() -> writer.write(path))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("model.gguf cannot be written: no space left on device");
    assertThat(path).hasContent("old");
    assertThat(dir).isDirectoryNotContaining("glob:**.part");
  }

  private Path part(int i, int n, int no, Consumer<GgufWriter> more) {
    Path path = dir.resolve("m-%05d-of-%05d.gguf".formatted(i, n));
    GgufWriter w =
        new GgufWriter()
            .metadata("split.count", (long) n)
            .metadata("split.no", (long) no)
            .metadata("split.tensors.count", 3)
            .metadata("who", "part " + i);
    more.accept(w);
    w.write(path);
    return path;
  }

  private static Consumer<GgufWriter> tensors(String... names) {
    return w -> {
      for (String name : names) {
        w.tensor(info(name, QuantType.F32, 1L), floats(name.length()));
      }
    };
  }

  @Test
  void joinsTheParts() {
    Path first = part(1, 3, 0, tensors("a"));
    part(2, 3, 1, tensors("bb"));
    Path last = part(3, 3, 2, tensors("ccc"));
    try (Weights w = Weights.open(first)) {
      assertThat(w.names()).containsExactly("a", "bb", "ccc");
      assertThat(row(w, "ccc", 0)).containsExactly(3);
      assertThat(w.metadata()).containsEntry("who", "part 1");
    }
    BrokenGgufTest.refuses(last, "not the first part", "m-00001-of-00003.gguf");
  }

  @Test
  void refusesPartsThatDoNotFit() throws IOException {
    Path first = part(1, 3, 0, tensors("a"));
    BrokenGgufTest.refuses(first, "part 2 of 3 is missing", "m-00002-of-00003.gguf");
    Path second = part(2, 3, 0, tensors("bb"));
    part(3, 3, 2, tensors("ccc"));
    BrokenGgufTest.refuses(first, "m-00002-of-00003.gguf", "does not call itself part 2 of 3");
    part(2, 3, 1, tensors("a"));
    BrokenGgufTest.refuses(first, "tensor a is already in another part");
    part(2, 3, 1, tensors("bb", "dddd"));
    BrokenGgufTest.refuses(first, "hold 4 tensors together, but should hold 3");
    part(2, 3, 1, tensors("bb"));
    Path renamed = dir.resolve("renamed.gguf");
    Files.copy(first, renamed);
    BrokenGgufTest.refuses(renamed, "its name does not end in -00001-of-00003.gguf");
    assertThat(second).exists();
  }

  @Test
  void writersRefuseWhatTheFormatCannotHold() {
    TensorInfo fp8 = info("t", QuantType.FP8_E4M3, 1L);
    TensorInfo scalar = info("t", QuantType.F32);
    TensorInfo one = info("t", QuantType.F32, 1L);
    assertThatThrownBy(() -> new GgufWriter().tensor(fp8, floats(1)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("GGUF has no type FP8_E4M3");
    assertThatThrownBy(() -> new GgufWriter().tensor(scalar, floats(1)))
        .isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> new GgufWriter().tensor(one, floats(1)).tensor(one, floats(1)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("two tensors are named t");
    assertThatThrownBy(
            () -> new GgufWriter().tensor(one, floats(1, 2)).write(dir.resolve("x.gguf")))
        .isInstanceOf(IllegalStateException.class);
    assertThat(dir).isEmptyDirectory();
  }
}
