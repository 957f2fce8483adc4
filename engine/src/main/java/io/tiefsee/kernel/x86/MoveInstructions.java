package io.tiefsee.kernel.x86;

/**
 * Vector instructions that move data without computing: loads, stores, broadcasts, inserts and
 * extracts. Names, operand order and meaning are those of Intel's manual (SDM volume 2). An {@code
 * Operand} may be a register or memory.
 */
abstract sealed class MoveInstructions extends GeneralInstructions permits ShuffleInstructions {
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
