package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Lanes.LE;
import static io.tiefsee.kernel.vector.QuantFormat.UNIT;
import static io.tiefsee.kernel.vector.Rows16.BYTES;
import static io.tiefsee.kernel.vector.Rows16.F;
import static io.tiefsee.kernel.vector.Rows16.ROWS;
import static io.tiefsee.kernel.vector.Rows16.S;
import static io.tiefsee.kernel.vector.Rows16.SLICES;
import static io.tiefsee.kernel.vector.Rows16.highHalf;
import static io.tiefsee.kernel.vector.Rows16.ints;
import static io.tiefsee.kernel.vector.Rows16.lowHalf;
import static io.tiefsee.kernel.vector.Rows16.shorts;
import static io.tiefsee.kernel.vector.Rows16.toFloat;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Up to 256 columns of sixteen rows, taken out of layout VECTOR_16 for a product with many tokens:
 *
 * <pre>
 *   int16 quants [2][256][16]   code − center, lanes as in QuantFormat; two planes of 8-bit codes
 *   f32   scales [16][16]       of 16 columns each, rows in order
 *   f32   minima [16][16]
 * </pre>
 *
 * where w = scale · quant + minimum. Formats with a scale per 32 columns leave every second line of
 * scales unused; their minima are there twice.
 */
final class Panel {
  /** Numbers of a column of quants, of a line of scales, and of a line of minima. */
  static final int LINE = 16;

  /** Shorts from the low to the high parts of quants in two planes. */
  static final int PLANE = QuantFormat.CHUNK * LINE;

  private static final VectorOperators.Binary SHL = VectorOperators.LSHL;
  private static final VectorOperators.Binary SHR = VectorOperators.LSHR;
  private static final VectorOperators.Binary SAR = VectorOperators.ASHR;
  private static final ByteVector IQ4 =
      ByteVector.fromArray(ByteVector.SPECIES_128, VectorPacker.IQ4, 0);

  final short[] quants = new short[2 * PLANE];
  final float[] scales = new float[QuantFormat.CHUNK];
  final float[] minima = new float[QuantFormat.CHUNK];

  /** Takes the codes of {@code subs} times 32 columns out of whole blocks at {@code from}. */
  void fillQuants(QuantFormat format, long from, int subs) {
    for (int sub = 0; sub < subs; sub++) {
      long p = from + format.codes(sub);
      for (int i = 0; i < SLICES; i++) {
        codes(format, p + i * BYTES, quants, 32 * LINE * sub + i * S.length());
      }
    }
  }

  /** The same for scales and minima. */
  void fillScales(QuantFormat format, long from, int subs) {
    for (int sub = 0; sub < subs; sub++) {
      long head = from + format.head(sub);
      long unit = from + format.scales(sub);
      for (int i = 0; i < SLICES; i++) {
        int o = i * BYTES;
        // Rows of a slice: those of the low halves, and eight further on those of the high ones.
        scales(format, head + o, unit + o, sub, 2 * LINE * sub + ROWS * i);
      }
    }
  }

  private static void codes(QuantFormat format, long p, short[] to, int at) {
    switch (format.type()) {
      case Q2_K -> twoBits(p, to, at);
      case Q3_K -> threeBits(p, to, at);
      case Q4_0, Q4_1, Q4_K -> fourBits(p, to, at);
      case Q5_0, Q5_1, Q5_K -> fiveBits(p, to, at);
      case Q6_K -> sixBits(p, to, at);
      case IQ4_NL, IQ4_XS -> table(p, to, at);
      default -> eightBits(p, to, at);
    }
  }

  private static void twoBits(long p, short[] to, int at) {
    for (int k = 0; k < 4; k++) {
      ShortVector v = shorts(p + k * UNIT);
      int t = at + 8 * LINE * k;
      for (int j = 0; j < 8; j++) {
        put(v.and((short) 3), to, t + j * LINE);
        v = v.lanewise(SHR, 2);
      }
    }
  }

  private static void threeBits(long p, short[] to, int at) {
    for (int k = 0; k < 4; k++) {
      ShortVector v = shorts(p + k * UNIT);
      ShortVector h = shorts(p + 4 * UNIT + k / 2 * UNIT).lanewise(SHR, 8 * (k % 2));
      h = h.lanewise(SHL, 2);
      int t = at + 8 * LINE * k;
      for (int j = 0; j < 8; j++) {
        put(v.and((short) 3).or(h.and((short) 4)).sub((short) 4), to, t + j * LINE);
        v = v.lanewise(SHR, 2);
        h = h.lanewise(SHR, 1);
      }
    }
  }

  private static void fourBits(long p, short[] to, int at) {
    for (int k = 0; k < 8; k++) {
      ShortVector v = shorts(p + k * UNIT);
      int t = at + 4 * LINE * k;
      put(v.and((short) 15).sub((short) 8), to, t);
      put(v.lanewise(SHR, 4).and((short) 15).sub((short) 8), to, t + LINE);
      put(v.lanewise(SHR, 8).and((short) 15).sub((short) 8), to, t + 2 * LINE);
      put(v.lanewise(SHR, 12).sub((short) 8), to, t + 3 * LINE);
    }
  }

  private static void fiveBits(long p, short[] to, int at) {
    for (int half = 0; half < 2; half++) {
      ShortVector h = shorts(p + 8 * UNIT + half * UNIT);
      for (int k = 4 * half; k < 4 * half + 4; k++) {
        ShortVector v = shorts(p + k * UNIT);
        int t = at + 4 * LINE * k;
        put(five(v, h.lanewise(SHL, 4)), to, t);
        put(five(v.lanewise(SHR, 4), h.lanewise(SHL, 3)), to, t + LINE);
        put(five(v.lanewise(SHR, 8), h.lanewise(SHL, 2)), to, t + 2 * LINE);
        put(five(v.lanewise(SHR, 12), h.lanewise(SHL, 1)), to, t + 3 * LINE);
        h = h.lanewise(SHR, 4);
      }
    }
  }

  private static ShortVector five(ShortVector low, ShortVector high) {
    return low.and((short) 15).or(high.and((short) 16)).sub((short) 16);
  }

  private static void sixBits(long p, short[] to, int at) {
    for (int pair = 0; pair < 4; pair++) {
      ShortVector h = shorts(p + 8 * UNIT + pair * UNIT);
      for (int k = 2 * pair; k < 2 * pair + 2; k++) {
        ShortVector v = shorts(p + k * UNIT);
        int t = at + 4 * LINE * k;
        put(six(v, h.lanewise(SHL, 4)), to, t);
        put(six(v.lanewise(SHR, 4), h.lanewise(SHL, 2)), to, t + LINE);
        put(six(v.lanewise(SHR, 8), h), to, t + 2 * LINE);
        put(six(v.lanewise(SHR, 12), h.lanewise(SHR, 2)), to, t + 3 * LINE);
        h = h.lanewise(SHR, 8);
      }
    }
  }

  private static ShortVector six(ShortVector low, ShortVector high) {
    return low.and((short) 15).or(high.and((short) 48)).sub((short) 32);
  }

  private static void eightBits(long p, short[] to, int at) {
    for (int k = 0; k < 16; k++) {
      ShortVector v = shorts(p + k * UNIT);
      int t = at + 2 * LINE * k;
      split(v.lanewise(SHL, 8).lanewise(SAR, 8), to, t);
      split(v.lanewise(SAR, 8), to, t + LINE);
    }
  }

  /** v = 16 · high + low. */
  private static void split(ShortVector v, short[] to, int at) {
    v = v.add((short) 8);
    v.and((short) 15).sub((short) 8).intoArray(to, at);
    v.lanewise(SAR, 4).intoArray(to, at + PLANE);
  }

  /** Look-ups work on registers of sixteen bytes. */
  private static void table(long p, short[] to, int at) {
    for (int k = 0; k < 8; k++) {
      int t = at + 4 * LINE * k;
      for (int o = 0; o < BYTES; o += 16) {
        ByteVector v =
            ByteVector.fromMemorySegment(ByteVector.SPECIES_128, ALL, p + k * UNIT + o, LE);
        // Nibbles 0 and 2 of each short, then 1 and 3.
        ShortVector even = lookUp(v.and((byte) 15));
        ShortVector odd =
            lookUp(v.reinterpretAsShorts().lanewise(SHR, 4).reinterpretAsBytes().and((byte) 15));
        split(even.lanewise(SHL, 8).lanewise(SAR, 8), to, t + o / 2);
        split(odd.lanewise(SHL, 8).lanewise(SAR, 8), to, t + o / 2 + LINE);
        split(even.lanewise(SAR, 8), to, t + o / 2 + 2 * LINE);
        split(odd.lanewise(SAR, 8), to, t + o / 2 + 3 * LINE);
      }
    }
  }

  private static ShortVector lookUp(ByteVector codes) {
    return codes.selectFrom(IQ4).reinterpretAsShorts();
  }

  /** Scales and minima of 32 columns, the rows of one slice. */
  private void scales(QuantFormat format, long head, long unit, int sub, int line) {
    switch (format.type()) {
      case Q4_1, Q5_1 -> offsets(head, format.center(), line);
      case Q4_K, Q5_K -> scaleAndMinimum(head, unit, format.center(), line);
      case Q2_K -> {
        nibbles(head, unit, 0, line);
        nibbles(head, unit, 8, line + LINE);
      }
      case Q3_K, Q6_K -> {
        byteScale(head, unit, 24, line);
        byteScale(head, unit, 16, line + LINE);
      }
      case IQ4_XS -> byteScale(head, unit, 24 - 8 * (sub % 2), line);
      default -> plain(head, line);
    }
  }

  private void plain(long head, int line) {
    IntVector d = ints(head);
    lowHalf(d).intoArray(scales, line);
    highHalf(d).intoArray(scales, line + 8);
  }

  private void offsets(long head, float center, int line) {
    plain(head, line);
    IntVector m = ints(head + UNIT);
    lowHalf(m).intoArray(minima, line);
    highHalf(m).intoArray(minima, line + 8);
    recenter(center, line);
    recenter(center, line + 8);
  }

  /** The minimum of a code of 0 to that of a code of {@code center}, for both halves. */
  private void recenter(float center, int line) {
    FloatVector scale = FloatVector.fromArray(F, scales, line);
    FloatVector min = FloatVector.fromArray(F, minima, line);
    min = scale.fma(FloatVector.broadcast(F, center), min);
    min.intoArray(minima, line);
    min.intoArray(minima, line + LINE);
  }

  private void scaleAndMinimum(long head, long unit, float center, int line) {
    byteScale(head, unit, 24, line);
    IntVector m = ints(head + UNIT);
    IntVector s = ints(unit);
    lowHalf(m).mul(signedByte(s, 16)).neg().intoArray(minima, line);
    highHalf(m).mul(signedByte(s, 0)).neg().intoArray(minima, line + 8);
    recenter(center, line);
    recenter(center, line + 8);
  }

  /**
   * d times a byte of each short: {@code left} = 24 for the first, 16 for the second of rows 0–7.
   */
  private void byteScale(long head, long unit, int left, int line) {
    IntVector d = ints(head);
    IntVector s = ints(unit);
    lowHalf(d).mul(signedByte(s, left)).intoArray(scales, line);
    highHalf(d).mul(signedByte(s, left - 16)).intoArray(scales, line + 8);
  }

  /** The signed byte whose bits begin {@code left} bits from the top. */
  private static FloatVector signedByte(IntVector v, int left) {
    return toFloat(v.lanewise(SHL, left).lanewise(SAR, 24));
  }

  private void nibbles(long head, long unit, int shift, int line) {
    IntVector d = ints(head);
    IntVector m = ints(head + UNIT);
    IntVector s = ints(unit).lanewise(SHR, shift);
    lowHalf(d).mul(toFloat(s.and(15))).intoArray(scales, line);
    lowHalf(m).mul(toFloat(s.lanewise(SHR, 4).and(15))).neg().intoArray(minima, line);
    s = s.lanewise(SHR, 16);
    highHalf(d).mul(toFloat(s.and(15))).intoArray(scales, line + 8);
    highHalf(m).mul(toFloat(s.lanewise(SHR, 4).and(15))).neg().intoArray(minima, line + 8);
  }

  private static void put(ShortVector v, short[] to, int at) {
    v.intoArray(to, at);
  }
}
