package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Lanes.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The registers for layout VECTOR_16: sixteen short lanes are one register of 256 bits or, where
 * registers are shorter, {@link #SLICES} of 128 that are worked on one after the other.
 */
final class Rows16 {
  private static final VectorShape SHAPE =
      VectorShape.forBitSize(Math.min(256, ShortVector.SPECIES_PREFERRED.vectorBitSize()));

  static final VectorSpecies<Short> S = VectorSpecies.of(short.class, SHAPE);
  static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, SHAPE);
  static final VectorSpecies<Float> F = VectorSpecies.of(float.class, SHAPE);

  /** Slices of sixteen rows; slice k has rows k·{@link #ROWS}… and 8 + k·{@link #ROWS}…. */
  static final int SLICES = 16 / S.length();

  /** Rows of the low halves of a slice, and of the high halves. */
  static final int ROWS = F.length();

  /** Bytes of a slice. */
  static final int BYTES = 2 * S.length();

  private static final int HALF_BITS = 0x8fffe000;
  private static final float TWO_112 = 0x1p112f;

  private Rows16() {}

  static ShortVector shorts(long at) {
    return ShortVector.fromMemorySegment(S, ALL, at, LE);
  }

  static IntVector ints(long at) {
    return IntVector.fromMemorySegment(I, ALL, at, LE);
  }

  static FloatVector floats(long at) {
    return FloatVector.fromMemorySegment(F, ALL, at, LE);
  }

  static void store(ShortVector v, long at) {
    v.intoMemorySegment(ALL, at, LE);
  }

  static void store(FloatVector v, long at) {
    v.intoMemorySegment(ALL, at, LE);
  }

  /** The low halves, sign-extended. */
  static IntVector low(IntVector v) {
    return v.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
  }

  static IntVector high(IntVector v) {
    return v.lanewise(VectorOperators.ASHR, 16);
  }

  /** The low halves as IEEE binary16 (finite), exactly; compare {@link Lanes#halfBits}. */
  static FloatVector lowHalf(IntVector v) {
    return highHalf(v.lanewise(VectorOperators.LSHL, 16));
  }

  static FloatVector highHalf(IntVector v) {
    return v.lanewise(VectorOperators.ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(TWO_112);
  }

  static FloatVector toFloat(IntVector v) {
    return (FloatVector) v.convert(VectorOperators.I2F, 0);
  }
}
