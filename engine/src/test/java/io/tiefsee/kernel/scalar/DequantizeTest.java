package io.tiefsee.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class DequantizeTest {
  /** Random valid blocks of a type and the bits of the f32 values gguf-py gives. */
  private record Golden(byte[] blocks, int count, int[] values) {
    static Golden of(QuantType type) throws IOException {
      String file = "/golden/quant_blocks/" + type + ".gz";
      try (InputStream in = new GZIPInputStream(DequantizeTest.class.getResourceAsStream(file))) {
        byte[] all = in.readAllBytes();
        int n = all.length / (type.blockBytes() + 4 * type.blockElements());
        int raw = n * type.blockBytes();
        MemorySegment values = MemorySegment.ofArray(all).asSlice(raw);
        return new Golden(
            Arrays.copyOf(all, raw), n, values.toArray(ValueLayout.JAVA_INT_UNALIGNED));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"F32", "FP8_E4M3", "Q8_ROW"})
  void givesTheReferencesBits(QuantType type) throws IOException {
    Golden golden = Golden.of(type);
    // An odd start: sources need no alignment.
    byte[] shifted = new byte[golden.blocks.length + 1];
    System.arraycopy(golden.blocks, 0, shifted, 1, golden.blocks.length);
    int n = golden.count * type.blockElements();
    float[] got = new float[n + 1];
    Dequantize.blocks(type, MemorySegment.ofArray(shifted), 1, n, got, 1);
    assertThat(IntStream.range(0, n).map(i -> Float.floatToRawIntBits(got[i + 1])).toArray())
        .isEqualTo(golden.values);
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"F32", "FP8_E4M3", "Q8_ROW"})
  void readsRowsOfAMatrix(QuantType type) throws IOException {
    Golden golden = Golden.of(type);
    int rows = 3;
    int cols = golden.count / rows * type.blockElements();
    Matrix w = Matrix.of("w", type, rows, cols, MemorySegment.ofArray(golden.blocks));
    float[] y = new float[cols];
    for (int r = 0; r < rows; r++) {
      Dequantize.row(w, r, MemorySegment.ofArray(y));
      for (int i = 0; i < cols; i++) {
        assertThat(Float.floatToRawIntBits(y[i])).isEqualTo(golden.values[r * cols + i]);
      }
    }
  }

  @Test
  void readsRowsOfF32() {
    float[] data = {1, -2, 3, 4.5f, Float.MIN_VALUE, -0f};
    float[] y = new float[3];
    Matrix w = Matrix.of("w", QuantType.F32, 2, 3, MemorySegment.ofArray(data));
    Dequantize.row(w, 1, MemorySegment.ofArray(y));
    assertThat(y).containsExactly(4.5f, Float.MIN_VALUE, -0f);
  }

  @Test
  void decodesE4M3() {
    assertThat(Dequantize.fp8ToFloat((byte) 0x00)).isEqualTo(0f);
    assertThat(Dequantize.fp8ToFloat((byte) 0x01)).isEqualTo(0x1p-9f);
    assertThat(Dequantize.fp8ToFloat((byte) 0x07)).isEqualTo(7 * 0x1p-9f);
    assertThat(Dequantize.fp8ToFloat((byte) 0x08)).isEqualTo(0x1p-6f);
    assertThat(Dequantize.fp8ToFloat((byte) 0x38)).isEqualTo(1f);
    assertThat(Dequantize.fp8ToFloat((byte) 0xb8)).isEqualTo(-1f);
    assertThat(Dequantize.fp8ToFloat((byte) 0x7e)).isEqualTo(448f);
    assertThat(Dequantize.fp8ToFloat((byte) 0x7f)).isNaN();
    assertThat(Dequantize.fp8ToFloat((byte) 0xff)).isNaN();
  }

  @Test
  void scalesFp8ByBlocksOf128() {
    int rows = 130;
    int cols = 129;
    byte[] data = new byte[rows * cols];
    Arrays.fill(data, (byte) 0x38);
    float[] scales = {2, 3, 5, 7};
    Matrix w =
        new Matrix(
            "w",
            QuantType.FP8_E4M3,
            Layout.ROWS,
            rows,
            cols,
            MemorySegment.ofArray(data),
            MemorySegment.ofArray(scales));
    float[] y = new float[cols];
    Dequantize.row(w, 127, MemorySegment.ofArray(y));
    assertThat(y[127]).isEqualTo(2f);
    assertThat(y[128]).isEqualTo(3f);
    Dequantize.row(w, 128, MemorySegment.ofArray(y));
    assertThat(y[127]).isEqualTo(5f);
    assertThat(y[128]).isEqualTo(7f);
  }
}
