package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Lanes.LE;
import static io.tiefsee.kernel.vector.QuantFormat.GROUP;
import static io.tiefsee.kernel.vector.QuantFormat.UNIT;
import static io.tiefsee.kernel.vector.Rows16.F;
import static io.tiefsee.kernel.vector.Rows16.I;
import static io.tiefsee.kernel.vector.Rows16.L;
import static io.tiefsee.kernel.vector.Rows16.S;
import static io.tiefsee.kernel.vector.Rows16.plain;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Up to 256 columns of two groups of sixteen rows, taken out of layout VECTOR_16:
 *
 * <pre>
 *   int16 quants [128 lines][32 rows][2]   code − center, or the value of a table's code
 *   f32   scales [16][32]                  of 16 or 32 columns each, rows in order
 *   f32   minima [16][32]
 * </pre>
 *
 * where w = scale · quant + minimum.
 */
final class Panel {
  /** Rows of a panel. */
  static final int ROWS = 2 * GROUP;

  /** Shorts of a line of quants. */
  static final int LINE = 2 * ROWS;

  private static final VectorOperators.Binary SHL = VectorOperators.LSHL;
  private static final VectorOperators.Binary SHR = VectorOperators.LSHR;
  private static final VectorOperators.Binary SAR = VectorOperators.ASHR;
  private static final VectorOperators.Conversion<Integer, Float> I2F = VectorOperators.I2F;

  /** From the bits of a half (finite), exponent and all, to those of a float: see {@link Lanes}. */
  private static final int HALF_BITS = 0x8fffe000;

  private static final float TWO_112 = 0x1p112f;
  private static final ByteVector IQ4 =
      ByteVector.fromArray(ByteVector.SPECIES_128, VectorPacker.IQ4, 0);

  final short[] quants = new short[LINE * QuantFormat.CHUNK / 2];
  final float[] scales = new float[QuantFormat.CHUNK / 16 * ROWS];
  final float[] minima = new float[QuantFormat.CHUNK / 16 * ROWS];

  /** The f16 fields of the block at hand. */
  private final float[] d = new float[ROWS];

  private final float[] min = new float[ROWS];

  /** Address of row {@code r} in the first unit of two groups. */
  static long row(long first, long second, int r) {
    return (r < GROUP ? first : second) + 4L * (r % GROUP);
  }

  /** Takes the codes of {@code chains} chains of two groups. */
  void fillQuants(QuantFormat format, long first, long second, int chains) {
    int center = format.center();
    for (int r = 0; r < ROWS; r += L) {
      long p = row(first, second, r);
      if (format.isTable()) {
        table(p, 4 * chains, quants, 2 * r);
        continue;
      }
      switch (format.bits()) {
        case 3 -> threes(p, chains, center, quants, 2 * r);
        case 5 -> fives(p, chains, center, quants, 2 * r);
        case 6 -> sixes(p, chains, center, quants, 2 * r);
        case 2 -> simple(p, chains, 8, 2, center, quants, 2 * r);
        case 4 -> simple(p, 4 * chains, 4, 4, center, quants, 2 * r);
        default -> simple(p, 8 * chains, 2, 8, center, quants, 2 * r);
      }
    }
  }

  /** Units of {@code n} fields a short. */
  private static void simple(long p, int units, int n, int bits, int center, short[] to, int at) {
    p = plain(p);
    short mask = (short) ((1 << bits) - 1);
    for (int u = 0; u < units; u++) {
      ShortVector v = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * u, LE);
      for (int j = n * u; j < n * u + n; j++) {
        v.and(mask).sub((short) center).intoArray(to, at + LINE * j);
        v = v.lanewise(SHR, bits);
      }
    }
  }

  private static void threes(long p, int chains, int center, short[] to, int at) {
    odd(p, chains, 3, 5, 3, center, to, at);
  }

  private static void fives(long p, int chains, int center, short[] to, int at) {
    odd(p, chains, 5, 3, 5, center, to, at);
  }

  /** Units of {@code n} fields a short and a bit, of which the last line is made. */
  private static void odd(
      long p, int chains, int units, int n, int bits, int center, short[] to, int at) {
    p = plain(p);
    short mask = (short) ((1 << bits) - 1);
    for (int c = 0; c < chains; c++) {
      ShortVector last = ShortVector.broadcast(S, (short) -center);
      int line = 16 * c;
      for (int u = 0; u < units; u++) {
        ShortVector v =
            ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * (units * c + u), LE);
        for (int j = 0; j < n; j++) {
          v.and(mask).sub((short) center).intoArray(to, at + LINE * line++);
          v = v.lanewise(SHR, bits);
        }
        last = last.add(v.lanewise(SHL, u));
      }
      last.intoArray(to, at + LINE * line);
    }
  }

  private static void sixes(long p, int chains, int center, short[] to, int at) {
    p = plain(p);
    for (int c = 0; c < chains; c++) {
      int o = at + 8 * LINE * c;
      ShortVector shared = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * (3 * c + 2), LE);
      shared.and((short) 63).sub((short) center).intoArray(to, o + 4 * LINE);
      shared.lanewise(SHR, 6).and((short) 63).sub((short) center).intoArray(to, o + 5 * LINE);
      for (int u = 0; u < 2; u++) {
        ShortVector v = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * (3 * c + u), LE);
        v.and((short) 63).sub((short) center).intoArray(to, o + 2 * LINE * u);
        ShortVector next = v.lanewise(SHR, 6).and((short) 63).sub((short) center);
        next.intoArray(to, o + 2 * LINE * u + LINE);
        ShortVector high = shared.lanewise(SHR, 12 + 2 * u).and((short) 3).lanewise(SHL, 4);
        ShortVector low = v.lanewise(SHR, 12).sub((short) center);
        low.add(high).intoArray(to, o + 6 * LINE + LINE * u);
      }
    }
  }

  /** Look-ups work on registers of sixteen bytes, four rows. */
  private static void table(long p, int units, short[] to, int at) {
    p = plain(p);
    for (int u = 0; u < units; u++) {
      for (int o = 0; o < 4 * L; o += 16) {
        ByteVector v =
            ByteVector.fromMemorySegment(ByteVector.SPECIES_128, ALL, p + (long) UNIT * u + o, LE);
        int t = at + 4 * LINE * u + o / 2;
        // Nibbles 0 and 2 of each short, then 1 and 3.
        ShortVector even = v.and((byte) 15).selectFrom(IQ4).reinterpretAsShorts();
        v = v.reinterpretAsShorts().lanewise(SHR, 4).reinterpretAsBytes().and((byte) 15);
        ShortVector odd = v.selectFrom(IQ4).reinterpretAsShorts();
        even.lanewise(SHL, 8).lanewise(SAR, 8).intoArray(to, t);
        odd.lanewise(SHL, 8).lanewise(SAR, 8).intoArray(to, t + LINE);
        even.lanewise(SAR, 8).intoArray(to, t + 2 * LINE);
        odd.lanewise(SAR, 8).intoArray(to, t + 3 * LINE);
      }
    }
  }

  /** Takes the scales and minima of {@code subs} times 32 columns of a chunk of two groups. */
  void fillScales(QuantFormat format, long first, long second, int subs) {
    int heads = format.headUnits(subs);
    for (int r = 0; r < ROWS; r += L) {
      long head = row(first, second, r);
      if (format.hasSuperBlocks()) {
        if (!format.hasHiddenHead()) {
          halves(head, 1, d, r, min, r, ROWS);
        }
        bytes(format, head + format.scalesAt(subs), r);
      } else if (format.hasMin()) {
        halves(head, heads, scales, r, minima, r, ROWS);
      } else {
        halves(head, heads, scales, r, scales, r + ROWS, 2 * ROWS);
      }
      if (format.hasMin() && format.center() != 0) {
        moveMinima(format.center(), subs, scales, minima, r);
      }
    }
  }

  /** From the value of the code 0 to that of the center. */
  private static void moveMinima(float center, int lines, float[] scales, float[] minima, int r) {
    FloatVector c = FloatVector.broadcast(F, center);
    for (int i = r; i < ROWS * lines; i += ROWS) {
      FloatVector m = FloatVector.fromArray(F, minima, i);
      FloatVector.fromArray(F, scales, i).fma(c, m).intoArray(minima, i);
    }
  }

  /** Low and high halves of units, f16 to f32. */
  private static void halves(
      long p, int units, float[] low, int at, float[] high, int highAt, int step) {
    p = plain(p);
    for (int i = 0; i < units; i++) {
      IntVector v = IntVector.fromMemorySegment(I, ALL, p + (long) UNIT * i, LE);
      FloatVector f =
          v.lanewise(SHL, 16).lanewise(SAR, 3).and(HALF_BITS).reinterpretAsFloats().mul(TWO_112);
      f.intoArray(low, at + step * i);
      f = v.lanewise(SAR, 3).and(HALF_BITS).reinterpretAsFloats().mul(TWO_112);
      f.intoArray(high, highAt + step * i);
    }
  }

  private void bytes(QuantFormat format, long p, int r) {
    switch (format.type()) {
      case Q4_K, Q5_K -> bytesByTwo(p, d, min, r, scales, minima);
      case Q2_K -> nibbles(p, d, min, r, scales, minima);
      case Q3_K -> sixBits(p, r, scales);
      default -> bytes(p, format.scaleUnits(), d, r, scales);
    }
  }

  /** Each byte a signed factor of a scale. */
  private static void bytes(long p, int units, float[] d, int r, float[] to) {
    p = plain(p);
    for (int i = 0; i < units; i++) {
      IntVector v = IntVector.fromMemorySegment(I, ALL, p + (long) UNIT * i, LE);
      FloatVector f = FloatVector.fromArray(F, d, r);
      for (int b = 0; b < 4; b++) {
        ((FloatVector) v.lanewise(SHL, 24).lanewise(SAR, 24).convert(I2F, 0))
            .mul(f)
            .intoArray(to, ROWS * (4 * i + b) + r);
        v = v.lanewise(SHR, 8);
      }
    }
  }

  /** Bytes are scales of six bits; four bits of each unit make the f16 factor. */
  private static void sixBits(long p, int r, float[] to) {
    p = plain(p);
    IntVector d = IntVector.zero(I);
    for (int i = 0; i < 4; i++) {
      IntVector v = IntVector.fromMemorySegment(I, ALL, p + (long) UNIT * i, LE);
      v = v.lanewise(SHR, 6).and(3).or(v.lanewise(SHR, 12).and(12));
      d = d.or(v.lanewise(SHL, 4 * i));
    }
    FloatVector f =
        d.lanewise(SHL, 16).lanewise(SAR, 3).and(HALF_BITS).reinterpretAsFloats().mul(TWO_112);
    for (int i = 0; i < 4; i++) {
      IntVector v = IntVector.fromMemorySegment(I, ALL, p + (long) UNIT * i, LE);
      for (int b = 0; b < 4; b++) {
        ((FloatVector) v.lanewise(SHL, 26).lanewise(SAR, 26).convert(I2F, 0))
            .mul(f)
            .intoArray(to, ROWS * (4 * i + b) + r);
        v = v.lanewise(SHR, 8);
      }
    }
  }

  /** Bytes in turn a scale and a minimum. */
  private static void bytesByTwo(
      long p, float[] d, float[] min, int r, float[] scales, float[] minima) {
    p = plain(p);
    for (int i = 0; i < 4; i++) {
      IntVector v = IntVector.fromMemorySegment(I, ALL, p + (long) UNIT * i, LE);
      FloatVector f = FloatVector.fromArray(F, d, r);
      FloatVector g = FloatVector.fromArray(F, min, r).neg();
      for (int b = 0; b < 2; b++) {
        int o = ROWS * (2 * i + b) + r;
        ((FloatVector) v.and(255).convert(I2F, 0)).mul(f).intoArray(scales, o);
        ((FloatVector) v.lanewise(SHR, 8).and(255).convert(I2F, 0)).mul(g).intoArray(minima, o);
        v = v.lanewise(SHR, 16);
      }
    }
  }

  /** Nibbles in turn a scale and a minimum. */
  private static void nibbles(
      long p, float[] d, float[] min, int r, float[] scales, float[] minima) {
    p = plain(p);
    for (int i = 0; i < 4; i++) {
      IntVector v = IntVector.fromMemorySegment(I, ALL, p + (long) UNIT * i, LE);
      FloatVector f = FloatVector.fromArray(F, d, r);
      FloatVector g = FloatVector.fromArray(F, min, r).neg();
      for (int b = 0; b < 4; b++) {
        int o = ROWS * (4 * i + b) + r;
        ((FloatVector) v.and(15).convert(I2F, 0)).mul(f).intoArray(scales, o);
        ((FloatVector) v.lanewise(SHR, 4).and(15).convert(I2F, 0)).mul(g).intoArray(minima, o);
        v = v.lanewise(SHR, 8);
      }
    }
  }
}
