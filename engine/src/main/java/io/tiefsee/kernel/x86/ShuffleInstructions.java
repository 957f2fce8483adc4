package io.tiefsee.kernel.x86;

/**
 * Vector instructions that order and choose data: shuffles, permutations, blends and opmasks.
 * Names, operand order and meaning are those of Intel's manual (SDM volume 2).
 */
abstract sealed class ShuffleInstructions extends MoveInstructions permits IntegerInstructions {
  // ---- Shuffles and permutations ----

  public final void vpshufb(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FVM | 0x00, d, s, t);
  }

  public final void vpshufd(Vec d, Operand s, int imm) {
    rmi(P66 | M0F | FULL | 0x70, d, s, imm);
  }

  public final void vpshuflw(Vec d, Operand s, int imm) {
    rmi(PF2 | M0F | FVM | 0x70, d, s, imm);
  }

  public final void vpshufhw(Vec d, Operand s, int imm) {
    rmi(PF3 | M0F | FVM | 0x70, d, s, imm);
  }

  public final void vpalignr(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | FVM | 0x0F, d, s, t, imm);
  }

  public final void vshufps(Vec d, Vec s, Operand t, int imm) {
    rvmi(M0F | FULL | 0xC6, d, s, t, imm);
  }

  public final void vshufi32x4(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | FULL | 0x43, d, s, t, imm);
  }

  public final void vshuff32x4(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | FULL | 0x23, d, s, t, imm);
  }

  public final void vpermilps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x0C, d, s, t);
  }

  public final void vpermilps(Vec d, Operand s, int imm) {
    rmi(P66 | M3A | FULL | 0x04, d, s, imm);
  }

  public final void vpermd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x36, d, s, t);
  }

  public final void vpermps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x16, d, s, t);
  }

  public final void vpermq(Vec d, Operand s, int imm) {
    rmi(P66 | M3A | W1 | FULL | 0x00, d, s, imm);
  }

  public final void vpermpd(Vec d, Operand s, int imm) {
    rmi(P66 | M3A | W1 | FULL | 0x01, d, s, imm);
  }

  public final void vpermq(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | W1 | FULL | 0x36, d, s, t);
  }

  public final void vpermb(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FVM | 0x8D, d, s, t);
  }

  public final void vpermw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | W1 | FVM | 0x8D, d, s, t);
  }

  public final void vpermi2d(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FULL | 0x76, d, s, t);
  }

  public final void vpermt2d(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FULL | 0x7E, d, s, t);
  }

  public final void vpermi2b(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FVM | 0x75, d, s, t);
  }

  public final void vpermt2b(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FVM | 0x7D, d, s, t);
  }

  public final void vpermt2w(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | W1 | FVM | 0x7D, d, s, t);
  }

  public final void vperm2f128(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | VEX | FVM | 0x06, d, s, t, imm);
  }

  public final void vperm2i128(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | VEX | FVM | 0x46, d, s, t, imm);
  }

  public final void vmovshdup(Vec d, Operand s) {
    rm(PF3 | M0F | FVM | 0x16, d, s);
  }

  public final void vmovsldup(Vec d, Operand s) {
    rm(PF3 | M0F | FVM | 0x12, d, s);
  }

  public final void vmovddup(Vec d, Operand s) {
    rm(PF2 | M0F | VEX | FVM | 0x12, d, s);
  }

  public final void vmovhlps(Vec d, Vec s, Vec t) {
    rvm(M0F | 0x12, d, s, t);
  }

  public final void vmovlhps(Vec d, Vec s, Vec t) {
    rvm(M0F | 0x16, d, s, t);
  }

  public final void vpunpcklbw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0x60, d, s, t);
  }

  public final void vpunpcklwd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0x61, d, s, t);
  }

  public final void vpunpckldq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FULL | 0x62, d, s, t);
  }

  public final void vpunpcklqdq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x6C, d, s, t);
  }

  public final void vpunpckhbw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0x68, d, s, t);
  }

  public final void vpunpckhwd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0x69, d, s, t);
  }

  public final void vpunpckhdq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FULL | 0x6A, d, s, t);
  }

  public final void vpunpckhqdq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x6D, d, s, t);
  }

  public final void vunpcklps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x14, d, s, t);
  }

  public final void vunpckhps(Vec d, Vec s, Operand t) {
    rvm(M0F | FULL | 0x15, d, s, t);
  }

  public final void vunpcklpd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x14, d, s, t);
  }

  public final void vunpckhpd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0x15, d, s, t);
  }

  // ---- Blends ----

  public final void vblendvps(Vec d, Vec s, Operand t, Vec mask) {
    rvmi(P66 | M3A | VEX | FVM | 0x4A, d, s, t, mask.index() << 4);
  }

  public final void vpblendvb(Vec d, Vec s, Operand t, Vec mask) {
    rvmi(P66 | M3A | VEX | FVM | 0x4C, d, s, t, mask.index() << 4);
  }

  public final void vblendps(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | VEX | FVM | 0x0C, d, s, t, imm);
  }

  public final void vpblendd(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | VEX | FVM | 0x02, d, s, t, imm);
  }

  public final void vpblendw(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | VEX | FVM | 0x0E, d, s, t, imm);
  }

  public final void vpblendmd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FULL | 0x64, d, s, t);
  }

  public final void vblendmps(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FULL | 0x65, d, s, t);
  }

  public final void vpblendmb(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FVM | 0x66, d, s, t);
  }

  // ---- Opmasks ----

  public final void kmovb(Mask d, Operand s) {
    if (s instanceof Reg) {
      rm(P66 | M0F | 0x92, d, s);
    } else {
      rm(P66 | M0F | 0x90, d, s);
    }
  }

  public final void kmovb(Reg d, Mask s) {
    rm(P66 | M0F | 0x93, d, s);
  }

  public final void kmovb(Mem d, Mask s) {
    mr(P66 | M0F | 0x91, d, s);
  }

  public final void kmovw(Mask d, Operand s) {
    if (s instanceof Reg) {
      rm(M0F | 0x92, d, s);
    } else {
      rm(M0F | 0x90, d, s);
    }
  }

  public final void kmovw(Reg d, Mask s) {
    rm(M0F | 0x93, d, s);
  }

  public final void kmovw(Mem d, Mask s) {
    mr(M0F | 0x91, d, s);
  }

  public final void kmovd(Mask d, Operand s) {
    if (s instanceof Reg) {
      rm(PF2 | M0F | 0x92, d, s);
    } else {
      rm(P66 | M0F | W1 | 0x90, d, s);
    }
  }

  public final void kmovd(Reg d, Mask s) {
    rm(PF2 | M0F | 0x93, d, s);
  }

  public final void kmovd(Mem d, Mask s) {
    mr(P66 | M0F | W1 | 0x91, d, s);
  }

  public final void kmovq(Mask d, Operand s) {
    if (s instanceof Reg) {
      rm(PF2 | M0F | W1 | 0x92, d, s);
    } else {
      rm(M0F | W1 | 0x90, d, s);
    }
  }

  public final void kmovq(Reg d, Mask s) {
    rm(PF2 | M0F | W1 | 0x93, d, s);
  }

  public final void kmovq(Mem d, Mask s) {
    mr(M0F | W1 | 0x91, d, s);
  }
}
