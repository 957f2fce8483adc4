package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.QuantFormat.GROUP;
import static io.tiefsee.kernel.vector.QuantFormat.UNIT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.tiefsee.kernel.Packer;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Brings rows into layout VECTOR_16 and back. */
final class VectorPacker implements Packer {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The values that the codes of IQ4_NL and IQ4_XS stand for. */
  static final byte[] IQ4 = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private final QuantFormat format;
  private final QuantFormat.Field[] fields;

  VectorPacker(QuantFormat format) {
    this.format = format;
    this.fields = format.fields().toArray(QuantFormat.Field[]::new);
  }

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
    return format.groupBytes(cols) * Math.ceilDiv(rows, GROUP);
  }

  private int blocks(int cols) {
    return Math.toIntExact(type().bytes(cols) / type().blockBytes());
  }

  @Override
  public void pack(Matrix w, MemorySegment packed, int g0, int g1) {
    SubBlocks fields = new SubBlocks();
    Places places = new Places(w.cols());
    long groupBytes = format.groupBytes(w.cols());
    for (int g = g0; g < g1; g++) {
      packed.asSlice(groupBytes * g, groupBytes).fill((byte) 0);
      int rows = Math.min(GROUP, w.rows() - g * GROUP);
      for (int r = 0; r < rows; r++) {
        long row = w.rowOffset(g * GROUP + r);
        for (int b = 0; b < blocks(w.cols()); b++) {
          fields.read(format, w.data(), row + (long) b * type().blockBytes());
          places.of(groupBytes * g + 4L * r, b);
          write(fields, packed, places);
        }
      }
    }
  }

  /** Where the parts of a block of one row lie. */
  private final class Places {
    private final int cols;
    private final int perChunk = QuantFormat.CHUNK / type().blockElements();
    long head;
    long scales;
    long codes;

    Places(int cols) {
      this.cols = cols;
    }

    void of(long row, int block) {
      int c = block * type().blockElements();
      int first = c - c % QuantFormat.CHUNK;
      int subs = Math.min(QuantFormat.CHUNK, cols - first) / 32;
      int within = block % perChunk;
      long chunk = row + format.chunkAt(c);
      boolean twoAnInt = !format.hasSuperBlocks() && !format.hasMin();
      head =
          chunk + (twoAnInt ? (long) UNIT * (within / 2) + 2 * (within % 2) : (long) UNIT * within);
      scales = chunk + format.scalesAt(subs);
      codes = chunk + format.codesAt(subs) + (long) UNIT * format.bits() * within;
    }
  }

  private void write(SubBlocks block, MemorySegment to, Places at) {
    if (!format.hasHiddenHead()) {
      to.set(SHORT, at.head, block.d);
    }
    if (format.hasMin()) {
      to.set(SHORT, at.head + 2, block.min);
    }
    for (int i = 0; i < 4 * format.scaleUnits(); i++) {
      int scale = block.scales[i];
      if (format.hasHiddenHead()) {
        scale = scale & 63 | hidden(block.d, i);
      }
      to.set(JAVA_BYTE, at.scales + (long) UNIT * (i / 4) + i % 4, (byte) scale);
    }
    int[] units = new int[format.units()];
    long p = at.codes;
    for (int c = 0; c < type().blockElements(); c += format.chainColumns()) {
      Arrays.fill(units, 0);
      for (QuantFormat.Field f : fields) {
        int mask = (1 << f.width()) - 1;
        int low = stored(block.codes[c + f.line()]) >> f.from() & mask;
        int high = stored(block.codes[c + f.line() + format.lines()]) >> f.from() & mask;
        units[f.unit()] |= low << f.at() | high << 16 + f.at();
      }
      for (int unit : units) {
        to.set(INT, p, unit);
        p += UNIT;
      }
    }
  }

  /** The two bits of the head that byte {@code i} of the scales holds above its own. */
  private static int hidden(short head, int i) {
    return i % 4 < 2 ? (head >> 4 * (i / 4) + 2 * (i % 4) & 3) << 6 : 0;
  }

  private short head(MemorySegment data, Places at) {
    if (!format.hasHiddenHead()) {
      return data.get(SHORT, at.head);
    }
    int head = 0;
    for (int i = 0; i < 16; i++) {
      if (i % 4 < 2) {
        head |= (scale(data, at.scales, i) >> 6 & 3) << 4 * (i / 4) + 2 * (i % 4);
      }
    }
    return (short) head;
  }

  /** Codes of eight bits are stored without sign. */
  private int stored(byte code) {
    return format.bits() == 8 ? code + format.center() : code;
  }

  @Override
  public void unpackRow(Matrix w, int row, MemorySegment y) {
    int elements = type().blockElements();
    Places at = new Places(w.cols());
    long from = format.groupBytes(w.cols()) * (row / GROUP) + 4L * (row % GROUP);
    int[] codes = new int[elements];
    for (int b = 0; b < blocks(w.cols()); b++) {
      at.of(from, b);
      codes(w.data(), at.codes, codes);
      float d = Float.float16ToFloat(head(w.data(), at));
      float min = format.hasMin() ? Float.float16ToFloat(w.data().get(SHORT, at.head + 2)) : 0;
      for (int c = 0; c < elements; c++) {
        float v = value(codes[c], d, min, w.data(), at.scales, c);
        y.set(JAVA_FLOAT_UNALIGNED, 4L * ((long) b * elements + c), v);
      }
    }
  }

  private void codes(MemorySegment data, long p, int[] to) {
    Arrays.fill(to, 0);
    for (int c = 0; c < to.length; c += format.chainColumns()) {
      for (QuantFormat.Field f : fields) {
        int unit = data.get(INT, p + (long) UNIT * f.unit());
        int mask = (1 << f.width()) - 1;
        to[c + f.line()] |= (unit >> f.at() & mask) << f.from();
        to[c + f.line() + format.lines()] |= (unit >> 16 + f.at() & mask) << f.from();
      }
      p += (long) UNIT * format.units();
    }
  }

  /** The very operations of the reference, so that the bits are the same. */
  private float value(int code, float d, float min, MemorySegment data, long scales, int c) {
    return switch (type()) {
      case Q4_1, Q5_1 -> code * d + min;
      case Q2_K -> {
        int scale = scale(data, scales, c / 16);
        yield d * (scale & 15) * code - min * (scale >> 4 & 15);
      }
      case Q4_K, Q5_K ->
          d * scale(data, scales, c / 32 * 2) * code - min * scale(data, scales, c / 32 * 2 + 1);
      case Q3_K -> d * (scale(data, scales, c / 16) << 26 >> 26) * (code - format.center());
      case Q6_K -> d * scale(data, scales, c / 16) * (code - format.center());
      case IQ4_NL -> d * IQ4[code];
      case IQ4_XS -> d * scale(data, scales, c / 32) * IQ4[code];
      default -> (code - format.center()) * d;
    };
  }

  private static int scale(MemorySegment data, long scales, int i) {
    return data.get(JAVA_BYTE, scales + (long) UNIT * (i / 4) + i % 4);
  }
}
