package io.tiefsee.format;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are damaged, or no models at all: each is refused in one line that says why. */
class BrokenGgufTest {
  @TempDir Path dir;

  static void refuses(Path path, String... messages) {
    assertThatThrownBy(() -> Weights.open(path).close())
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(messages)
        .hasMessageNotContaining("\n");
  }

  /** Builds broken files byte by byte. */
  private static final class Raw {
    final ByteBuffer b = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

    Raw(int version, long tensors, long entries) {
      b.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(version);
      b.putLong(tensors).putLong(entries);
    }

    Raw text(String s) {
      byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
      b.putLong(utf8.length).put(utf8);
      return this;
    }

    Raw i32(int v) {
      b.putInt(v);
      return this;
    }

    Raw i64(long v) {
      b.putLong(v);
      return this;
    }

    Raw tensor(String name, int type, long offset, long... dims) {
      text(name).i32(dims.length);
      for (long n : dims) {
        i64(n);
      }
      return i32(type).i64(offset);
    }

    void refused(Path dir, String... messages) {
      Path path = dir.resolve("broken.gguf");
      try {
        Files.write(path, Arrays.copyOf(b.array(), b.position() + 256));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      refuses(path, messages);
      assertThatThrownBy(() -> Weights.open(path)).hasMessageContaining("broken.gguf");
    }
  }

  @Test
  void saysWhatIsWrongWithTheMetadata() {
    new Raw(1, 0, 0).refused(dir, "GGUF version 1 cannot be read");
    new Raw(0x03000000, 0, 0).refused(dir, "big-endian");
    new Raw(3, -1, 0).refused(dir, "18446744073709551615 tensors", "more than the file has room");
    new Raw(3, 0, 1L << 40).refused(dir, "1099511627776 metadata entries");
    new Raw(3, 0, 1).i64(1L << 33).refused(dir, "8589934592 bytes in a string");
    new Raw(3, 0, 2).text("k").i32(4).i32(1).text("k").i32(4).i32(1).refused(dir, "k twice");
    new Raw(3, 0, 1).text("k").i32(77).refused(dir, "unknown type 77");
    new Raw(3, 0, 1).text("k").i32(9).i32(8).i64(1L << 50).refused(dir, "strings in an array");
    new Raw(3, 0, 1).text("k").i32(9).i32(13).refused(dir, "array of the unknown type 13");
    new Raw(3, 0, 1).text("k").i32(7).i32(9).refused(dir, "a boolean in the header is 9");
    Raw nested = new Raw(3, 0, 1).text("k").i32(9);
    for (int i = 0; i < 20; i++) {
      nested.i32(9).i64(1);
    }
    nested.refused(dir, "nested more than 4 deep");
    Raw utf8 = new Raw(3, 0, 1).text("k").i32(8).i64(2);
    utf8.b.put((byte) 0xc3).put((byte) 0x28);
    utf8.refused(dir, "not UTF-8");
    for (int alignment : new int[] {0, 24, -32}) {
      new Raw(3, 0, 1)
          .text("general.alignment")
          .i32(4)
          .i32(alignment)
          .refused(dir, "general.alignment is ", "not a power of two");
    }
    new Raw(3, 0, 1).text("general.alignment").i32(8).text("x").refused(dir, "alignment is x");
  }

  @Test
  void saysWhatIsWrongWithTensors() {
    new Raw(3, 1, 0).tensor("t", 99, 0, 1).refused(dir, "tensor t has the type 99 (unknown)");
    new Raw(3, 1, 0).tensor("t", 26, 0, 1).refused(dir, "tensor t has the type 26 (I32)");
    new Raw(3, 1, 0).tensor("t", -1, 0, 1).refused(dir, "tensor t has the type 4294967295");
    new Raw(3, 1, 0).tensor("t", 0, 0, 4, 0).refused(dir, "impossible shape [0, 4]");
    new Raw(3, 1, 0).tensor("t", 0, 0, 0).refused(dir, "impossible shape [0]");
    new Raw(3, 1, 0).tensor("t", 0, 0, -4).refused(dir, "impossible shape [-4]");
    new Raw(3, 1, 0)
        .tensor("t", 0, 0, 1L << 31, 1L << 31, 1L << 31)
        .refused(dir, "impossible shape");
    new Raw(3, 1, 0)
        .tensor("t", 0, 0, 1 << 30, 1 << 30)
        .refused(dir, "needs 4611686018427387904 bytes", "past the end of the file");
    new Raw(3, 1, 0).tensor("t", 0, 0).refused(dir, "has 0 dimensions");
    new Raw(3, 1, 0).tensor("t", 0, 0, 1, 1, 1, 1, 1).refused(dir, "has 5 dimensions");
    new Raw(3, 1, 0).tensor("t", 2, 0, 33).refused(dir, "do not fill whole Q4_0 blocks of 32");
    new Raw(3, 1, 0).tensor("t", 0, 31, 1).refused(dir, "starts at 31, not at a multiple of 32");
    new Raw(3, 1, 0).tensor("t", 0, -32, 1).refused(dir, "starts at 18446744073709551584");
    new Raw(3, 1, 0).tensor("t", 0, 1 << 20, 1).refused(dir, "past the end of the file");
    new Raw(3, 1, 0).tensor("t", 0, Long.MAX_VALUE - 31, 1).refused(dir, "past the end");
    new Raw(3, 2, 0)
        .tensor("t", 0, 0, 1)
        .tensor("t", 0, 32, 1)
        .refused(dir, "two tensors are named t");
    new Raw(3, 2, 0)
        .tensor("a", 0, 0, 10)
        .tensor("b", 0, 32, 1)
        .refused(dir, "the tensors a and b overlap");
    new Raw(3, 1, 0).tensor("a\nb", 99, 0, 1).refused(dir, "tensor a?b has");
    new Raw(3, 1, 0).tensor("a\nb", 0, 0, 0).refused(dir, "tensor a?b has");
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    byte[] whole = Files.readAllBytes(Golden.path("gguf/llama_tiny.Q4_0.gguf"));
    Path path = dir.resolve("short.gguf");
    int[] sizes = {0, 3, 4, 10, 23, 24, 100, 5000, 14000, 20_000, whole.length / 2};
    for (int size : sizes) {
      Files.write(path, Arrays.copyOf(whole, size));
      refuses(path, "short.gguf");
    }
    // The last tensor ends before the padding.
    Files.write(path, Arrays.copyOf(whole, whole.length - 64));
    refuses(path, "past the end of the file: it is truncated or damaged");
  }

  @Test
  void refusesWhatIsNoModel() throws IOException {
    refuses(dir.resolve("nowhere"), "there is no file or folder", "nowhere");
    refuses(dir, "neither config.json nor tokenizer.json");
    Path text = dir.resolve("text");
    Files.writeString(text, "hello");
    refuses(text, "is no model: wanted a .gguf file or a Hugging Face folder");
    Path gguf = dir.resolve("fake.gguf");
    Files.writeString(gguf, "a".repeat(100));
    refuses(gguf, "this is no GGUF file");
    Path shard = dir.resolve("model.safetensors");
    Files.writeString(shard, "x");
    refuses(shard, "give the folder it lies in");
  }
}
