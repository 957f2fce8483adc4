package io.tiefsee.kernel.x86;

import java.util.Arrays;

/**
 * The exponential in a routine: Cephes' polynomial (expf) on x - n·ln 2, then 2^n by the exponent's
 * bits. Two units in the last place; below {@link #LOWEST} the result is exactly 0, so that −∞
 * gives a weight that adds nothing.
 */
final class X86Exp {
  /** About ln 2^-126: results would be subnormal below. */
  static final float LOWEST = -87.33654f;

  private static final int NOT_LESS = 5;
  private static final float[] POLYNOMIAL = {
    1.9875691500e-4f,
    1.3981999507e-3f,
    8.3334519073e-3f,
    4.1665795894e-2f,
    1.6666665459e-1f,
    5.0000001201e-1f,
    1,
    1
  };

  private X86Exp() {}

  /**
   * x = e^x in all lanes, for x up to 88; NaN stays NaN. With 512 bits k1 is lost, too.
   *
   * @param t four registers that lose their contents
   */
  static void emit(Assembler a, Vec x, Vec... t) {
    Vec r = t[0];
    Vec n = t[1];
    Vec p = t[2];
    Vec mask = t[3];
    boolean wide = x.bits() == 512;
    a.vbroadcastss(r, constant(a, LOWEST));
    if (wide) {
      a.vcmpps(Registers.k1, x, r, NOT_LESS);
    } else {
      a.vcmpps(mask, x, r, NOT_LESS);
    }
    a.vmaxps(r, r, x);
    a.vmulps(n, r, lanes(a, x, 1.44269504088896341f));
    if (wide) {
      a.vrndscaleps(n, n, 0);
    } else {
      a.vroundps(n, n, 0);
    }
    a.vfnmadd231ps(r, n, lanes(a, x, 0.693359375f));
    a.vfnmadd231ps(r, n, lanes(a, x, -2.12194440e-4f));
    a.vcvtps2dq(n, n);
    a.vpslld(n, n, 23);
    a.vbroadcastss(p, constant(a, POLYNOMIAL[0]));
    for (int i = 1; i < POLYNOMIAL.length; i++) {
      a.vfmadd213ps(p, r, lanes(a, x, POLYNOMIAL[i]));
    }
    a.vpaddd(p, p, n);
    if (wide) {
      a.vmovups(x.k(Registers.k1).z(), p);
    } else {
      a.vandps(x, p, mask);
    }
  }

  /** A number in all lanes of an operand beside {@code x}. */
  private static Mem lanes(Assembler a, Vec x, float value) {
    Mem eight = constant(a, value);
    return x.bits() == 512 ? eight.bcst() : eight;
  }

  /** A number in all eight lanes. */
  static Mem constant(Assembler a, float value) {
    float[] lanes = new float[8];
    Arrays.fill(lanes, value);
    return Registers.mem(a.floats(lanes));
  }
}
