package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Lanes.LE;
import static io.tiefsee.kernel.vector.QuantFormat.UNIT;
import static io.tiefsee.kernel.vector.Rows16.BYTES;
import static io.tiefsee.kernel.vector.Rows16.F;
import static io.tiefsee.kernel.vector.Rows16.ROWS;
import static io.tiefsee.kernel.vector.Rows16.SLICES;
import static io.tiefsee.kernel.vector.Rows16.highHalf;
import static io.tiefsee.kernel.vector.Rows16.ints;
import static io.tiefsee.kernel.vector.Rows16.lowHalf;
import static io.tiefsee.kernel.vector.Rows16.shorts;
import static io.tiefsee.kernel.vector.Rows16.store;
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
 *   int16 quants [256][16]      code − center, lanes as in QuantFormat
 *   f32   scales [16][16]       of 16 columns each, rows in order
 *   f32   minima [16][16]
 * </pre>
 *
 * where w = scale · quant + minimum. Formats with a scale per 32 columns leave every second line of
 * scales and minima unused.
 */
final class Panel {
  static final long SCALES = 256L * UNIT;
  static final long LINE = 64;
  static final long MINIMA = SCALES + 16 * LINE;
  static final long BYTES_TOTAL = MINIMA + 16 * LINE;

  private static final VectorOperators.Binary SHL = VectorOperators.LSHL;
  private static final VectorOperators.Binary SHR = VectorOperators.LSHR;
  private static final VectorOperators.Binary SAR = VectorOperators.ASHR;
  private static final ByteVector IQ4 =
      ByteVector.fromArray(ByteVector.SPECIES_128, VectorPacker.IQ4, 0);

  private Panel() {}

  /** Takes {@code subs} times 32 columns out of whole blocks. */
  static void fill(QuantFormat format, long from, int subs, long panel) {
    int perBlock = format.type().blockElements() / 32;
    for (int sub = 0; sub < subs; sub++) {
      long block = from + format.blockBytes() * (sub / perBlock);
      int within = sub % perBlock;
      long p = block + format.subOffset(within);
      long scales = p;
      if (format.scalesAt(within)) {
        p += UNIT;
      } else if (within > 0) {
        scales = block + format.subOffset(within - 1);
      }
      long to = panel + 32L * UNIT * sub;
      for (int i = 0; i < SLICES; i++) {
        int o = i * BYTES;
        codes(format, p + o, to + o);
        // Rows of a slice: those of the low halves, and eight further on those of the high ones.
        long line = panel + SCALES + 2 * LINE * sub + 4L * ROWS * i;
        scales(format, block + o, scales + o, within, line);
      }
    }
  }

  private static void codes(QuantFormat format, long p, long to) {
    switch (format.type()) {
      case Q2_K -> twoBits(p, to);
      case Q3_K -> threeBits(p, to);
      case Q4_0, Q4_1, Q4_K -> fourBits(p, to);
      case Q5_0, Q5_1, Q5_K -> fiveBits(p, to);
      case Q6_K -> sixBits(p, to);
      case IQ4_NL, IQ4_XS -> table(p, to);
      default -> eightBits(p, to);
    }
  }

  private static void twoBits(long p, long to) {
    for (int k = 0; k < 4; k++) {
      ShortVector v = shorts(p + k * UNIT);
      long t = to + 8L * UNIT * k;
      for (int j = 0; j < 8; j++) {
        store(v.and((short) 3), t + j * UNIT);
        v = v.lanewise(SHR, 2);
      }
    }
  }

  private static void threeBits(long p, long to) {
    for (int k = 0; k < 4; k++) {
      ShortVector v = shorts(p + k * UNIT);
      ShortVector h = shorts(p + 4 * UNIT + k / 2 * UNIT).lanewise(SHR, 8 * (k % 2));
      h = h.lanewise(SHL, 2);
      long t = to + 8L * UNIT * k;
      for (int j = 0; j < 8; j++) {
        store(v.and((short) 3).or(h.and((short) 4)).sub((short) 4), t + j * UNIT);
        v = v.lanewise(SHR, 2);
        h = h.lanewise(SHR, 1);
      }
    }
  }

  private static void fourBits(long p, long to) {
    for (int k = 0; k < 8; k++) {
      ShortVector v = shorts(p + k * UNIT);
      long t = to + 4L * UNIT * k;
      store(v.and((short) 15).sub((short) 8), t);
      store(v.lanewise(SHR, 4).and((short) 15).sub((short) 8), t + UNIT);
      store(v.lanewise(SHR, 8).and((short) 15).sub((short) 8), t + 2 * UNIT);
      store(v.lanewise(SHR, 12).sub((short) 8), t + 3 * UNIT);
    }
  }

  private static void fiveBits(long p, long to) {
    for (int half = 0; half < 2; half++) {
      ShortVector h = shorts(p + 8 * UNIT + half * UNIT);
      for (int k = 4 * half; k < 4 * half + 4; k++) {
        ShortVector v = shorts(p + k * UNIT);
        long t = to + 4L * UNIT * k;
        store(five(v, h.lanewise(SHL, 4)), t);
        store(five(v.lanewise(SHR, 4), h.lanewise(SHL, 3)), t + UNIT);
        store(five(v.lanewise(SHR, 8), h.lanewise(SHL, 2)), t + 2 * UNIT);
        store(five(v.lanewise(SHR, 12), h.lanewise(SHL, 1)), t + 3 * UNIT);
        h = h.lanewise(SHR, 4);
      }
    }
  }

  private static ShortVector five(ShortVector low, ShortVector high) {
    return low.and((short) 15).or(high.and((short) 16)).sub((short) 16);
  }

  private static void sixBits(long p, long to) {
    for (int pair = 0; pair < 4; pair++) {
      ShortVector h = shorts(p + 8 * UNIT + pair * UNIT);
      for (int k = 2 * pair; k < 2 * pair + 2; k++) {
        ShortVector v = shorts(p + k * UNIT);
        long t = to + 4L * UNIT * k;
        store(six(v, h.lanewise(SHL, 4)), t);
        store(six(v.lanewise(SHR, 4), h.lanewise(SHL, 2)), t + UNIT);
        store(six(v.lanewise(SHR, 8), h), t + 2 * UNIT);
        store(six(v.lanewise(SHR, 12), h.lanewise(SHR, 2)), t + 3 * UNIT);
        h = h.lanewise(SHR, 8);
      }
    }
  }

  private static ShortVector six(ShortVector low, ShortVector high) {
    return low.and((short) 15).or(high.and((short) 48)).sub((short) 32);
  }

  private static void eightBits(long p, long to) {
    for (int k = 0; k < 16; k++) {
      ShortVector v = shorts(p + k * UNIT);
      long t = to + 2L * UNIT * k;
      store(v.lanewise(SHL, 8).lanewise(SAR, 8), t);
      store(v.lanewise(SAR, 8), t + UNIT);
    }
  }

  /** Look-ups work on registers of sixteen bytes. */
  private static void table(long p, long to) {
    for (int k = 0; k < 8; k++) {
      long t = to + 4L * UNIT * k;
      for (int o = 0; o < BYTES; o += 16) {
        ByteVector v =
            ByteVector.fromMemorySegment(ByteVector.SPECIES_128, ALL, p + k * UNIT + o, LE);
        // Nibbles 0 and 2 of each short, then 1 and 3.
        ShortVector even = lookUp(v.and((byte) 15));
        ShortVector odd =
            lookUp(v.reinterpretAsShorts().lanewise(SHR, 4).reinterpretAsBytes().and((byte) 15));
        store(even.lanewise(SHL, 8).lanewise(SAR, 8), t + o);
        store(odd.lanewise(SHL, 8).lanewise(SAR, 8), t + o + UNIT);
        store(even.lanewise(SAR, 8), t + o + 2 * UNIT);
        store(odd.lanewise(SAR, 8), t + o + 3 * UNIT);
      }
    }
  }

  private static ShortVector lookUp(ByteVector codes) {
    return codes.selectFrom(IQ4).reinterpretAsShorts();
  }

  /** Scales and minima of 32 columns, the rows of one slice. */
  private static void scales(QuantFormat format, long head, long unit, int sub, long line) {
    IntVector d = ints(head);
    FloatVector lowD = lowHalf(d);
    FloatVector highD = highHalf(d);
    switch (format.type()) {
      case Q4_1, Q5_1 -> {
        IntVector m = ints(head + UNIT);
        minimum(lowD, lowHalf(m), format.center(), line);
        minimum(highD, highHalf(m), format.center(), line + 32);
      }
      case Q4_K, Q5_K -> {
        IntVector s = ints(unit);
        IntVector m = ints(head + UNIT);
        FloatVector low = lowHalf(m).mul(signedByte(s, 16)).neg();
        FloatVector high = highHalf(m).mul(signedByte(s, 0)).neg();
        minimum(lowD.mul(signedByte(s, 24)), low, format.center(), line);
        minimum(highD.mul(signedByte(s, 8)), high, format.center(), line + 32);
      }
      case Q2_K -> {
        IntVector s = ints(unit);
        IntVector m = ints(head + UNIT);
        nibbleScales(s, lowD, lowHalf(m), 0, line);
        nibbleScales(s, highD, highHalf(m), 16, line + 32);
        nibbleScales(s, lowD, lowHalf(m), 8, line + LINE);
        nibbleScales(s, highD, highHalf(m), 24, line + LINE + 32);
      }
      case Q3_K, Q6_K -> {
        IntVector s = ints(unit);
        store(lowD.mul(signedByte(s, 24)), line);
        store(highD.mul(signedByte(s, 8)), line + 32);
        store(lowD.mul(signedByte(s, 16)), line + LINE);
        store(highD.mul(signedByte(s, 0)), line + LINE + 32);
      }
      case IQ4_XS -> {
        IntVector s = ints(unit);
        store(lowD.mul(signedByte(s, 24 - 8 * (sub % 2))), line);
        store(highD.mul(signedByte(s, 8 - 8 * (sub % 2))), line + 32);
      }
      default -> {
        store(lowD, line);
        store(highD, line + 32);
      }
    }
  }

  /** The signed byte whose bits begin {@code left} bits from the top. */
  private static FloatVector signedByte(IntVector v, int left) {
    return toFloat(v.lanewise(SHL, left).lanewise(SAR, 24));
  }

  private static void minimum(FloatVector scale, FloatVector min, float center, long line) {
    store(scale, line);
    store(scale.fma(FloatVector.broadcast(F, center), min), line + MINIMA - SCALES);
  }

  private static void nibbleScales(
      IntVector v, FloatVector d, FloatVector min, int shift, long line) {
    IntVector b = v.lanewise(SHR, shift);
    store(d.mul(toFloat(b.and(15))), line);
    store(min.mul(toFloat(b.lanewise(SHR, 4).and(15))).neg(), line + MINIMA - SCALES);
  }
}
