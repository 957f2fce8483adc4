package io.tiefsee.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class HuggingFaceFolderTest {
  @TempDir Path dir;

  @BeforeEach
  void config() throws IOException {
    Files.writeString(dir.resolve("config.json"), "{}");
  }

  private static float[] row(Weights w, String name, int row) {
    Matrix m = w.get(name);
    float[] y = new float[m.cols()];
    Dequantize.row(m, row, MemorySegment.ofArray(y));
    return y;
  }

  @Test
  void dequantisesFp8AsTheReference() {
    JsonNode samples =
        Json.read(Golden.path("deepseek_v3_tiny_fp8/expected.json")).get("dequantised_samples");
    assertThat(samples.size()).isPositive();
    try (Weights w = Weights.open(Golden.path("deepseek_v3_tiny_fp8"))) {
      for (Map.Entry<String, JsonNode> e : samples.properties()) {
        JsonNode sample = e.getValue();
        Matrix m = w.get(e.getKey());
        assertThat(m.type()).isEqualTo(QuantType.FP8_E4M3);
        assertThat(m.rows()).isEqualTo(sample.get("shape").get(0).intValue());
        assertThat(m.cols()).isEqualTo(sample.get("shape").get(1).intValue());
        for (int i = 0; i < sample.get("rows").size(); i++) {
          float[] y = row(w, e.getKey(), sample.get("rows").get(i).intValue());
          for (int j = 0; j < sample.get("cols").size(); j++) {
            assertThat(y[sample.get("cols").get(j).intValue()])
                .isEqualTo((float) sample.get("values").get(i).get(j).doubleValue());
          }
        }
        double sum = 0;
        double sumAbs = 0;
        for (int r = 0; r < m.rows(); r++) {
          for (float v : row(w, e.getKey(), r)) {
            sum += v;
            sumAbs += Math.abs(v);
          }
        }
        assertThat(sum).isCloseTo(sample.get("sum").doubleValue(), within(1e-6 * sumAbs));
        assertThat(sumAbs).isCloseTo(sample.get("sum_abs").doubleValue(), within(1e-6 * sumAbs));
      }
    }
  }

  @Test
  void readsShardsAndConfig() {
    try (Weights w = Weights.open(Golden.path("deepseek_v3_tiny_fp8"))) {
      assertThat(w).isInstanceOf(HuggingFaceFolder.class);
      assertThat(w.metadata())
          .containsEntry("model_type", "deepseek_v3")
          .containsEntry("hidden_size", 192L)
          .containsEntry("rms_norm_eps", 1e-6)
          .containsEntry("norm_topk_prob", true)
          .containsEntry("architectures", List.of("DeepseekV3ForCausalLM"));
      assertThat(w.metadata().get("rope_scaling")).isInstanceOf(Map.class);
      assertThat(w.bytes()).isEqualTo(3699760);
      assertThat(w.get("model.embed_tokens.weight").type()).isEqualTo(QuantType.BF16);
      assertThat(w.get("model.norm.weight").rows()).isEqualTo(1);
    }
  }

  @Test
  void opensAFolderOfTokenizerFilesOnly() throws IOException {
    Files.move(dir.resolve("config.json"), dir.resolve("tokenizer_config.json"));
    Files.writeString(
        dir.resolve("generation_config.json"), "{\"temperature\": 0.6, \"eos_token_id\": [1, 2]}");
    try (HuggingFaceFolder w = HuggingFaceFolder.open(dir)) {
      assertThat(w.names()).isEmpty();
      assertThat(w.metadata()).isEmpty();
      assertThat(w.generationConfig())
          .containsEntry("temperature", 0.6)
          .containsEntry("eos_token_id", List.of(1L, 2L));
      assertThatThrownBy(() -> w.get("lm_head.weight"))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("lacks the tensor lm_head.weight: it has no weights at all");
    }
  }

  @Test
  void readsWhatItWrites() {
    byte[] codes = new byte[130 * 200];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) (i % 127);
    }
    float[] scales = {1, 2, 3, 4};
    Matrix fp8 =
        new Matrix(
            "a.weight",
            QuantType.FP8_E4M3,
            Layout.ROWS,
            130,
            200,
            MemorySegment.ofArray(codes),
            MemorySegment.ofArray(scales));
    float[] bias = {1, -2, 3};
    new SafetensorsWriter()
        .metadata("format", "pt")
        .tensor(fp8)
        .tensor(Matrix.of("half", QuantType.F16, 1, 3, MemorySegment.ofArray(new short[3])))
        .tensor(Matrix.of("bias \"ü\"", QuantType.F32, 1, 3, MemorySegment.ofArray(bias)))
        .tensor(
            TensorInfo.of("cube", QuantType.F32, List.of(2L, 1L, 2L)),
            sink -> {
              sink.write(MemorySegment.ofArray(new float[] {1, 2}));
              sink.write(MemorySegment.ofArray(new float[] {3, 4}));
            })
        .write(dir.resolve("model.safetensors"));
    try (Weights w = Weights.open(dir)) {
      assertThat(w.names())
          .containsExactlyInAnyOrder(
              "a.weight", "a.weight_scale_inv", "half", "bias \"ü\"", "cube");
      assertThat(row(w, "bias \"ü\"", 0)).containsExactly(bias);
      assertThat(row(w, "cube", 1)).containsExactly(3, 4);
      float[] want = new float[200];
      Dequantize.row(fp8, 129, MemorySegment.ofArray(want));
      assertThat(row(w, "a.weight", 129)).containsExactly(want);
      for (String name : w.names()) {
        Matrix m = w.get(name);
        assertThat(m.data().address() % m.type().blockBytes()).isZero();
      }
    }
  }

  private Path raw(String header, int dataBytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return raw(text.length, text, dataBytes);
  }

  private Path raw(long length, byte[] text, int dataBytes) throws IOException {
    Path file = dir.resolve("model.safetensors");
    ByteBuffer b = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, b.putLong(length).put(text).array());
    return file;
  }

  private void refused(String header, int dataBytes, String... messages) throws IOException {
    raw(header, dataBytes);
    refused(messages);
  }

  private void refused(String... messages) {
    assertThatThrownBy(() -> Weights.open(dir).close())
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(messages)
        .hasMessageNotContaining("\n");
  }

  private static String tensor(String name, String dtype, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
        .formatted(name, dtype, shape, offsets);
  }

  @Test
  void saysWhatIsWrongWithAHeader() throws IOException {
    String model = "model.safetensors: ";
    raw(1L << 60, new byte[20], 0);
    refused(model, "the header's length is 1152921504606846976 in a file of 28 bytes");
    raw(-1, new byte[20], 0);
    refused(model, "18446744073709551615");
    Files.write(dir.resolve("model.safetensors"), new byte[3]);
    refused(model, "it has only 3 bytes");
    refused("[1]", 0, model, "no JSON object");
    refused("{\"a\":", 0, model, "no valid JSON (line 1");
    refused("[".repeat(5000), 0, model, "no valid JSON");
    raw(4, new byte[] {'{', '"', (byte) 0xff, '}'}, 0);
    refused(model, "no valid JSON");
    String t = tensor("t", "F32", "[2]", "[0,8]");
    refused("{" + t + "," + t + "}", 8, model, "no valid JSON", "Duplicate");
    refused("{" + t + "}", 7, "tensor t lies at 0 to 8 of 7 bytes", "truncated");
    refused("{" + tensor("t", "F32", "[3]", "[0,8]") + "}", 8, "has 8 bytes, but F32", "takes 12");
    refused("{" + tensor("t", "F32", "[0]", "[0,0]") + "}", 8, "impossible shape [0]");
    refused("{" + tensor("t", "F32", "[-1]", "[0,8]") + "}", 8, "no proper shape");
    refused("{" + tensor("t", "F32", "[1.5]", "[0,8]") + "}", 8, "no proper shape");
    refused("{" + tensor("t", "F32", "7", "[0,8]") + "}", 8, "no proper shape");
    refused("{" + tensor("t", "F32", "[2]", "[8,0]") + "}", 8, "lies at 8 to 0");
    refused("{" + tensor("t", "F32", "[2]", "[0]") + "}", 8, "lacks its data_offsets");
    refused("{" + tensor("t", "F32", "[2]", "[0,9e99]") + "}", 8, "no proper data_offsets");
    refused(
        "{" + tensor("t", "F32", "[4294967296,4294967296]", "[0,8]") + "}", 8, "impossible shape");
    refused("{" + t + "," + tensor("u", "F32", "[1]", "[4,8]") + "}", 8, "t and u overlap");
  }

  @Test
  void namesTensorsThatHoldNoWeights() throws IOException {
    raw("{" + tensor("ids", "I64", "[1]", "[0,8]") + "}", 8);
    try (Weights w = Weights.open(dir)) {
      assertThat(w.names()).isEmpty();
      assertThatThrownBy(() -> w.find("ids"))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("tensor ids has the type I64");
    }
  }

  @Test
  void refusesFp8WithoutMatchingScales() throws IOException {
    raw("{" + tensor("w", "F8_E4M3", "[2,4]", "[0,8]") + "}", 8);
    try (Weights w = Weights.open(dir)) {
      assertThatThrownBy(() -> w.get("w"))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("FP8 tensor w has no F32 tensor of its name plus _scale_inv");
    }
    raw(
        "{"
            + tensor("w", "F8_E4M3", "[2,4]", "[0,8]")
            + ","
            + tensor("w_scale_inv", "F32", "[1,2]", "[8,16]")
            + "}",
        16);
    try (Weights w = Weights.open(dir)) {
      assertThatThrownBy(() -> w.get("w"))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("have the shape [1, 2], but blocks of 128 × 128 need [1, 1]");
    }
  }

  /** Old files do not align their data; kernels still get aligned numbers. */
  @Test
  void alignsWhatTheFileDoesNot() throws IOException {
    String header = "{" + tensor("t", "F32", "[2]", "[1,9]") + "}";
    Path file = raw(header, 9);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, 7f);
    Files.write(file, bytes);
    try (Weights w = Weights.open(dir)) {
      assertThat(w.get("t").data().address() % 4).isZero();
      assertThat(row(w, "t", 0)).containsExactly(0, 7);
    }
  }

  private void index(String json) throws IOException {
    Files.writeString(dir.resolve("model.safetensors.index.json"), json);
  }

  @Test
  void refusesABrokenIndex() throws IOException {
    index("{}");
    refused("model.safetensors.index.json: there is no weight_map");
    index("{\"weight_map\":{\"t\":\"one.safetensors\"}}");
    refused("a shard is missing", "one.safetensors");
    index("{\"weight_map\":{\"t\":\"../../etc/passwd\"}}");
    refused("../../etc/passwd is not the name of a safetensors file");
    index("{\"weight_map\":{\"t\":7}}");
    refused("is not the name of a safetensors file");
    index("{\"weight_map\":{\"t\":\"a\\u0000.safetensors\"}}");
    refused("a?.safetensors");
    for (String shard : List.of("one", "two")) {
      new SafetensorsWriter()
          .tensor(Matrix.of("t", QuantType.F32, 1, 1, MemorySegment.ofArray(new float[1])))
          .tensor(Matrix.of(shard, QuantType.F32, 1, 1, MemorySegment.ofArray(new float[1])))
          .write(dir.resolve(shard + ".safetensors"));
    }
    index("{\"weight_map\":{\"t\":\"one.safetensors\",\"two\":\"two.safetensors\"}}");
    refused("two.safetensors", "tensor t is already in another shard");
    index("{\"weight_map\":{\"t\":\"one.safetensors\",\"x\":\"one.safetensors\"}}");
    refused("tensor x should be in one.safetensors, but is not");
    index("{\"weight_map\":{\"t\":\"one.safetensors\",\"one\":\"one.safetensors\"}}");
    try (Weights w = Weights.open(dir)) {
      assertThat(w.names()).containsExactlyInAnyOrder("t", "one");
    }
  }

  @Test
  void refusesABrokenConfig() throws IOException {
    Files.writeString(dir.resolve("config.json"), "{\"a\": tru}");
    refused("config.json: ", "no valid JSON (line 1, column");
    Files.writeString(dir.resolve("config.json"), "{\"a\": 1} x");
    refused("config.json: ", "no valid JSON");
    Files.writeString(dir.resolve("config.json"), "3");
    refused("config.json: ", "no JSON object");
  }
}
