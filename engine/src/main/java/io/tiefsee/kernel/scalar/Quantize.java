package io.tiefsee.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/**
 * Numbers of f32 into the formats that models are stored in; the inverse of {@link Dequantize},
 * whose comments say how the blocks lie. The formats of 32 numbers scale by the extremes, as ggml's
 * reference does; those of 256 and IQ4_NL search for the scales of the least squared error (see
 * {@link QuantizeK}). Stateless.
 */
public final class Quantize {
  private static final Set<QuantType> TYPES =
      EnumSet.of(
          QuantType.F32,
          QuantType.F16,
          QuantType.BF16,
          QuantType.Q8_0,
          QuantType.Q4_0,
          QuantType.Q4_1,
          QuantType.Q5_0,
          QuantType.Q5_1,
          QuantType.Q2_K,
          QuantType.Q3_K,
          QuantType.Q4_K,
          QuantType.Q5_K,
          QuantType.Q6_K,
          QuantType.IQ4_NL);

  private Quantize() {}

  /** Whether {@link #blocks} can make this type. */
  public static boolean supports(QuantType type) {
    return TYPES.contains(type);
  }

  /**
   * Quantises {@code n} numbers from {@code x[from …]} into {@code dst} from {@code offset} on.
   *
   * @param n a multiple of the type's block
   * @throws BadInput if the type is none that {@link #supports} names, or a number is not finite or
   *     too large for the type's scales
   */
  public static void blocks(
      QuantType type, float[] x, int from, int n, MemorySegment dst, long offset) {
    if (!supports(type)) {
      throw new BadInput("quantising to " + type + " is not possible; possible are " + TYPES);
    }
    switch (type) {
      case F32 -> MemorySegment.copy(x, from, dst, Dequantize.FLOAT, offset, n);
      case F16 -> {
        for (int i = 0; i < n; i++) {
          dst.set(Dequantize.SHORT, offset + 2L * i, Float.floatToFloat16(x[from + i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          dst.set(Dequantize.SHORT, offset + 2L * i, bf16(x[from + i]));
        }
      }
      default -> {
        int step = type.blockElements();
        byte[] block = new byte[type.blockBytes()];
        long at = offset;
        for (int i = from; i < from + n; i += step, at += block.length) {
          checkFinite(x, i, step);
          block(type, x, i, block);
          MemorySegment.copy(block, 0, dst, JAVA_BYTE, at, block.length);
        }
      }
    }
  }

  private static void block(QuantType type, float[] x, int from, byte[] b) {
    switch (type) {
      case Q8_0 -> q80(x, from, b);
      case Q4_0 -> symmetric(x, from, b, 4);
      case Q5_0 -> symmetric(x, from, b, 5);
      case Q4_1 -> affine(x, from, b, 4);
      case Q5_1 -> affine(x, from, b, 5);
      case IQ4_NL -> QuantizeK.iq4nl(x, from, b);
      case Q2_K -> QuantizeK.q2k(x, from, b);
      case Q3_K -> QuantizeK.q3k(x, from, b);
      case Q4_K -> QuantizeK.q45k(x, from, b, 4);
      case Q5_K -> QuantizeK.q45k(x, from, b, 5);
      case Q6_K -> QuantizeK.q6k(x, from, b);
      default -> throw new IllegalArgumentException("not supported: " + type);
    }
  }

  private static void checkFinite(float[] x, int from, int n) {
    for (int i = from; i < from + n; i++) {
      if (!Float.isFinite(x[i])) {
        throw new BadInput("a weight is " + x[i] + ", which cannot be quantised");
      }
    }
  }

  /** The nearest bfloat16, ties to even; NaN stays NaN. */
  public static short bf16(float v) {
    int bits = Float.floatToRawIntBits(v);
    if (Float.isNaN(v)) {
      return (short) (bits >> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >> 16 & 1) >> 16);
  }

  static void putShort(byte[] b, int at, int v) {
    b[at] = (byte) v;
    b[at + 1] = (byte) (v >> 8);
  }

  /** Writes a scale as f16 and returns what a reader will see. */
  static float putHalf(byte[] b, int at, float v) {
    short bits = Float.floatToFloat16(v);
    float back = Float.float16ToFloat(bits);
    if (!Float.isFinite(back)) {
      throw new BadInput("weights are too large to be quantised: a scale is " + v);
    }
    putShort(b, at, bits);
    return back;
  }

  /** To the nearest integer, halves away from zero. */
  static int round(float v) {
    return (int) (v + Math.copySign(0.5f, v));
  }

  static int clamp(int v, int low, int high) {
    return Math.max(low, Math.min(high, v));
  }

  /** The number of the largest magnitude, with its sign; the first of equals. */
  static float extreme(float[] x, int from, int n) {
    float extreme = 0;
    for (int i = from; i < from + n; i++) {
      if (Math.abs(x[i]) > Math.abs(extreme)) {
        extreme = x[i];
      }
    }
    return extreme;
  }

  private static float inverse(float d) {
    return d == 0 ? 0 : 1 / d;
  }

  private static void q80(float[] x, int from, byte[] b) {
    float d = Math.abs(extreme(x, from, 32)) / 127;
    float id = inverse(d);
    putHalf(b, 0, d);
    for (int i = 0; i < 32; i++) {
      b[2 + i] = (byte) clamp(round(x[from + i] * id), -127, 127);
    }
  }

  // Q4_0, Q5_0: the extreme becomes the lowest code, whose magnitude is the largest.
  private static void symmetric(float[] x, int from, byte[] b, int bits) {
    int half = 1 << bits - 1;
    float d = extreme(x, from, 32) / -half;
    float id = inverse(d);
    putHalf(b, 0, d);
    int[] q = new int[32];
    for (int i = 0; i < 32; i++) {
      q[i] = clamp((int) (x[from + i] * id + (half + 0.5f)), 0, 2 * half - 1);
    }
    pack(q, b, 2, bits);
  }

  // Q4_1, Q5_1: the range from the lowest to the highest number in even steps.
  private static void affine(float[] x, int from, byte[] b, int bits) {
    float low = x[from];
    float high = x[from];
    for (int i = 1; i < 32; i++) {
      low = Math.min(low, x[from + i]);
      high = Math.max(high, x[from + i]);
    }
    int top = (1 << bits) - 1;
    float d = (high - low) / top;
    float id = inverse(d);
    putHalf(b, 0, d);
    putHalf(b, 2, low);
    int[] q = new int[32];
    for (int i = 0; i < 32; i++) {
      q[i] = clamp((int) ((x[from + i] - low) * id + 0.5f), 0, top);
    }
    pack(q, b, 4, bits);
  }

  /** Nibbles from {@code at} on, behind the four bytes of fifth bits if there are five. */
  private static void pack(int[] q, byte[] b, int at, int bits) {
    if (bits == 5) {
      int fifth = 0;
      for (int i = 0; i < 32; i++) {
        fifth |= (q[i] >> 4) << i;
      }
      putShort(b, at, fifth);
      putShort(b, at + 2, fifth >>> 16);
    }
    int nibbles = bits == 5 ? at + 4 : at;
    for (int i = 0; i < 16; i++) {
      b[nibbles + i] = (byte) (q[i] & 15 | (q[i + 16] & 15) << 4);
    }
  }
}
