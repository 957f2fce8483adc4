package io.tiefsee.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class QuantizeTest {
  private static final int N = 256 * 64;

  private static float[] back(QuantType type, float[] x) {
    byte[] blocks = new byte[(int) type.bytes(x.length)];
    Quantize.blocks(type, x, 0, x.length, MemorySegment.ofArray(blocks), 0);
    float[] y = new float[x.length];
    Dequantize.blocks(type, MemorySegment.ofArray(blocks), 0, x.length, y, 0);
    return y;
  }

  private static double relativeError(float[] x, float[] y) {
    double error = 0;
    double power = 0;
    for (int i = 0; i < x.length; i++) {
      error += Math.pow(x[i] - y[i], 2);
      power += Math.pow(x[i], 2);
    }
    return Math.sqrt(error / power);
  }

  /** Bounds a little above what the formats give for a normal distribution. */
  @ParameterizedTest
  @CsvSource({
    "F32, 0",
    "F16, 0.0003",
    "BF16, 0.0022",
    "Q8_0, 0.006",
    "Q6_K, 0.019",
    "Q5_K, 0.038",
    "Q5_1, 0.042",
    "Q5_0, 0.047",
    "Q4_K, 0.076",
    "IQ4_NL, 0.081",
    "Q4_1, 0.085",
    "Q4_0, 0.095",
    "Q3_K, 0.165",
    "Q2_K, 0.29"
  })
  void keepsNormalWeights(QuantType type, double bound) {
    Random random = new Random(7);
    float[] x = new float[N];
    for (int i = 0; i < N; i++) {
      x[i] = (float) (0.02 * random.nextGaussian());
    }
    assertThat(relativeError(x, back(type, x))).isLessThanOrEqualTo(bound);
  }

  /** An error in the packing of scales would show in groups of different sizes and offsets. */
  @ParameterizedTest
  @CsvSource({"Q6_K, 0.02", "Q5_K, 0.04", "Q4_K, 0.09", "Q3_K, 0.18", "Q2_K, 0.32"})
  void keepsGroupsOfDifferentScale(QuantType type, double bound) {
    Random random = new Random(8);
    float[] x = new float[N];
    for (int i = 0; i < N; i++) {
      double scale = 1 + i / 16 % 16;
      x[i] = (float) (scale * random.nextGaussian());
    }
    assertThat(relativeError(x, back(type, x))).isLessThanOrEqualTo(bound);
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"Q2_K", "Q4_K", "Q5_K", "Q4_1", "Q5_1"})
  void formatsWithAMinimumKeepLopsidedGroups(QuantType type) {
    Random random = new Random(9);
    float[] x = new float[N];
    for (int i = 0; i < N; i++) {
      x[i] = (float) (-2 + 0.1 * random.nextGaussian());
    }
    double bound = type == QuantType.Q2_K ? 0.05 : 0.02;
    assertThat(relativeError(x, back(type, x))).isLessThan(bound);
  }

  @ParameterizedTest
  @EnumSource(QuantType.class)
  void keepsZeros(QuantType type) {
    if (Quantize.supports(type)) {
      for (float y : back(type, new float[512])) {
        assertThat(y + 0f).isEqualTo(0f);
      }
    } else {
      assertThatThrownBy(() -> back(type, new float[512]))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining(type.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(QuantType.class)
  void refusesWhatIsNotFinite(QuantType type) {
    if (!Quantize.supports(type) || type.isFloat()) {
      return;
    }
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 3e38f}) {
      float[] x = new float[256];
      Arrays.fill(x, 1f);
      x[17] = bad;
      assertThatThrownBy(() -> back(type, x)).isInstanceOf(BadInput.class);
    }
  }

  @ParameterizedTest
  @EnumSource(QuantType.class)
  void survivesTinyNumbers(QuantType type) {
    if (Quantize.supports(type)) {
      float[] x = new float[256];
      for (int i = 0; i < x.length; i++) {
        x[i] = Float.MIN_VALUE * (i % 5 - 2);
      }
      for (float y : back(type, x)) {
        assertThat(Math.abs(y)).isLessThan(1e-6f);
      }
    }
  }

  @Test
  void roundsBf16ToEven() {
    assertThat(Quantize.bf16(1f)).isEqualTo((short) 0x3f80);
    assertThat(Quantize.bf16(Float.intBitsToFloat(0x3f808000))).isEqualTo((short) 0x3f80);
    assertThat(Quantize.bf16(Float.intBitsToFloat(0x3f818000))).isEqualTo((short) 0x3f82);
    assertThat(Quantize.bf16(Float.intBitsToFloat(0x3f808001))).isEqualTo((short) 0x3f81);
    assertThat(Quantize.bf16(Float.NaN) & 0x7fff).isGreaterThan(0x7f80);
    assertThat(Quantize.bf16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xff80);
  }
}
