package io.tiefsee.kernel.scalar;

import static io.tiefsee.kernel.scalar.Quantize.clamp;
import static io.tiefsee.kernel.scalar.Quantize.extreme;
import static io.tiefsee.kernel.scalar.Quantize.putHalf;
import static io.tiefsee.kernel.scalar.Quantize.round;

import java.util.Arrays;

/**
 * The formats of {@link Quantize} whose scales are searched for. For every group of numbers some
 * twenty roundings around the plain one are tried; for each the scale (and minimum) of the least
 * weighted squared error is a small linear system, and the best try wins. Numbers of large
 * magnitude count more, for activations multiply them. The group's scales are then themselves
 * rounded to the few bits that the format has for them, and the numbers are rounded once more with
 * what a reader will see.
 */
final class QuantizeK {
  private static final int SUPER = 256;

  private QuantizeK() {}

  /** The scale s that minimises Σ x²·(x − s·q)² over q in [−top, top). */
  private static float symmetricScale(float[] x, int from, int n, int top) {
    float extreme = extreme(x, from, n);
    if (extreme == 0) {
      return 0;
    }
    double best = 0;
    double scale = 0;
    for (int t = -9; t <= 9; t++) {
      float inverse = -(top + 0.1f * t) / extreme;
      double xq = 0;
      double qq = 0;
      for (int i = from; i < from + n; i++) {
        int q = clamp(round(inverse * x[i]), -top, top - 1);
        double w = (double) x[i] * x[i];
        xq += w * x[i] * q;
        qq += w * q * q;
      }
      if (qq > 0 && xq * xq > best * qq) {
        scale = xq / qq;
        best = scale * xq;
      }
    }
    return (float) scale;
  }

  /**
   * Scale s ≥ 0 and minimum m ≥ 0 that minimise Σ w·(x − s·q + m)² over q in [0, top], w = rms +
   * |x|, into {@code scales[g]} and {@code minima[g]}.
   */
  private static void affineScale(
      float[] x, int from, int n, int top, int g, float[] scales, float[] minima) {
    float low = 0;
    float high = 0;
    double squares = 0;
    for (int i = from; i < from + n; i++) {
      low = Math.min(low, x[i]);
      high = Math.max(high, x[i]);
      squares += (double) x[i] * x[i];
    }
    scales[g] = 0;
    minima[g] = -low;
    if (high == low) {
      return;
    }
    double rms = Math.sqrt(squares / n);
    double best = Double.POSITIVE_INFINITY;
    for (int t = -10; t <= 10; t++) {
      float inverse = (top + 0.1f * t) / (high - low);
      double w0 = 0;
      double wx = 0;
      double wq = 0;
      double wqq = 0;
      double wxq = 0;
      double wxx = 0;
      for (int i = from; i < from + n; i++) {
        int q = clamp(round(inverse * (x[i] - low)), 0, top);
        double w = rms + Math.abs(x[i]);
        w0 += w;
        wx += w * x[i];
        wq += w * q;
        wqq += w * q * q;
        wxq += w * x[i] * q;
        wxx += w * x[i] * x[i];
      }
      double determinant = w0 * wqq - wq * wq;
      if (determinant <= 0) {
        continue;
      }
      double s = (w0 * wxq - wx * wq) / determinant;
      double offset = (wqq * wx - wq * wxq) / determinant;
      if (offset > 0) {
        offset = 0;
        s = wxq / wqq;
      }
      double error =
          wxx + s * s * wqq + offset * offset * w0 + 2 * (s * offset * wq - s * wxq - offset * wx);
      if (s > 0 && error < best) {
        best = error;
        scales[g] = (float) s;
        minima[g] = (float) -offset;
      }
    }
  }

  private static float max(float[] values) {
    float max = 0;
    for (float v : values) {
      max = Math.max(max, v);
    }
    return max;
  }

  /** Scales as integers of [0, top] and one f16 for all of them, whose value is returned. */
  private static float share(float[] scales, int top, int[] out, byte[] b, int at) {
    float max = max(scales);
    float inverse = max == 0 ? 0 : top / max;
    for (int g = 0; g < scales.length; g++) {
      out[g] = clamp(round(inverse * scales[g]), 0, top);
    }
    return putHalf(b, at, max / top);
  }

  /** Signed scales as integers of [−top, top) and one f16 for all, whose value is returned. */
  private static float shareSigned(float[] scales, int top, int[] out, byte[] b, int at) {
    float extreme = extreme(scales, 0, scales.length);
    float inverse = extreme == 0 ? 0 : -top / extreme;
    for (int g = 0; g < scales.length; g++) {
      out[g] = clamp(round(inverse * scales[g]), -top, top - 1);
    }
    return putHalf(b, at, extreme / -top);
  }

  private static int nearest(float v, float scale, int low, int high) {
    return scale == 0 ? 0 : clamp(round(v / scale), low, high);
  }

  static void q2k(float[] x, int from, byte[] b) {
    Arrays.fill(b, (byte) 0);
    float[] scales = new float[16];
    float[] minima = new float[16];
    for (int g = 0; g < 16; g++) {
      affineScale(x, from + 16 * g, 16, 3, g, scales, minima);
    }
    int[] s = new int[16];
    int[] m = new int[16];
    float d = share(scales, 15, s, b, 80);
    float dmin = share(minima, 15, m, b, 82);
    for (int i = 0; i < SUPER; i++) {
      int g = i / 16;
      b[g] = (byte) (s[g] | m[g] << 4);
      int q = nearest(x[from + i] + dmin * m[g], d * s[g], 0, 3);
      b[16 + twoBits(i)] |= (byte) (q << shift(i));
    }
  }

  /** Byte and shift of the two bits of number i: 32 bytes serve 128 numbers. */
  private static int twoBits(int i) {
    return 32 * (i / 128) + i % 32;
  }

  private static int shift(int i) {
    return i / 32 % 4 * 2;
  }

  static void q3k(float[] x, int from, byte[] b) {
    Arrays.fill(b, (byte) 0);
    float[] scales = new float[16];
    for (int g = 0; g < 16; g++) {
      scales[g] = symmetricScale(x, from + 16 * g, 16, 4);
    }
    int[] s = new int[16];
    float d = shareSigned(scales, 32, s, b, 108);
    for (int g = 0; g < 16; g++) {
      int code = s[g] + 32;
      b[96 + g % 8] |= (byte) ((code & 15) << g / 8 * 4);
      b[104 + g % 4] |= (byte) (code >> 4 << g / 4 * 2);
    }
    for (int i = 0; i < SUPER; i++) {
      int q = nearest(x[from + i], d * s[i / 16], -4, 3) + 4;
      b[32 + twoBits(i)] |= (byte) ((q & 3) << shift(i));
      b[i % 32] |= (byte) (q >> 2 << i / 32);
    }
  }

  static void q45k(float[] x, int from, byte[] b, int bits) {
    Arrays.fill(b, (byte) 0);
    int top = (1 << bits) - 1;
    float[] scales = new float[8];
    float[] minima = new float[8];
    for (int g = 0; g < 8; g++) {
      affineScale(x, from + 32 * g, 32, top, g, scales, minima);
    }
    int[] s = new int[8];
    int[] m = new int[8];
    float d = share(scales, 63, s, b, 0);
    float dmin = share(minima, 63, m, b, 2);
    for (int j = 0; j < 4; j++) {
      b[4 + j] = (byte) (s[j] | s[j + 4] >> 4 << 6);
      b[8 + j] = (byte) (m[j] | m[j + 4] >> 4 << 6);
      b[12 + j] = (byte) (s[j + 4] & 15 | (m[j + 4] & 15) << 4);
    }
    int nibbles = bits == 5 ? 48 : 16;
    for (int i = 0; i < SUPER; i++) {
      int g = i / 32;
      int q = nearest(x[from + i] + dmin * m[g], d * s[g], 0, top);
      b[nibbles + 32 * (g / 2) + i % 32] |= (byte) ((q & 15) << (g & 1) * 4);
      if (bits == 5) {
        b[16 + i % 32] |= (byte) (q >> 4 << g);
      }
    }
  }

  static void q6k(float[] x, int from, byte[] b) {
    Arrays.fill(b, (byte) 0);
    float[] scales = new float[16];
    for (int g = 0; g < 16; g++) {
      scales[g] = symmetricScale(x, from + 16 * g, 16, 32);
    }
    int[] s = new int[16];
    float d = shareSigned(scales, 128, s, b, 208);
    for (int g = 0; g < 16; g++) {
      b[192 + g] = (byte) s[g];
    }
    for (int i = 0; i < SUPER; i++) {
      int q = nearest(x[from + i], d * s[i / 16], -32, 31) + 32;
      int quarter = i / 32 % 4;
      b[64 * (i / 128) + 32 * (quarter & 1) + i % 32] |= (byte) ((q & 15) << quarter / 2 * 4);
      b[128 + twoBits(i)] |= (byte) (q >> 4 << shift(i));
    }
  }

  static void iq4nl(float[] x, int from, byte[] b) {
    Arrays.fill(b, (byte) 0);
    byte[] values = DequantizeIq.IQ4_VALUES;
    float extreme = extreme(x, from, 32);
    double best = 0;
    double scale = 0;
    for (int t = -8; t <= 8 && extreme != 0; t++) {
      // Either end of the code may meet the extreme; -127 reaches further than 113.
      float inverse = (values[0] + t) / extreme;
      double xq = 0;
      double qq = 0;
      for (int i = from; i < from + 32; i++) {
        int q = values[nearestCode(values, inverse * x[i])];
        double w = (double) x[i] * x[i];
        xq += w * x[i] * q;
        qq += w * q * q;
      }
      if (qq > 0 && xq * xq > best * qq) {
        scale = xq / qq;
        best = scale * xq;
      }
    }
    float d = putHalf(b, 0, (float) scale);
    for (int i = 0; i < 32; i++) {
      int code = nearestCode(values, d == 0 ? 0 : x[from + i] / d);
      b[2 + i % 16] |= (byte) (code << i / 16 * 4);
    }
  }

  private static int nearestCode(byte[] values, float v) {
    int code = 0;
    for (int step = 8; step > 0; step /= 2) {
      int next = code + step;
      // Doubled, the middle between two values is a whole number.
      if (2 * v > values[next - 1] + values[next]) {
        code = next;
      }
    }
    return code;
  }
}
