package io.tiefsee.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.tiefsee.kernel.Packer;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Brings rows into layout VECTOR_16 and back.
 *
 * @param format how the type lies there
 */
record VectorPacker(QuantFormat format) implements Packer {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int GROUP = 16;
  private static final int UNIT = QuantFormat.UNIT;

  /** The values that the codes of IQ4_NL and IQ4_XS stand for. */
  static final byte[] IQ4 = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  @Override
  public QuantType type() {
    return format.type();
  }

  @Override
  public Layout layout() {
    return Layout.VECTOR_16;
  }

  @Override
  public long packedBytes(int rows, int cols) {
    return groupBytes(cols) * Math.ceilDiv(rows, GROUP);
  }

  private long groupBytes(int cols) {
    return blocks(cols) * format.blockBytes();
  }

  private int blocks(int cols) {
    return Math.toIntExact(type().bytes(cols) / type().blockBytes());
  }

  @Override
  public void pack(Matrix w, MemorySegment packed, int g0, int g1) {
    SubBlocks fields = new SubBlocks();
    int blocks = blocks(w.cols());
    for (int g = g0; g < g1; g++) {
      long group = groupBytes(w.cols()) * g;
      packed.asSlice(group, groupBytes(w.cols())).fill((byte) 0);
      int rows = Math.min(GROUP, w.rows() - g * GROUP);
      for (int r = 0; r < rows; r++) {
        for (int b = 0; b < blocks; b++) {
          long from = w.rowOffset(g * GROUP + r) + (long) b * type().blockBytes();
          fields.read(format, w.data(), from);
          write(fields, packed, group + format.blockBytes() * b + laneOffset(r));
        }
      }
    }
  }

  /** Where the short of a row lies in a unit: see {@link QuantFormat}. */
  private static int laneOffset(int row) {
    return 4 * (row % 8) + 2 * (row / 8);
  }

  private void write(SubBlocks fields, MemorySegment to, long at) {
    to.set(SHORT, at, fields.d);
    if (format.hasMin()) {
      to.set(SHORT, at + UNIT, fields.min);
    }
    byte[] codes = fields.codes;
    int unit = 0;
    for (int sub = 0; sub < type().blockElements() / 32; sub++) {
      long p = at + format.subOffset(sub);
      if (format.scalesAt(sub)) {
        to.set(JAVA_BYTE, p, fields.scales[2 * unit]);
        to.set(JAVA_BYTE, p + 1, fields.scales[2 * unit + 1]);
        unit++;
        p += UNIT;
      }
      int c = 32 * sub;
      switch (format.bits()) {
        case 2 -> put(codes, c, 0, 2, to, p);
        case 3 -> {
          put(codes, c, 0, 2, to, p);
          put(codes, c, 2, 1, to, p + 4 * UNIT);
        }
        case 4 -> put(codes, c, 0, 4, to, p);
        case 5 -> {
          put(codes, c, 0, 4, to, p);
          put(codes, c, 4, 1, to, p + 8 * UNIT);
        }
        case 6 -> {
          put(codes, c, 0, 4, to, p);
          put(codes, c, 4, 2, to, p + 8 * UNIT);
        }
        default -> put(codes, c, 0, 8, to, p);
      }
    }
  }

  /** {@code bits} bits from {@code shift} on of 32 codes, a unit per 16 / bits columns. */
  private static void put(byte[] codes, int c, int shift, int bits, MemorySegment to, long p) {
    int each = 16 / bits;
    int mask = (1 << bits) - 1;
    for (int k = 0; k < 32 / each; k++) {
      int v = 0;
      for (int j = 0; j < each; j++) {
        v |= (codes[c + k * each + j] >> shift & mask) << j * bits;
      }
      to.set(SHORT, p + (long) k * UNIT, (short) v);
    }
  }

  @Override
  public void unpackRow(Matrix w, int row, MemorySegment y) {
    int elements = type().blockElements();
    long at = groupBytes(w.cols()) * (row / GROUP) + laneOffset(row % GROUP);
    for (int b = 0; b < blocks(w.cols()); b++) {
      long block = at + format.blockBytes() * b;
      float d = Float.float16ToFloat(w.data().get(SHORT, block));
      float min = format.hasMin() ? Float.float16ToFloat(w.data().get(SHORT, block + UNIT)) : 0;
      long scales = 0;
      int sinceScales = 0;
      for (int sub = 0; sub < elements / 32; sub++) {
        long p = block + format.subOffset(sub);
        if (format.scalesAt(sub)) {
          scales = p;
          p += UNIT;
          sinceScales = 0;
        }
        int s0 = scales == 0 ? 0 : w.data().get(JAVA_BYTE, scales);
        int s1 = scales == 0 ? 0 : w.data().get(JAVA_BYTE, scales + 1);
        for (int c = 0; c < 32; c++) {
          int s = type() == QuantType.IQ4_XS ? (sinceScales == 0 ? s0 : s1) : c < 16 ? s0 : s1;
          float v = value(code(w.data(), p, c), d, min, s, s0, s1);
          y.set(JAVA_FLOAT_UNALIGNED, 4L * (b * elements + 32L * sub + c), v);
        }
        sinceScales++;
      }
    }
  }

  private int code(MemorySegment data, long p, int c) {
    return switch (format.bits()) {
      case 2 -> get(data, p, c, 2);
      case 3 -> get(data, p, c, 2) | get(data, p + 4 * UNIT, c, 1) << 2;
      case 4 -> get(data, p, c, 4);
      case 5 -> get(data, p, c, 4) | get(data, p + 8 * UNIT, c, 1) << 4;
      case 6 -> get(data, p, c, 4) | get(data, p + 8 * UNIT, c, 2) << 4;
      default -> (byte) get(data, p, c, 8);
    };
  }

  private static int get(MemorySegment data, long p, int c, int bits) {
    int each = 16 / bits;
    int unit = data.get(SHORT, p + (long) (c / each) * UNIT);
    return unit >> c % each * bits & (1 << bits) - 1;
  }

  /** The very operations of the reference, so that the bits are the same. */
  private float value(int code, float d, float min, int scale, int s0, int s1) {
    return switch (type()) {
      case Q4_1, Q5_1 -> code * d + min;
      case Q2_K -> d * (scale & 15) * code - min * (scale >> 4 & 15);
      case Q4_K, Q5_K -> d * s0 * code - min * s1;
      case Q3_K, Q6_K -> d * scale * (code - format.center());
      case IQ4_NL -> d * IQ4[code];
      case IQ4_XS -> d * scale * IQ4[code];
      default -> (code - format.center()) * d;
    };
  }
}
