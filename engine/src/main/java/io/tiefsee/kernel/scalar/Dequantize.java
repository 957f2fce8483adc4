package io.tiefsee.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Stored weights back to f32, for every {@link QuantType} of weights. This is the reference that
 * all kernels are held against: each number is computed by the very float operations, in the very
 * order, of ggml's reference (block layouts: ggml-common.h of llama.cpp), so results agree bit for
 * bit. Sources need no alignment. Stateless; the I formats are in {@link DequantizeIq}.
 */
public final class Dequantize {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The sixteen values of E2M1, doubled (MXFP4 and NVFP4 halve their scales). */
  private static final byte[] E2M1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

  private static final float[] E4M3 = e4m3();
  private static final int CHUNK = 256;

  private Dequantize() {}

  /**
   * Row {@code row} of {@code w} (layout {@link Layout#ROWS}) as f32.
   *
   * @param y f32[cols]
   */
  public static void row(Matrix w, int row, MemorySegment y) {
    if (w.layout() != Layout.ROWS) {
      throw new IllegalArgumentException(w.name() + " is in layout " + w.layout());
    }
    int cols = w.cols();
    if (w.type() == QuantType.F32) {
      MemorySegment.copy(w.data(), w.rowOffset(row), y, 0, 4L * cols);
      return;
    }
    float[] part = new float[Math.min(CHUNK, cols)];
    QuantType type = w.type();
    for (int from = 0; from < cols; from += CHUNK) {
      int n = Math.min(CHUNK, cols - from);
      blocks(type, w.data(), w.rowOffset(row) + type.bytes(from), n, part, 0);
      if (type == QuantType.FP8_E4M3) {
        scaleFp8(w, row, from, n, part);
      }
      MemorySegment.copy(part, 0, y, FLOAT, 4L * from, n);
    }
  }

  /** The first block at {@code offset} of {@code src} into {@code dst[dstOffset …]}. */
  public static void block(
      QuantType type, MemorySegment src, long offset, float[] dst, int dstOffset) {
    switch (type) {
      case F32 -> dst[dstOffset] = src.get(FLOAT, offset);
      case F16 -> dst[dstOffset] = half(src, offset);
      case BF16 -> dst[dstOffset] = Float.intBitsToFloat(src.get(SHORT, offset) << 16);
      case FP8_E4M3 -> dst[dstOffset] = E4M3[u8(src, offset)];
      case Q4_0 -> q40(src, offset, dst, dstOffset);
      case Q4_1 -> q41(src, offset, dst, dstOffset);
      case Q5_0 -> q50(src, offset, dst, dstOffset);
      case Q5_1 -> q51(src, offset, dst, dstOffset);
      case Q8_0 -> q80(src, offset, dst, dstOffset);
      case Q2_K -> q2k(src, offset, dst, dstOffset);
      case Q3_K -> q3k(src, offset, dst, dstOffset);
      case Q4_K -> q4k(src, offset, dst, dstOffset);
      case Q5_K -> q5k(src, offset, dst, dstOffset);
      case Q6_K -> q6k(src, offset, dst, dstOffset);
      case TQ1_0 -> tq10(src, offset, dst, dstOffset);
      case TQ2_0 -> tq20(src, offset, dst, dstOffset);
      case MXFP4 -> mxfp4(src, offset, dst, dstOffset);
      case NVFP4 -> nvfp4(src, offset, dst, dstOffset);
      case IQ1_S -> DequantizeIq.iq1s(src, offset, dst, dstOffset);
      case IQ1_M -> DequantizeIq.iq1m(src, offset, dst, dstOffset);
      case IQ2_XXS -> DequantizeIq.iq2xxs(src, offset, dst, dstOffset);
      case IQ2_XS -> DequantizeIq.iq2xs(src, offset, dst, dstOffset);
      case IQ2_S -> DequantizeIq.iq2s(src, offset, dst, dstOffset);
      case IQ3_XXS -> DequantizeIq.iq3xxs(src, offset, dst, dstOffset);
      case IQ3_S -> DequantizeIq.iq3s(src, offset, dst, dstOffset);
      case IQ4_NL -> DequantizeIq.iq4nl(src, offset, dst, dstOffset);
      case IQ4_XS -> DequantizeIq.iq4xs(src, offset, dst, dstOffset);
      case Q8_ROW -> throw new IllegalArgumentException("Q8_ROW is a type of activations");
    }
  }

  /**
   * Whole blocks from {@code offset} on, {@code n} numbers in all. FP8 comes without its scales.
   *
   * @param n a multiple of the type's block
   */
  public static void blocks(
      QuantType type, MemorySegment src, long offset, int n, float[] dst, int dstOffset) {
    int step = type.blockElements();
    int bytes = type.blockBytes();
    long at = offset;
    for (int i = 0; i < n; i += step, at += bytes) {
      block(type, src, at, dst, dstOffset + i);
    }
  }

  /** IEEE half precision to f32, exactly. */
  public static float halfToFloat(short bits) {
    return Float.float16ToFloat(bits);
  }

  /** OCP FP8 E4M3 (no infinities; 0x7f and 0xff are NaN) to f32, exactly. */
  public static float fp8ToFloat(byte bits) {
    return E4M3[bits & 0xff];
  }

  private static void scaleFp8(Matrix w, int row, int from, int n, float[] part) {
    int perRow = Math.ceilDiv(w.cols(), QuantType.FP8_BLOCK);
    long line = (long) (row / QuantType.FP8_BLOCK) * perRow;
    for (int i = 0; i < n; i++) {
      part[i] *= w.scales().get(FLOAT, 4 * (line + (from + i) / QuantType.FP8_BLOCK));
    }
  }

  static int u8(MemorySegment s, long offset) {
    return s.get(JAVA_BYTE, offset) & 0xff;
  }

  static float half(MemorySegment s, long offset) {
    return Float.float16ToFloat(s.get(SHORT, offset));
  }

  private static float[] e4m3() {
    float[] table = new float[256];
    for (int i = 0; i < 256; i++) {
      int exponent = i >> 3 & 15;
      int mantissa = i & 7;
      float magnitude =
          exponent == 0
              ? Math.scalb((float) mantissa, -9)
              : Math.scalb((float) (8 + mantissa), exponent - 10);
      if ((i & 0x7f) == 0x7f) {
        magnitude = Float.NaN;
      }
      table[i] = i < 128 ? magnitude : -magnitude;
    }
    return table;
  }

  // Q4_0: f16 d | 16 bytes: low nibbles are 0…15, high ones 16…31.
  private static void q40(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    for (int i = 0; i < 16; i++) {
      int q = u8(s, o + 2 + i);
      y[p + i] = d * ((q & 15) - 8);
      y[p + 16 + i] = d * ((q >> 4) - 8);
    }
  }

  // Q4_1: f16 d, m | nibbles as in Q4_0.
  private static void q41(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    float m = half(s, o + 2);
    for (int i = 0; i < 16; i++) {
      int q = u8(s, o + 4 + i);
      y[p + i] = d * (q & 15) + m;
      y[p + 16 + i] = d * (q >> 4) + m;
    }
  }

  // Q5_0: f16 d | u32 fifth bits, one per number | nibbles as in Q4_0.
  private static void q50(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    int high = s.get(INT, o + 2);
    for (int i = 0; i < 16; i++) {
      int q = u8(s, o + 6 + i);
      y[p + i] = d * (((q & 15) | (high >>> i & 1) << 4) - 16);
      y[p + 16 + i] = d * (((q >> 4) | (high >>> (i + 16) & 1) << 4) - 16);
    }
  }

  // Q5_1: f16 d, m | fifth bits and nibbles as in Q5_0.
  private static void q51(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    float m = half(s, o + 2);
    int high = s.get(INT, o + 4);
    for (int i = 0; i < 16; i++) {
      int q = u8(s, o + 8 + i);
      y[p + i] = d * ((q & 15) | (high >>> i & 1) << 4) + m;
      y[p + 16 + i] = d * ((q >> 4) | (high >>> (i + 16) & 1) << 4) + m;
    }
  }

  // Q8_0: f16 d | 32 int8.
  private static void q80(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    for (int i = 0; i < 32; i++) {
      y[p + i] = d * s.get(JAVA_BYTE, o + 2 + i);
    }
  }

  // Q2_K: 16 bytes scale | min << 4 per 16 numbers | 64 bytes of 2 bits | f16 d, dmin.
  private static void q2k(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o + 80);
    float dmin = half(s, o + 82);
    for (int g = 0; g < 16; g++) {
      int scale = u8(s, o + g);
      float dl = d * (scale & 15);
      float ml = dmin * (scale >> 4);
      long q = twoBits(o + 16, g);
      for (int i = 0; i < 16; i++) {
        y[p + 16 * g + i] = dl * (u8(s, q + i) >> shift(g) & 3) - ml;
      }
    }
  }

  /** Where the 2-bit numbers of group g (16 numbers) of 256 lie: 32 bytes serve 128 numbers. */
  private static long twoBits(long start, int g) {
    return start + 32L * (g / 8) + 16L * (g & 1);
  }

  private static int shift(int g) {
    return g / 2 % 4 * 2;
  }

  // Q3_K: 32 bytes of third bits | 64 bytes of 2 bits | 12 bytes of 16 6-bit scales | f16 d.
  private static void q3k(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o + 108);
    for (int g = 0; g < 16; g++) {
      int low = u8(s, o + 96 + g % 8) >> g / 8 * 4 & 15;
      int high = u8(s, o + 104 + g % 4) >> g / 4 * 2 & 3;
      float dl = d * ((low | high << 4) - 32);
      long q = twoBits(o + 32, g);
      for (int i = 0; i < 16; i++) {
        int third = u8(s, o + 16 * (g & 1) + i) >> g / 2 & 1;
        // The bit set means no offset.
        y[p + 16 * g + i] = dl * ((u8(s, q + i) >> shift(g) & 3) - (third == 1 ? 0 : 4));
      }
    }
  }

  /** The 6-bit scale of 32 numbers j = 0…7 in the 12 bytes that Q4_K and Q5_K share. */
  public static int scaleK(MemorySegment s, long scales, int j) {
    return j < 4
        ? u8(s, scales + j) & 63
        : u8(s, scales + j + 4) & 15 | u8(s, scales + j - 4) >> 6 << 4;
  }

  /** The 6-bit minimum that goes with {@link #scaleK}. */
  public static int minK(MemorySegment s, long scales, int j) {
    return j < 4
        ? u8(s, scales + j + 4) & 63
        : u8(s, scales + j + 4) >> 4 | u8(s, scales + j) >> 6 << 4;
  }

  // Q4_K: f16 d, dmin | 12 bytes of scales and minima | 128 bytes: low nibbles 32, high ones 32 …
  private static void q4k(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    float dmin = half(s, o + 2);
    for (int g = 0; g < 8; g++) {
      float dl = d * scaleK(s, o + 4, g);
      float ml = dmin * minK(s, o + 4, g);
      long q = o + 16 + 32 * (g / 2);
      for (int i = 0; i < 32; i++) {
        y[p + 32 * g + i] = dl * (u8(s, q + i) >> (g & 1) * 4 & 15) - ml;
      }
    }
  }

  // Q5_K: as Q4_K, with 32 bytes of fifth bits (bit g is group g) before the nibbles.
  private static void q5k(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    float dmin = half(s, o + 2);
    for (int g = 0; g < 8; g++) {
      float dl = d * scaleK(s, o + 4, g);
      float ml = dmin * minK(s, o + 4, g);
      long q = o + 48 + 32 * (g / 2);
      for (int i = 0; i < 32; i++) {
        int low = u8(s, q + i) >> (g & 1) * 4 & 15;
        y[p + 32 * g + i] = dl * (low | (u8(s, o + 16 + i) >> g & 1) << 4) - ml;
      }
    }
  }

  // Q6_K: 128 bytes of low nibbles | 64 bytes of 2 high bits | 16 int8 scales | f16 d.
  private static void q6k(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o + 208);
    for (int g = 0; g < 16; g++) {
      float dl = d * s.get(JAVA_BYTE, o + 192 + g);
      int quarter = g / 2 % 4;
      long low = o + 64 * (g / 8) + 32 * (quarter & 1) + 16 * (g & 1);
      long high = twoBits(o + 128, g);
      for (int i = 0; i < 16; i++) {
        int q = u8(s, low + i) >> quarter / 2 * 4 & 15 | (u8(s, high + i) >> shift(g) & 3) << 4;
        y[p + 16 * g + i] = dl * (q - 32);
      }
    }
  }

  // TQ1_0: 48 bytes of five base-3 digits, 4 bytes of four (as fractions of 256) | f16 d.
  private static void tq10(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o + 52);
    ternary(s, o, 32, 5, d, y, p);
    ternary(s, o + 32, 16, 5, d, y, p + 160);
    ternary(s, o + 48, 4, 4, d, y, p + 240);
  }

  private static void ternary(
      MemorySegment s, long o, int bytes, int digits, float d, float[] y, int p) {
    int power = 1;
    for (int k = 0; k < digits; k++, power *= 3) {
      for (int i = 0; i < bytes; i++) {
        int digit = ((u8(s, o + i) * power & 0xff) * 3) >> 8;
        y[p + k * bytes + i] = d * (digit - 1);
      }
    }
  }

  // TQ2_0: 64 bytes of 2 bits | f16 d.
  private static void tq20(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o + 64);
    for (int g = 0; g < 16; g++) {
      long q = twoBits(o, g);
      for (int i = 0; i < 16; i++) {
        y[p + 16 * g + i] = d * ((u8(s, q + i) >> shift(g) & 3) - 1);
      }
    }
  }

  // MXFP4: E8M0 exponent | 16 bytes, nibbles as in Q4_0.
  private static void mxfp4(MemorySegment s, long o, float[] y, int p) {
    int e = u8(s, o);
    float d = Float.intBitsToFloat(e < 2 ? 0x00200000 << e : (e - 1) << 23);
    e2m1(s, o + 1, 16, d, y, p);
  }

  // NVFP4: four unsigned E4M3 scales | four times 8 bytes of 16 numbers.
  private static void nvfp4(MemorySegment s, long o, float[] y, int p) {
    for (int g = 0; g < 4; g++) {
      int e = u8(s, o + g);
      float d = e == 0x7f ? 0f : E4M3[e & 0x7f] * 0.5f;
      e2m1(s, o + 4 + 8 * g, 8, d, y, p + 16 * g);
    }
  }

  private static void e2m1(MemorySegment s, long o, int bytes, float d, float[] y, int p) {
    for (int i = 0; i < bytes; i++) {
      int q = u8(s, o + i);
      y[p + i] = d * E2M1[q & 15];
      y[p + bytes + i] = d * E2M1[q >> 4];
    }
  }
}
