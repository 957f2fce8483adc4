package io.tiefsee.kernel.x86;

/**
 * Vector instructions on floating-point numbers. Names, operand order and meaning are those of
 * Intel's manual (SDM volume 2).
 */
abstract sealed class FloatInstructions extends ShiftInstructions permits TileInstructions {
  // ---- Arithmetic ----

  public final void vaddps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x58, d, s, t);
  }

  public final void vaddpd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x58, d, s, t);
  }

  public final void vaddss(Vec d, Vec s, Operand t) {
    rvm(PF3 | M0F | N4 | 0x58, d, s, t);
  }

  public final void vaddsd(Vec d, Vec s, Operand t) {
    rvm(PF2 | M0F | EW1 | N8 | 0x58, d, s, t);
  }

  public final void vsubps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x5C, d, s, t);
  }

  public final void vsubpd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x5C, d, s, t);
  }

  public final void vsubss(Vec d, Vec s, Operand t) {
    rvm(PF3 | M0F | N4 | 0x5C, d, s, t);
  }

  public final void vsubsd(Vec d, Vec s, Operand t) {
    rvm(PF2 | M0F | EW1 | N8 | 0x5C, d, s, t);
  }

  public final void vmulps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x59, d, s, t);
  }

  public final void vmulpd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x59, d, s, t);
  }

  public final void vmulss(Vec d, Vec s, Operand t) {
    rvm(PF3 | M0F | N4 | 0x59, d, s, t);
  }

  public final void vmulsd(Vec d, Vec s, Operand t) {
    rvm(PF2 | M0F | EW1 | N8 | 0x59, d, s, t);
  }

  public final void vdivps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x5E, d, s, t);
  }

  public final void vdivpd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x5E, d, s, t);
  }

  public final void vdivss(Vec d, Vec s, Operand t) {
    rvm(PF3 | M0F | N4 | 0x5E, d, s, t);
  }

  public final void vdivsd(Vec d, Vec s, Operand t) {
    rvm(PF2 | M0F | EW1 | N8 | 0x5E, d, s, t);
  }

  public final void vminps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x5D, d, s, t);
  }

  public final void vminpd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x5D, d, s, t);
  }

  public final void vminss(Vec d, Vec s, Operand t) {
    rvm(PF3 | M0F | N4 | 0x5D, d, s, t);
  }

  public final void vminsd(Vec d, Vec s, Operand t) {
    rvm(PF2 | M0F | EW1 | N8 | 0x5D, d, s, t);
  }

  public final void vmaxps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x5F, d, s, t);
  }

  public final void vmaxpd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x5F, d, s, t);
  }

  public final void vmaxss(Vec d, Vec s, Operand t) {
    rvm(PF3 | M0F | N4 | 0x5F, d, s, t);
  }

  public final void vmaxsd(Vec d, Vec s, Operand t) {
    rvm(PF2 | M0F | EW1 | N8 | 0x5F, d, s, t);
  }

  public final void vsqrtps(Vec d, Operand s) {
    rm(M0F | FULL | 0x51, d, s);
  }

  public final void vsqrtpd(Vec d, Operand s) {
    rm(P66 | M0F | EW1 | FULL | 0x51, d, s);
  }

  public final void vsqrtss(Vec d, Vec s, Operand t) {
    rvm(PF3 | M0F | N4 | 0x51, d, s, t);
  }

  public final void vhaddps(Vec d, Vec s, Operand t) {
    rvm(PF2 | M0F | VEX | FVM | 0x7C, d, s, t);
  }

  public final void vroundps(Vec d, Operand s, int imm) {
    rmi(P66 | M3A | VEX | FVM | 0x08, d, s, imm);
  }

  public final void vrndscaleps(Vec d, Operand s, int imm) {
    rmi(P66 | M3A | EVEX | FULL | 0x08, d, s, imm);
  }

  public final void vreduceps(Vec d, Operand s, int imm) {
    rmi(P66 | M3A | EVEX | FULL | 0x56, d, s, imm);
  }

  public final void vrcpps(Vec d, Operand s) {
    rm(M0F | VEX | FVM | 0x53, d, s);
  }

  public final void vrsqrtps(Vec d, Operand s) {
    rm(M0F | VEX | FVM | 0x52, d, s);
  }

  public final void vrcp14ps(Vec d, Operand s) {
    rm(P66 | M38 | EVEX | FULL | 0x4C, d, s);
  }

  public final void vrsqrt14ps(Vec d, Operand s) {
    rm(P66 | M38 | EVEX | FULL | 0x4E, d, s);
  }

  public final void vscalefps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FULL | 0x2C, d, s, t);
  }

  public final void vdpbf16ps(Vec d, Vec s, Operand t) {
    rvm(PF3 | M38 | EVEX | FULL | 0x52, d, s, t);
  }

  // ---- Multiply-add ----

  public final void vfmadd132ps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x98, d, s, t);
  }

  public final void vfmadd132pd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0x98, d, s, t);
  }

  public final void vfmadd132ss(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | N4 | 0x99, d, s, t);
  }

  public final void vfmadd132sd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | N8 | 0x99, d, s, t);
  }

  public final void vfmadd213ps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0xA8, d, s, t);
  }

  public final void vfmadd213pd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0xA8, d, s, t);
  }

  public final void vfmadd213ss(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | N4 | 0xA9, d, s, t);
  }

  public final void vfmadd213sd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | N8 | 0xA9, d, s, t);
  }

  public final void vfmadd231ps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0xB8, d, s, t);
  }

  public final void vfmadd231pd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0xB8, d, s, t);
  }

  public final void vfmadd231ss(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | N4 | 0xB9, d, s, t);
  }

  public final void vfmadd231sd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | N8 | 0xB9, d, s, t);
  }

  public final void vfnmadd132ps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x9C, d, s, t);
  }

  public final void vfnmadd132pd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0x9C, d, s, t);
  }

  public final void vfnmadd132ss(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | N4 | 0x9D, d, s, t);
  }

  public final void vfnmadd213ps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0xAC, d, s, t);
  }

  public final void vfnmadd213pd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0xAC, d, s, t);
  }

  public final void vfnmadd213ss(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | N4 | 0xAD, d, s, t);
  }

  public final void vfnmadd231ps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0xBC, d, s, t);
  }

  public final void vfnmadd231pd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0xBC, d, s, t);
  }

  public final void vfnmadd231ss(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | N4 | 0xBD, d, s, t);
  }

  public final void vfmsub132ps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x9A, d, s, t);
  }

  public final void vfmsub132pd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0x9A, d, s, t);
  }

  public final void vfmsub132ss(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | N4 | 0x9B, d, s, t);
  }

  public final void vfmsub213ps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0xAA, d, s, t);
  }

  public final void vfmsub213pd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0xAA, d, s, t);
  }

  public final void vfmsub213ss(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | N4 | 0xAB, d, s, t);
  }

  public final void vfmsub231ps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0xBA, d, s, t);
  }

  public final void vfmsub231pd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0xBA, d, s, t);
  }

  public final void vfmsub231ss(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | N4 | 0xBB, d, s, t);
  }

  // ---- Bits and comparisons ----

  public final void vandps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x54, d, s, t);
  }

  public final void vandnps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x55, d, s, t);
  }

  public final void vorps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x56, d, s, t);
  }

  public final void vxorps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x57, d, s, t);
  }

  public final void vcmpps(Vec d, Vec s, Operand t, int imm) {
    rvmi(M0F | VEX | FVM | 0xC2, d, s, t, imm);
  }

  public final void vcmpps(Mask d, Vec s, Operand t, int imm) {
    kvmi(M0F | FULL | 0xC2, d, s, t, imm);
  }

  public final void vucomiss(Vec d, Operand s) {
    rm(M0F | N4 | 0x2E, d, s);
  }

  // ---- Conversions ----

  public final void vcvtdq2ps(Vec d, Operand s) {
    rm(M0F | FULL | 0x5B, d, s);
  }

  public final void vcvtps2dq(Vec d, Operand s) {
    rm(P66 | M0F | FULL | 0x5B, d, s);
  }

  public final void vcvttps2dq(Vec d, Operand s) {
    rm(PF3 | M0F | FULL | 0x5B, d, s);
  }

  public final void vcvtps2pd(Vec d, Operand s) {
    rm(M0F | HALF | 0x5A, d, s);
  }

  public final void vcvtpd2ps(Vec d, Vec s) {
    rm(P66 | M0F | EW1 | 0x5A, d, s);
  }

  public final void vcvtph2ps(Vec d, Operand s) {
    rm(P66 | M38 | HALF | 0x13, d, s);
  }

  public final void vcvtps2ph(Operand d, Vec s, int imm) {
    mri(P66 | M3A | HALF | 0x1D, d, s, imm);
  }

  public final void vcvtneps2bf16(Vec d, Vec s) {
    rm(PF3 | M38 | EVEX | 0x72, d, s);
  }

  public final void vcvtss2sd(Vec d, Vec s, Operand t) {
    rvm(PF3 | M0F | N4 | 0x5A, d, s, t);
  }

  public final void vcvtsd2ss(Vec d, Vec s, Operand t) {
    rvm(PF2 | M0F | EW1 | N8 | 0x5A, d, s, t);
  }

  public final void vcvtsi2ss(Vec d, Vec s, Reg t) {
    rvm(PF3 | M0F | 0x2A | (t.bits() == 64 ? W1 : 0), d, s, t);
  }

  public final void vcvttss2si(Reg d, Operand s) {
    rm(PF3 | M0F | N4 | 0x2C | (d.bits() == 64 ? W1 : 0), d, s);
  }
}
