package io.tiefsee.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files mutated by the thousand: they open or are refused in one line, and that is all. */
@Timeout(60)
class HeaderFuzzTest {
  private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long[] NUMBERS = {
    0,
    1,
    2,
    4,
    9,
    31,
    32,
    255,
    256,
    65536,
    -1,
    -2,
    1L << 31,
    (1L << 31) - 1,
    1L << 32,
    1L << 40,
    1L << 61,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    0x2020202020202020L
  };

  @TempDir Path dir;

  /** What is loaded and compiled at first use would count as memory that a file takes. */
  @BeforeAll
  static void warmUp() {
    for (String model : List.of("deepseek_v3_tiny_fp8", "gguf/llama_tiny.Q4_0.gguf")) {
      Weights.open(Golden.path(model)).close();
    }
    assertThatThrownBy(() -> Json.parse("this is", new byte[] {'{', 'x'}))
        .isInstanceOf(BadInput.class);
  }

  private static byte[] mutate(byte[] whole, int header, Random random) {
    byte[] b = whole.clone();
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      int at = random.nextInt(Math.min(header, b.length));
      switch (random.nextInt(7)) {
        case 0 -> b[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> b[at] = (byte) random.nextInt();
        case 2 -> number(b, at, NUMBERS[random.nextInt(NUMBERS.length)], 8);
        case 3 -> number(b, at, NUMBERS[random.nextInt(NUMBERS.length)], 4);
        case 4 -> number(b, at, random.nextInt(2 * b.length), 8);
        case 5 -> {
          int to = random.nextInt(Math.min(header, b.length));
          int length = Math.min(random.nextInt(64), b.length - Math.max(at, to));
          System.arraycopy(b, at, b, to, length);
        }
        default -> {
          // Cut or doubled: everything behind moves.
          int from = Math.min(b.length, at + random.nextInt(16));
          byte[] tail = Arrays.copyOfRange(b, random.nextBoolean() ? from : at, b.length);
          byte[] joined = Arrays.copyOf(b, from + tail.length);
          System.arraycopy(tail, 0, joined, from, tail.length);
          b = random.nextInt(4) == 0 ? Arrays.copyOf(b, Math.max(1, at)) : joined;
        }
      }
    }
    return b;
  }

  private static void number(byte[] b, int at, long value, int bytes) {
    for (int i = 0; i < bytes && at + i < b.length; i++) {
      b[at + i] = (byte) (value >> 8 * i);
    }
  }

  /** Opens, reads the ends of every tensor, and returns whether that went well. */
  private static boolean survives(Path path, long size, String what) {
    long before = MEMORY.getCurrentThreadAllocatedBytes();
    boolean opened = false;
    try (Weights w = Weights.open(path)) {
      for (TensorInfo t : w.tensors()) {
        Matrix m = w.get(t.name());
        assertThat(m.elements() * t.type().blockBytes() / t.type().blockElements())
            .isEqualTo(t.bytes())
            .isLessThanOrEqualTo(size);
        float[] y = new float[m.cols()];
        Dequantize.row(m, 0, MemorySegment.ofArray(y));
        Dequantize.row(m, m.rows() - 1, MemorySegment.ofArray(y));
      }
      opened = true;
    } catch (BadInput e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n").hasSizeLessThan(1000);
    } catch (RuntimeException | Error e) {
      fail(what + " gave " + e, e);
    }
    long allocated = MEMORY.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).as(what).isLessThan(2_000_000 + 100 * size);
    return opened;
  }

  private static byte[] gguf(Path path) throws IOException {
    new GgufWriter()
        .metadata("general.architecture", "llama")
        .metadata("general.alignment", 64L)
        .metadata("llama.block_count", 2L)
        .metadata("llama.rope.freq_base", 1e4f)
        .metadata("flag", true)
        .metadata("f64", 0.5)
        .metadata("i64", -5L)
        .metadata("tokens", new String[] {"a", "bc", "", "ü", "long token"})
        .metadata("types", new int[] {1, 2, 3})
        .metadata("longs", new long[] {1, 2, 3})
        .metadata("scores", new float[] {1, 2, 3})
        .metadata("doubles", new double[] {1, 2})
        .metadata("flags", new boolean[] {true, false})
        .metadata("nested", List.of(List.of(new int[] {1}), List.of((Object) new String[] {"x"})))
        .tensor(Matrix.of("f32", QuantType.F32, 3, 5, MemorySegment.ofArray(new float[15])))
        .tensor(Matrix.of("norm", QuantType.F32, 1, 5, MemorySegment.ofArray(new float[5])))
        .tensor(Matrix.of("f16", QuantType.F16, 2, 7, MemorySegment.ofArray(new byte[28])))
        .tensor(Matrix.of("q4", QuantType.Q4_0, 4, 64, MemorySegment.ofArray(new byte[144])))
        .tensor(
            TensorInfo.of("experts", QuantType.Q8_0, List.of(2L, 3L, 32L)),
            sink -> sink.write(MemorySegment.ofArray(new byte[204])))
        .write(path);
    return Files.readAllBytes(path);
  }

  private static int ggufHeader(byte[] file) {
    // Up to the last tensor's offset; what follows is data.
    int at = file.length - 1;
    String name = "experts";
    while (!new String(
            file, at, Math.min(name.length(), file.length - at), StandardCharsets.ISO_8859_1)
        .equals(name)) {
      at--;
    }
    return at + name.length() + 4 + 3 * 8 + 4 + 8;
  }

  @Test
  void mutatedGguf() throws IOException {
    Path path = dir.resolve("m.gguf");
    byte[] whole = gguf(path);
    int header = ggufHeader(whole);
    assertThat(survives(path, whole.length, "the file itself")).isTrue();
    Random random = new Random(1);
    int opened = 0;
    int n = 4000;
    for (int i = 0; i < n; i++) {
      byte[] mutated = mutate(whole, header, random);
      Files.write(path, mutated);
      opened += survives(path, mutated.length, "GGUF mutation " + i) ? 1 : 0;
    }
    assertThat(opened).as("mutations that stay valid").isBetween(n / 50, n / 2);
  }

  @Test
  void truncatedGguf() throws IOException {
    Path path = dir.resolve("m.gguf");
    byte[] whole = gguf(path);
    int header = ggufHeader(whole);
    for (int size = 0; size <= header; size++) {
      Files.write(path, Arrays.copyOf(whole, size));
      assertThat(survives(path, size, "GGUF of " + size + " bytes")).isFalse();
    }
  }

  private static byte[] safetensors(Path path) throws IOException {
    Matrix fp8 =
        new Matrix(
            "w",
            QuantType.FP8_E4M3,
            Layout.ROWS,
            130,
            3,
            MemorySegment.ofArray(new byte[390]),
            MemorySegment.ofArray(new float[2]));
    new SafetensorsWriter()
        .metadata("format", "pt")
        .tensor(fp8)
        .tensor(Matrix.of("f32", QuantType.F32, 3, 5, MemorySegment.ofArray(new float[15])))
        .tensor(Matrix.of("bf16", QuantType.BF16, 2, 7, MemorySegment.ofArray(new byte[28])))
        .write(path);
    return Files.readAllBytes(path);
  }

  @Test
  void mutatedSafetensors() throws IOException {
    Path path = dir.resolve("model.safetensors");
    Files.writeString(dir.resolve("config.json"), "{\"model_type\":\"llama\"}");
    byte[] whole = safetensors(path);
    int header = 8 + (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(survives(dir, whole.length, "the file itself")).isTrue();
    Random random = new Random(2);
    int opened = 0;
    int n = 4000;
    for (int i = 0; i < n; i++) {
      // Some mutations hit only the length of the header.
      byte[] mutated = mutate(whole, random.nextInt(8) == 0 ? 8 : header, random);
      Files.write(path, mutated);
      opened += survives(dir, mutated.length, "safetensors mutation " + i) ? 1 : 0;
    }
    assertThat(opened).as("mutations that stay valid").isBetween(n / 100, n / 2);
  }

  @Test
  void mutatedNumbersInSafetensors() throws IOException {
    Path path = dir.resolve("model.safetensors");
    Files.writeString(dir.resolve("config.json"), "{}");
    byte[] whole = safetensors(path);
    int header = 8 + (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Random random = new Random(3);
    for (int i = 0; i < 1500; i++) {
      byte[] mutated = whole.clone();
      for (int k = 8; k < header; k++) {
        if (mutated[k] >= '0' && mutated[k] <= '9' && random.nextInt(20) == 0) {
          mutated[k] = (byte) "0123456789-.eE\",[]{}".charAt(random.nextInt(20));
        }
      }
      Files.write(path, mutated);
      survives(dir, mutated.length, "safetensors numbers " + i);
    }
  }

  @Test
  void mutatedIndexAndConfig() throws IOException {
    safetensors(dir.resolve("a.safetensors"));
    byte[] index =
        "{\"metadata\":{\"total_size\":1},\"weight_map\":{\"w\":\"a.safetensors\",\"f32\":\"a.safetensors\"}}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] config =
        "{\"model_type\":\"llama\",\"hidden_size\":64,\"eps\":1e-6,\"a\":[1,null,{\"b\":[]}]}"
            .getBytes(StandardCharsets.UTF_8);
    Random random = new Random(4);
    int opened = 0;
    for (int i = 0; i < 1000; i++) {
      boolean first = random.nextBoolean();
      Files.write(
          dir.resolve("model.safetensors.index.json"),
          first ? mutate(index, index.length, random) : index);
      Files.write(
          dir.resolve("config.json"), first ? config : mutate(config, config.length, random));
      opened += survives(dir, 2000, "index or config " + i) ? 1 : 0;
    }
    assertThat(opened).isBetween(20, 750);
  }
}
