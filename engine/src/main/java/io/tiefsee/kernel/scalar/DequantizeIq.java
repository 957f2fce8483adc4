package io.tiefsee.kernel.scalar;

import static io.tiefsee.kernel.scalar.Dequantize.INT;
import static io.tiefsee.kernel.scalar.Dequantize.SHORT;
import static io.tiefsee.kernel.scalar.Dequantize.half;
import static io.tiefsee.kernel.scalar.Dequantize.u8;

import java.lang.foreign.MemorySegment;

/** The I formats of {@link Dequantize}: lattices and the non-linear 4-bit code. */
final class DequantizeIq {
  /** The sixteen values of IQ4_NL and IQ4_XS. */
  static final byte[] IQ4_VALUES = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private DequantizeIq() {}

  // IQ1_S: f16 d | 32 low bytes of indices | 8 u16: four times 3 high bits, 3 bits scale, sign.
  static void iq1s(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    for (int g = 0; g < 8; g++) {
      int qh = s.get(SHORT, o + 34 + 2 * g) & 0xffff;
      float dl = d * (2 * (qh >> 12 & 7) + 1);
      float delta = (qh & 0x8000) == 0 ? 0.125f : -0.125f;
      for (int k = 0; k < 4; k++) {
        int index = u8(s, o + 2 + 4 * g + k) | (qh >> 3 * k & 7) << 8;
        shifted(IqTables.IQ1[index], dl, delta, y, p + 32 * g + 8 * k);
      }
    }
  }

  // IQ1_M: 32 low bytes of indices | 16 bytes: twice 3 high bits and a sign | 4 u16: four 3-bit
  // scales each, and a quarter of the f16 d in the top nibble.
  static void iq1m(MemorySegment s, long o, float[] y, int p) {
    int bits = 0;
    for (int k = 0; k < 4; k++) {
      bits |= (s.get(SHORT, o + 48 + 2 * k) >> 12 & 15) << 4 * k;
    }
    float d = Float.float16ToFloat((short) bits);
    for (int g = 0; g < 16; g++) {
      int scale = s.get(SHORT, o + 48 + g / 4 * 2) >> g % 4 * 3 & 7;
      float dl = d * (2 * scale + 1);
      int qh = u8(s, o + 32 + g);
      for (int k = 0; k < 2; k++) {
        int high = qh >> 4 * k & 15;
        int index = u8(s, o + 2 * g + k) | (high & 7) << 8;
        shifted(IqTables.IQ1[index], dl, high < 8 ? 0.125f : -0.125f, y, p + 16 * g + 8 * k);
      }
    }
  }

  private static void shifted(long grid, float dl, float delta, float[] y, int p) {
    for (int i = 0; i < 8; i++) {
      y[p + i] = dl * ((byte) (grid >> 8 * i) + delta);
    }
  }

  // IQ2_XXS: f16 d | per 32 numbers: 4 index bytes, u32 of four 7-bit signs and a 4-bit scale.
  static void iq2xxs(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    for (int g = 0; g < 8; g++) {
      int aux = s.get(INT, o + 2 + 8 * g + 4);
      float db = d * (0.5f + (aux >>> 28)) * 0.25f;
      for (int k = 0; k < 4; k++) {
        long grid = IqTables.IQ2_XXS[u8(s, o + 2 + 8 * g + k)];
        signed(grid, IqTables.evenSigns(aux >>> 7 * k & 127), db, y, p + 32 * g + 8 * k);
      }
    }
  }

  // IQ2_XS: f16 d | 32 u16: 9 bits index, 7 bits signs | 8 bytes: two 4-bit scales of 16 numbers.
  static void iq2xs(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    for (int k = 0; k < 32; k++) {
      int q = s.get(SHORT, o + 2 + 2 * k) & 0xffff;
      float db = d * (0.5f + scale4(s, o + 66, k / 2)) * 0.25f;
      signed(IqTables.IQ2_XS[q & 511], IqTables.evenSigns(q >> 9), db, y, p + 8 * k);
    }
  }

  // IQ2_S: f16 d | 32 low bytes of indices | 32 bytes of signs | 8 bytes of 2 high bits | scales.
  static void iq2s(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    for (int k = 0; k < 32; k++) {
      int index = u8(s, o + 2 + k) | (u8(s, o + 66 + k / 4) >> k % 4 * 2 & 3) << 8;
      float db = d * (0.5f + scale4(s, o + 74, k / 2)) * 0.25f;
      signed(IqTables.IQ2_S[index], u8(s, o + 34 + k), db, y, p + 8 * k);
    }
  }

  private static int scale4(MemorySegment s, long scales, int i) {
    return u8(s, scales + i / 2) >> (i & 1) * 4 & 15;
  }

  // IQ3_XXS: f16 d | 64 index bytes | per 32 numbers a u32 of four 7-bit signs and a 4-bit scale.
  static void iq3xxs(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    for (int g = 0; g < 8; g++) {
      int aux = s.get(INT, o + 66 + 4 * g);
      float db = d * (0.5f + (aux >>> 28)) * 0.5f;
      for (int k = 0; k < 4; k++) {
        long index = o + 2 + 8 * g + 2 * k;
        long grid = pair(IqTables.IQ3_XXS[u8(s, index)], IqTables.IQ3_XXS[u8(s, index + 1)]);
        signed(grid, IqTables.evenSigns(aux >>> 7 * k & 127), db, y, p + 32 * g + 8 * k);
      }
    }
  }

  // IQ3_S: f16 d | 64 low bytes of indices | 8 bytes of ninth bits | 32 bytes of signs | 4 scales.
  static void iq3s(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    for (int k = 0; k < 32; k++) {
      int ninth = u8(s, o + 66 + k / 4) >> k % 4 * 2;
      int first = u8(s, o + 2 + 2 * k) | (ninth & 1) << 8;
      int second = u8(s, o + 3 + 2 * k) | (ninth & 2) << 7;
      float db = d * (1 + 2 * scale4(s, o + 106, k / 4));
      long grid = pair(IqTables.IQ3_S[first], IqTables.IQ3_S[second]);
      signed(grid, u8(s, o + 74 + k), db, y, p + 8 * k);
    }
  }

  private static long pair(int low, int high) {
    return low & 0xffffffffL | (long) high << 32;
  }

  private static void signed(long grid, int signs, float db, float[] y, int p) {
    for (int i = 0; i < 8; i++) {
      float v = db * (grid >> 8 * i & 0xff);
      y[p + i] = (signs >> i & 1) == 0 ? v : -v;
    }
  }

  // IQ4_NL: f16 d | 16 bytes of codes: low nibbles are 0…15, high ones 16…31.
  static void iq4nl(MemorySegment s, long o, float[] y, int p) {
    codes(s, o + 2, half(s, o), y, p);
  }

  // IQ4_XS: f16 d | u16: eight times 2 high bits of the scales | 4 bytes of low nibbles | codes.
  static void iq4xs(MemorySegment s, long o, float[] y, int p) {
    float d = half(s, o);
    int high = s.get(SHORT, o + 2);
    for (int g = 0; g < 8; g++) {
      int scale = scale4(s, o + 4, g) | (high >> 2 * g & 3) << 4;
      codes(s, o + 8 + 16 * g, d * (scale - 32), y, p + 32 * g);
    }
  }

  private static void codes(MemorySegment s, long o, float dl, float[] y, int p) {
    for (int i = 0; i < 16; i++) {
      int q = u8(s, o + i);
      y[p + i] = dl * IQ4_VALUES[q & 15];
      y[p + 16 + i] = dl * IQ4_VALUES[q >> 4];
    }
  }
}
