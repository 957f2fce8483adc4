package io.tiefsee.kernel.x86;

/**
 * Vector instructions that move data without computing: loads, stores, broadcasts, shuffles,
 * blends, inserts, extracts and opmasks. Names, operand order and meaning are those of Intel's
 * manual (SDM volume 2). An {@code Operand} may be a register or memory.
 */
abstract sealed class MoveInstructions extends GeneralInstructions permits IntegerInstructions {
  // ---- Loads and stores ----

  public final void vmovups(Operand d, Operand s) {
    move(M0F | FVM | 0x10, 0x11, d, s);
  }

  public final void vmovaps(Operand d, Operand s) {
    move(M0F | FVM | 0x28, 0x29, d, s);
  }

  public final void vmovdqu(Operand d, Operand s) {
    move(PF3 | M0F | VEX | FVM | 0x6F, 0x7F, d, s);
  }

  public final void vmovdqa(Operand d, Operand s) {
    move(P66 | M0F | VEX | FVM | 0x6F, 0x7F, d, s);
  }

  public final void vmovdqu8(Operand d, Operand s) {
    move(PF2 | M0F | EVEX | FVM | 0x6F, 0x7F, d, s);
  }

  public final void vmovdqu16(Operand d, Operand s) {
    move(PF2 | M0F | EVEX | W1 | FVM | 0x6F, 0x7F, d, s);
  }

  public final void vmovdqu32(Operand d, Operand s) {
    move(PF3 | M0F | EVEX | FVM | 0x6F, 0x7F, d, s);
  }

  public final void vmovdqu64(Operand d, Operand s) {
    move(PF3 | M0F | EVEX | W1 | FVM | 0x6F, 0x7F, d, s);
  }

  public final void vmovntps(Mem d, Vec s) {
    mr(M0F | FVM | 0x2B, d, s);
  }

  public final void vmovntdqa(Vec d, Mem s) {
    rm(P66 | M38 | FVM | 0x2A, d, s);
  }

  public final void vmaskmovps(Vec d, Vec mask, Mem s) {
    rvm(P66 | M38 | VEX | FVM | 0x2C, d, mask, s);
  }

  public final void vmaskmovps(Mem d, Vec mask, Vec s) {
    rvm(P66 | M38 | VEX | FVM | 0x2E, s, mask, d);
  }

  public final void vpmaskmovd(Vec d, Vec mask, Mem s) {
    rvm(P66 | M38 | VEX | FVM | 0x8C, d, mask, s);
  }

  public final void vpmaskmovd(Mem d, Vec mask, Vec s) {
    rvm(P66 | M38 | VEX | FVM | 0x8E, s, mask, d);
  }

  public final void vmovss(Vec d, Mem s) {
    rm(PF3 | M0F | N4 | 0x10, d, s);
  }

  public final void vmovss(Mem d, Vec s) {
    mr(PF3 | M0F | N4 | 0x11, d, s);
  }

  public final void vmovsd(Vec d, Mem s) {
    rm(PF2 | M0F | EW1 | N8 | 0x10, d, s);
  }

  public final void vmovsd(Mem d, Vec s) {
    mr(PF2 | M0F | EW1 | N8 | 0x11, d, s);
  }

  /** Between an xmm register and a 32-bit register or memory; the rest of an xmm becomes zero. */
  public final void vmovd(Operand d, Operand s) {
    single(P66 | M0F | N4 | 0x6E, 0x7E, d, s);
  }

  /** Between an xmm register and a 64-bit register; the rest of an xmm becomes zero. */
  public final void vmovq(Vec d, Reg s) {
    rm(P66 | M0F | W1 | N8 | 0x6E, d, s);
  }

  public final void vmovq(Reg d, Vec s) {
    mr(P66 | M0F | W1 | N8 | 0x7E, d, s);
  }

  public final void vmovq(Vec d, Mem s) {
    rm(PF3 | M0F | EW1 | N8 | 0x7E, d, s);
  }

  public final void vmovq(Mem d, Vec s) {
    mr(P66 | M0F | EW1 | N8 | 0xD6, d, s);
  }

  public final void vpgatherdd(Vec d, Mem s, Vec mask) {
    gather(P66 | M38 | VEX | 0x90, d, s, mask);
  }

  public final void vgatherdps(Vec d, Mem s, Vec mask) {
    gather(P66 | M38 | VEX | 0x92, d, s, mask);
  }

  // ---- Broadcasts ----

  public final void vbroadcastss(Vec d, Operand s) {
    rm(P66 | M38 | N4 | 0x18, d, s);
  }

  public final void vbroadcastsd(Vec d, Operand s) {
    rm(P66 | M38 | EW1 | N8 | 0x19, d, s);
  }

  public final void vbroadcastf128(Vec d, Mem s) {
    rm(P66 | M38 | VEX | N16 | 0x1A, d, s);
  }

  public final void vbroadcasti128(Vec d, Mem s) {
    rm(P66 | M38 | VEX | N16 | 0x5A, d, s);
  }

  public final void vbroadcastf32x4(Vec d, Mem s) {
    rm(P66 | M38 | EVEX | N16 | 0x1A, d, s);
  }

  public final void vbroadcasti32x4(Vec d, Mem s) {
    rm(P66 | M38 | EVEX | N16 | 0x5A, d, s);
  }

  public final void vbroadcasti64x2(Vec d, Mem s) {
    rm(P66 | M38 | EVEX | W1 | N16 | 0x5A, d, s);
  }

  public final void vbroadcasti32x8(Vec d, Mem s) {
    rm(P66 | M38 | EVEX | N32 | 0x5B, d, s);
  }

  public final void vbroadcastf64x4(Vec d, Mem s) {
    rm(P66 | M38 | EVEX | W1 | N32 | 0x1B, d, s);
  }

  public final void vbroadcasti64x4(Vec d, Mem s) {
    rm(P66 | M38 | EVEX | W1 | N32 | 0x5B, d, s);
  }

  public final void vbroadcasti32x2(Vec d, Operand s) {
    rm(P66 | M38 | EVEX | N8 | 0x59, d, s);
  }

  public final void vpbroadcastb(Vec d, Operand s) {
    rm(s instanceof Reg ? P66 | M38 | EVEX | 0x7A : P66 | M38 | N1 | 0x78, d, s);
  }

  public final void vpbroadcastw(Vec d, Operand s) {
    rm(s instanceof Reg ? P66 | M38 | EVEX | 0x7B : P66 | M38 | N2 | 0x79, d, s);
  }

  public final void vpbroadcastd(Vec d, Operand s) {
    rm(s instanceof Reg ? P66 | M38 | EVEX | 0x7C : P66 | M38 | N4 | 0x58, d, s);
  }

  public final void vpbroadcastq(Vec d, Operand s) {
    rm(s instanceof Reg ? P66 | M38 | EVEX | W1 | 0x7C : P66 | M38 | EW1 | N8 | 0x59, d, s);
  }

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

  // ---- Extracts and inserts ----

  public final void vextractf128(Operand d, Vec s, int imm) {
    mri(P66 | M3A | VEX | N16 | 0x19, d, s, imm);
  }

  public final void vextracti128(Operand d, Vec s, int imm) {
    mri(P66 | M3A | VEX | N16 | 0x39, d, s, imm);
  }

  public final void vextractf32x4(Operand d, Vec s, int imm) {
    mri(P66 | M3A | EVEX | N16 | 0x19, d, s, imm);
  }

  public final void vextracti32x4(Operand d, Vec s, int imm) {
    mri(P66 | M3A | EVEX | N16 | 0x39, d, s, imm);
  }

  public final void vextractf32x8(Operand d, Vec s, int imm) {
    mri(P66 | M3A | EVEX | N32 | 0x1B, d, s, imm);
  }

  public final void vextracti32x8(Operand d, Vec s, int imm) {
    mri(P66 | M3A | EVEX | N32 | 0x3B, d, s, imm);
  }

  public final void vextractf64x4(Operand d, Vec s, int imm) {
    mri(P66 | M3A | EVEX | W1 | N32 | 0x1B, d, s, imm);
  }

  public final void vextracti64x4(Operand d, Vec s, int imm) {
    mri(P66 | M3A | EVEX | W1 | N32 | 0x3B, d, s, imm);
  }

  public final void vinsertf128(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | VEX | N16 | 0x18, d, s, t, imm);
  }

  public final void vinserti128(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | VEX | N16 | 0x38, d, s, t, imm);
  }

  public final void vinsertf32x4(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | N16 | 0x18, d, s, t, imm);
  }

  public final void vinserti32x4(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | N16 | 0x38, d, s, t, imm);
  }

  public final void vinsertf32x8(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | N32 | 0x1A, d, s, t, imm);
  }

  public final void vinserti32x8(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | N32 | 0x3A, d, s, t, imm);
  }

  public final void vinsertf64x4(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | W1 | N32 | 0x1A, d, s, t, imm);
  }

  public final void vinserti64x4(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | W1 | N32 | 0x3A, d, s, t, imm);
  }

  public final void vpextrb(Operand d, Vec s, int imm) {
    mri(P66 | M3A | N1 | 0x14, d, s, imm);
  }

  public final void vpextrd(Operand d, Vec s, int imm) {
    mri(P66 | M3A | N4 | 0x16, d, s, imm);
  }

  public final void vpextrq(Operand d, Vec s, int imm) {
    mri(P66 | M3A | W1 | N8 | 0x16, d, s, imm);
  }

  public final void vextractps(Operand d, Vec s, int imm) {
    mri(P66 | M3A | N4 | 0x17, d, s, imm);
  }

  public final void vpinsrb(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | N1 | 0x20, d, s, t, imm);
  }

  public final void vpinsrw(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M0F | N2 | 0xC4, d, s, t, imm);
  }

  public final void vpinsrd(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | N4 | 0x22, d, s, t, imm);
  }

  public final void vpinsrq(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | W1 | N8 | 0x22, d, s, t, imm);
  }

  public final void vinsertps(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | N4 | 0x21, d, s, t, imm);
  }

  public final void vpmovmskb(Reg d, Vec s) {
    rm(P66 | M0F | VEX | 0xD7, d, s);
  }

  public final void vmovmskps(Reg d, Vec s) {
    rm(M0F | VEX | 0x50, d, s);
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

  /** A load or a store; between registers whichever form is shorter. */
  private void move(int row, int store, Operand d, Operand s) {
    boolean shorter =
        d instanceof Vec to
            && s instanceof Vec from
            && to.index() < 8
            && from.index() > 7
            && from.index() < 16
            && from.bits() < 512
            && to.mask() == 0
            && (row & EVEX) == 0;
    if (d instanceof Mem || shorter) {
      mr(row & ~255 | store, d, s);
    } else {
      rm(row, d, s);
    }
  }

  private void single(int row, int store, Operand d, Operand s) {
    if (d instanceof Vec) {
      rm(row, d, s);
    } else {
      mr(row & ~255 | store, d, s);
    }
  }
}
