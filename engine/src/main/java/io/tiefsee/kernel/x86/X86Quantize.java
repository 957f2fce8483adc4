package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

/** Rounding of 32 floats to int8 with one scale, as the scalar kernels do it, bit for bit. */
final class X86Quantize {
  private static final int LESS = 1;

  private X86Quantize() {}

  /**
   * ymm0 = the quants in order, xmm5 = the scale in all lanes, 0 if it would be subnormal. Loses
   * ymm1 to ymm7.
   *
   * @param from address of the floats
   */
  static void emit(Assembler a, Reg from) {
    for (int i = 0; i < 4; i++) {
      a.vmovups(ymm(i), mem(from, 32 * i));
    }
    a.vmovups(ymm7, mem(a.ints(repeat(0x7fffffff))));
    a.vandps(ymm4, ymm0, ymm7);
    for (int i = 1; i < 4; i++) {
      a.vandps(ymm5, ymm(i), ymm7);
      a.vmaxps(ymm4, ymm4, ymm5);
    }
    a.vextractf128(xmm5, ymm4, 1);
    a.vmaxps(xmm4, xmm4, xmm5);
    a.vpermilps(xmm5, xmm4, 0x4e);
    a.vmaxps(xmm4, xmm4, xmm5);
    a.vpermilps(xmm5, xmm4, 0xb1);
    a.vmaxps(xmm4, xmm4, xmm5);
    a.vdivps(xmm4, xmm4, X86Exp.constant(a, 127));
    // A subnormal scale counts as 0 and its numbers are divided by infinity.
    a.vcmpps(xmm6, xmm4, X86Exp.constant(a, Float.MIN_NORMAL), LESS);
    a.vandnps(xmm5, xmm6, xmm4);
    a.vandps(xmm6, xmm6, X86Exp.constant(a, Float.POSITIVE_INFINITY));
    a.vorps(xmm6, xmm6, xmm5);
    a.vbroadcastss(ymm6, xmm6);
    for (int i = 0; i < 4; i++) {
      a.vdivps(ymm(i), ymm(i), ymm6);
      a.vcvtps2dq(ymm(i), ymm(i));
    }
    a.vpackssdw(ymm0, ymm0, ymm1);
    a.vpackssdw(ymm2, ymm2, ymm3);
    a.vpacksswb(ymm0, ymm0, ymm2);
    // The packs work within halves: fours of quants come out as 0 2 4 6 1 3 5 7.
    a.vmovups(ymm1, mem(a.ints(0, 4, 1, 5, 2, 6, 3, 7)));
    a.vpermd(ymm0, ymm1, ymm0);
  }

  static int[] repeat(int value) {
    int[] lanes = new int[8];
    java.util.Arrays.fill(lanes, value);
    return lanes;
  }
}
