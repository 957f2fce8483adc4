package io.tiefsee.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The registers of this machine and what the kernels do with them everywhere.
 *
 * <p>Memory is read by address through one segment that spans everything: its kind and lifetime are
 * constants for the compiler, so a load is one instruction. Callers vouch for the range, as {@code
 * Matrix} and {@code Tensor} have checked their sizes.
 *
 * <p>Sums over lanes are made of shuffles in a fixed order: {@code reduceLanes} may add floats in
 * another order before and after compilation.
 */
final class Lanes {
  static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;

  /** As many shorts as {@link #F} has floats. */
  static final VectorSpecies<Short> HALF = ofBits(short.class, F.vectorBitSize() / 2);

  /** As many bytes as {@link #F} has floats, or eight where that is less than a register. */
  static final VectorSpecies<Byte> QUARTER =
      ofBits(byte.class, Math.max(64, F.vectorBitSize() / 4));

  static final int L = F.length();
  static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final VectorShuffle<Float> ROTATE_8 = VectorShuffle.iota(F, 8 % L, 1, true);
  private static final VectorShuffle<Float> ROTATE_4 = VectorShuffle.iota(F, 4 % L, 1, true);
  private static final VectorShuffle<Float> ROTATE_2 = VectorShuffle.iota(F, 2 % L, 1, true);
  private static final VectorShuffle<Float> ROTATE_1 = VectorShuffle.iota(F, 1, 1, true);

  private static final float TWO_112 = 0x1p112f;
  private static final int HALF_BITS = 0x8fffe000;
  private static final float LOG2_E = 1.44269504088896341f;
  private static final float ROUND = 12582912f;

  private Lanes() {}

  private static <E> VectorSpecies<E> ofBits(Class<E> element, int bits) {
    return VectorSpecies.of(element, VectorShape.forBitSize(bits));
  }

  static FloatVector load(long at) {
    return FloatVector.fromMemorySegment(F, ALL, at, LE);
  }

  static FloatVector load(long at, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(F, ALL, at, LE, mask);
  }

  static void store(FloatVector v, long at) {
    v.intoMemorySegment(ALL, at, LE);
  }

  static void store(FloatVector v, long at, VectorMask<Float> mask) {
    v.intoMemorySegment(ALL, at, LE, mask);
  }

  static float get(long at) {
    return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
  }

  static void set(long at, float v) {
    ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, v);
  }

  /** Σ of all lanes, in a fixed order. */
  static float sum(FloatVector v) {
    if (L >= 16) {
      v = v.add(v.rearrange(ROTATE_8));
    }
    if (L >= 8) {
      v = v.add(v.rearrange(ROTATE_4));
    }
    v = v.add(v.rearrange(ROTATE_2));
    return v.add(v.rearrange(ROTATE_1)).lane(0);
  }

  /** Sign-extended halves (IEEE binary16, finite) as floats, exactly. */
  static FloatVector halfBits(IntVector h) {
    // The exponent is too small by 112; subnormal halves become subnormal floats and scale alike.
    return h.lanewise(VectorOperators.LSHL, 13).and(HALF_BITS).reinterpretAsFloats().mul(TWO_112);
  }

  static FloatVector loadF16(long at) {
    ShortVector h = ShortVector.fromMemorySegment(HALF, ALL, at, LE);
    return halfBits((IntVector) h.convertShape(VectorOperators.S2I, I, 0));
  }

  static FloatVector loadBf16(long at) {
    ShortVector h = ShortVector.fromMemorySegment(HALF, ALL, at, LE);
    IntVector bits = (IntVector) h.convertShape(VectorOperators.S2I, I, 0);
    return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /** {@link #QUARTER} bytes; {@link #widen} makes floats of them. */
  static ByteVector loadBytes(long at) {
    return ByteVector.fromMemorySegment(QUARTER, ALL, at, LE);
  }

  static FloatVector widen(ByteVector b, int part) {
    return (FloatVector) b.convertShape(VectorOperators.B2F, F, part);
  }

  /** e^x to 2 units in the last place; underflows to 0, overflows to infinity. */
  static FloatVector exp(FloatVector x) {
    x = x.max(-104f).min(89f);
    FloatVector z = x.mul(LOG2_E).add(ROUND);
    FloatVector n = z.sub(ROUND);
    // ln 2 in two parts (Cephes, expf); the polynomial is Cephes' too.
    FloatVector r = n.fma(FloatVector.broadcast(F, -0.693359375f), x);
    r = n.fma(FloatVector.broadcast(F, 2.12194440e-4f), r);
    FloatVector p = FloatVector.broadcast(F, 1.9875691500e-4f);
    p = p.fma(r, FloatVector.broadcast(F, 1.3981999507e-3f));
    p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
    p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
    p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
    p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
    p = p.fma(r.mul(r), r).add(1f);
    // 2^n in two factors, so that subnormal results and 2^128 come out right.
    IntVector k = z.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
    IntVector k1 = k.lanewise(VectorOperators.ASHR, 1);
    return p.mul(powerOfTwo(k1)).mul(powerOfTwo(k.sub(k1)));
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }
}
