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

  /** The f16 fields of the block at hand. */
  private final float[] d = new float[LINE];

  private final float[] min = new float[LINE];

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
    int perBlock = format.type().blockElements() / 32;
    for (int sub = 0; sub < subs; sub++) {
      long head = from + format.head(sub);
      long unit = from + format.scales(sub);
      for (int i = 0; i < SLICES; i++) {
        // Rows of a slice: those of the low halves, and eight further on those of the high ones.
        int row = ROWS * i;
        if (sub % perBlock == 0) {
          halves(head + i * BYTES, d, row);
          if (format.hasMin()) {
            halves(head + UNIT + i * BYTES, min, row);
          }
        }
        scales(format, unit + i * BYTES, sub, row, 2 * LINE * sub + row);
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
  private void scales(QuantFormat format, long unit, int sub, int row, int line) {
    switch (format.type()) {
      case Q4_1, Q5_1 -> {
        copy(d, row, scales, line);
        copy(min, row, minima, line);
        recenter(format.center(), line);
      }
      case Q4_K, Q5_K -> {
        bytes(unit, 24, d, row, scales, line);
        bytes(unit, 16, min, row, minima, line);
        negateAndRecenter(format.center(), line);
      }
      case Q2_K -> {
        nibbles(unit, 0, d, row, scales, line);
        nibbles(unit, 8, d, row, scales, line + LINE);
        nibbles(unit, 4, min, row, minima, line);
        nibbles(unit, 12, min, row, minima, line + LINE);
        negate(line);
        negate(line + LINE);
      }
      case Q3_K, Q6_K -> {
        bytes(unit, 24, d, row, scales, line);
        bytes(unit, 16, d, row, scales, line + LINE);
      }
      case IQ4_XS -> bytes(unit, 24 - 8 * (sub % 2), d, row, scales, line);
      default -> copy(d, row, scales, line);
    }
  }

  // Small methods that pass arrays: the compiler inlines each as a whole.

  /** Sixteen f16 as f32. */
  private static void halves(long from, float[] to, int row) {
    IntVector v = ints(from);
    lowHalf(v).intoArray(to, row);
    highHalf(v).intoArray(to, row + 8);
  }

  private static void copy(float[] from, int row, float[] to, int line) {
    FloatVector.fromArray(F, from, row).intoArray(to, line);
    FloatVector.fromArray(F, from, row + 8).intoArray(to, line + 8);
  }

  /**
   * Factors times a signed byte of each short, the first ({@code left} = 24: what is above it in
   * the int lane of rows 0–7) or the second (16).
   */
  private static void bytes(long unit, int left, float[] factors, int row, float[] to, int line) {
    IntVector v = ints(unit);
    IntVector low = v.lanewise(SHL, left).lanewise(SAR, 24);
    toFloat(low).mul(FloatVector.fromArray(F, factors, row)).intoArray(to, line);
    IntVector high = v.lanewise(SHL, left - 16).lanewise(SAR, 24);
    toFloat(high).mul(FloatVector.fromArray(F, factors, row + 8)).intoArray(to, line + 8);
  }

  /** Factors times four bits of each short, from {@code shift} on. */
  private static void nibbles(
      long unit, int shift, float[] factors, int row, float[] to, int line) {
    IntVector v = ints(unit).lanewise(SHR, shift);
    toFloat(v.and(15)).mul(FloatVector.fromArray(F, factors, row)).intoArray(to, line);
    v = v.lanewise(SHR, 16).and(15);
    toFloat(v).mul(FloatVector.fromArray(F, factors, row + 8)).intoArray(to, line + 8);
  }

  private void negate(int line) {
    FloatVector.fromArray(F, minima, line).neg().intoArray(minima, line);
    FloatVector.fromArray(F, minima, line + 8).neg().intoArray(minima, line + 8);
  }

  private void negateAndRecenter(float center, int line) {
    negate(line);
    recenter(center, line);
  }

  /** The minimum of a code of 0 to that of a code of {@code center}, for both halves. */
  private void recenter(float center, int line) {
    FloatVector c = FloatVector.broadcast(F, center);
    for (int o = line; o < line + 16; o += 8) {
      FloatVector m =
          FloatVector.fromArray(F, scales, o).fma(c, FloatVector.fromArray(F, minima, o));
      m.intoArray(minima, o);
      m.intoArray(minima, o + LINE);
    }
  }

  private static void put(ShortVector v, short[] to, int at) {
    v.intoArray(to, at);
  }
}
