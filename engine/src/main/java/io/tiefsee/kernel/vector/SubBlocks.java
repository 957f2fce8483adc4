package io.tiefsee.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The fields of one block of weights, taken apart: a code per column, and what scales it. Layouts
 * are ggml's (ggml-common.h and dequantize_row_* of llama.cpp).
 *
 * <p>Reused from block to block; not thread-safe.
 */
final class SubBlocks {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Bits of the block's f16 scale. */
  short d;

  /** Bits of the block's f16 minimum (Q4_1, Q5_1) or factor of minima (Q2_K, Q4_K, Q5_K). */
  short min;

  /** Unsigned codes; Q8_0's are the quants themselves. */
  final byte[] codes = new byte[256];

  /** The byte of each 16 columns that scales them, if the format has it: two per 32 columns. */
  final byte[] scales = new byte[16];

  private final byte[] raw = new byte[256];

  void read(QuantFormat format, MemorySegment data, long at) {
    QuantType type = format.type();
    MemorySegment.copy(data, JAVA_BYTE, at, raw, 0, type.blockBytes());
    int dAt =
        switch (type) {
          case Q2_K -> 80;
          case Q3_K -> 108;
          case Q6_K -> 208;
          default -> 0;
        };
    d = data.get(SHORT, at + dAt);
    if (format.hasMin()) {
      min = data.get(SHORT, at + dAt + 2);
    }
    switch (type) {
      case Q4_0, IQ4_NL -> nibbles(2, 0);
      case Q4_1 -> nibbles(4, 0);
      case Q5_0 -> {
        nibbles(6, 0);
        fifthBits(data.get(INT, at + 2));
      }
      case Q5_1 -> {
        nibbles(8, 0);
        fifthBits(data.get(INT, at + 4));
      }
      case Q8_0 -> System.arraycopy(raw, 2, codes, 0, 32);
      case Q2_K -> q2k();
      case Q3_K -> q3k();
      case Q4_K, Q5_K -> q45k(type == QuantType.Q5_K);
      case Q6_K -> q6k();
      case IQ4_XS -> iq4xs();
      default -> throw new IllegalArgumentException(type + " is not interleaved");
    }
  }

  /** Sixteen bytes: columns 0–15 below, 16–31 above. */
  private void nibbles(int from, int column) {
    for (int i = 0; i < 16; i++) {
      codes[column + i] = (byte) (raw[from + i] & 15);
      codes[column + 16 + i] = (byte) (raw[from + i] >> 4 & 15);
    }
  }

  private void fifthBits(int bits) {
    for (int i = 0; i < 32; i++) {
      codes[i] |= (byte) ((bits >>> i & 1) << 4);
    }
  }

  private void q2k() {
    System.arraycopy(raw, 0, scales, 0, 16);
    for (int c = 0; c < 256; c++) {
      codes[c] = (byte) (raw[16 + c / 128 * 32 + c % 32] >> 2 * (c / 32 % 4) & 3);
    }
  }

  private void q3k() {
    for (int i = 0; i < 16; i++) {
      int low = raw[96 + i % 8] >> 4 * (i / 8) & 15;
      int high = raw[104 + i % 4] >> 2 * (i / 4) & 3;
      scales[i] = (byte) ((low | high << 4) - 32);
    }
    for (int c = 0; c < 256; c++) {
      int low = raw[32 + c / 128 * 32 + c % 32] >> 2 * (c / 32 % 4) & 3;
      codes[c] = (byte) (low | (raw[c % 32] >> c / 32 & 1) << 2);
    }
  }

  /** Scale and minimum of each 32 columns lie side by side. */
  private void q45k(boolean five) {
    for (int j = 0; j < 4; j++) {
      scales[2 * j] = (byte) (raw[4 + j] & 63);
      scales[2 * j + 1] = (byte) (raw[8 + j] & 63);
      scales[2 * j + 8] = (byte) (raw[12 + j] & 15 | (raw[4 + j] >> 6 & 3) << 4);
      scales[2 * j + 9] = (byte) (raw[12 + j] >> 4 & 15 | (raw[8 + j] >> 6 & 3) << 4);
    }
    int quants = five ? 48 : 16;
    for (int c = 0; c < 256; c++) {
      int code = raw[quants + c / 64 * 32 + c % 32] >> 4 * (c / 32 % 2) & 15;
      if (five) {
        code |= (raw[16 + c % 32] >> c / 32 & 1) << 4;
      }
      codes[c] = (byte) code;
    }
  }

  private void q6k() {
    System.arraycopy(raw, 192, scales, 0, 16);
    for (int c = 0; c < 256; c++) {
      int quarter = c / 32 % 4;
      int low = raw[c / 128 * 64 + c % 64] >> 4 * (quarter / 2) & 15;
      int high = raw[128 + c / 128 * 32 + c % 32] >> 2 * quarter & 3;
      codes[c] = (byte) (low | high << 4);
    }
  }

  private void iq4xs() {
    int high = raw[2] & 255 | (raw[3] & 255) << 8;
    for (int b = 0; b < 8; b++) {
      int low = raw[4 + b / 2] >> 4 * (b % 2) & 15;
      scales[b] = (byte) ((low | (high >> 2 * b & 3) << 4) - 32);
      nibbles(8 + 16 * b, 32 * b);
    }
  }
}
