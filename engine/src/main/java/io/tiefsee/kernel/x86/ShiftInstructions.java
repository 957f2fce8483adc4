package io.tiefsee.kernel.x86;

/**
 * Vector instructions that shift integers, and that widen and narrow them. Names, operand order and
 * meaning are those of Intel's manual (SDM volume 2).
 */
abstract sealed class ShiftInstructions extends IntegerInstructions permits FloatInstructions {
  // ---- Shifts ----

  public final void vpsrlw(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | FVM | 0x71, 2, d, s, imm);
  }

  public final void vpsrlw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | N16 | 0xD1, d, s, t);
  }

  public final void vpsrld(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | FULL | 0x72, 2, d, s, imm);
  }

  public final void vpsrld(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | N16 | 0xD2, d, s, t);
  }

  public final void vpsrlq(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | EW1 | FULL | 0x73, 2, d, s, imm);
  }

  public final void vpsrlq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | N16 | 0xD3, d, s, t);
  }

  public final void vpsraw(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | FVM | 0x71, 4, d, s, imm);
  }

  public final void vpsraw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | N16 | 0xE1, d, s, t);
  }

  public final void vpsrad(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | FULL | 0x72, 4, d, s, imm);
  }

  public final void vpsrad(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | N16 | 0xE2, d, s, t);
  }

  public final void vpsllw(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | FVM | 0x71, 6, d, s, imm);
  }

  public final void vpsllw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | N16 | 0xF1, d, s, t);
  }

  public final void vpslld(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | FULL | 0x72, 6, d, s, imm);
  }

  public final void vpslld(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | N16 | 0xF2, d, s, t);
  }

  public final void vpsllq(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | EW1 | FULL | 0x73, 6, d, s, imm);
  }

  public final void vpsllq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | N16 | 0xF3, d, s, t);
  }

  public final void vpsraq(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | EVEX | W1 | FULL | 0x72, 4, d, s, imm);
  }

  public final void vpsrldq(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | FVM | 0x73, 3, d, s, imm);
  }

  public final void vpslldq(Vec d, Vec s, int imm) {
    vmi(P66 | M0F | FVM | 0x73, 7, d, s, imm);
  }

  public final void vpsrlvw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | W1 | FVM | 0x10, d, s, t);
  }

  public final void vpsrlvd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x45, d, s, t);
  }

  public final void vpsrlvq(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0x45, d, s, t);
  }

  public final void vpsravw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | W1 | FVM | 0x11, d, s, t);
  }

  public final void vpsravd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x46, d, s, t);
  }

  public final void vpsllvw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | W1 | FVM | 0x12, d, s, t);
  }

  public final void vpsllvd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x47, d, s, t);
  }

  public final void vpsllvq(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | W1 | FULL | 0x47, d, s, t);
  }

  // ---- Widening and narrowing ----

  public final void vpmovsxbw(Vec d, Operand s) {
    rm(P66 | M38 | HALF | 0x20, d, s);
  }

  public final void vpmovsxbd(Vec d, Operand s) {
    rm(P66 | M38 | QUARTER | 0x21, d, s);
  }

  public final void vpmovsxbq(Vec d, Operand s) {
    rm(P66 | M38 | EIGHTH | 0x22, d, s);
  }

  public final void vpmovsxwd(Vec d, Operand s) {
    rm(P66 | M38 | HALF | 0x23, d, s);
  }

  public final void vpmovsxwq(Vec d, Operand s) {
    rm(P66 | M38 | QUARTER | 0x24, d, s);
  }

  public final void vpmovsxdq(Vec d, Operand s) {
    rm(P66 | M38 | HALF | 0x25, d, s);
  }

  public final void vpmovzxbw(Vec d, Operand s) {
    rm(P66 | M38 | HALF | 0x30, d, s);
  }

  public final void vpmovzxbd(Vec d, Operand s) {
    rm(P66 | M38 | QUARTER | 0x31, d, s);
  }

  public final void vpmovzxbq(Vec d, Operand s) {
    rm(P66 | M38 | EIGHTH | 0x32, d, s);
  }

  public final void vpmovzxwd(Vec d, Operand s) {
    rm(P66 | M38 | HALF | 0x33, d, s);
  }

  public final void vpmovzxwq(Vec d, Operand s) {
    rm(P66 | M38 | QUARTER | 0x34, d, s);
  }

  public final void vpmovzxdq(Vec d, Operand s) {
    rm(P66 | M38 | HALF | 0x35, d, s);
  }

  public final void vpmovwb(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | HALF | 0x30, d, s);
  }

  public final void vpmovdb(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | QUARTER | 0x31, d, s);
  }

  public final void vpmovqb(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | EIGHTH | 0x32, d, s);
  }

  public final void vpmovdw(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | HALF | 0x33, d, s);
  }

  public final void vpmovqw(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | QUARTER | 0x34, d, s);
  }

  public final void vpmovqd(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | HALF | 0x35, d, s);
  }

  public final void vpmovswb(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | HALF | 0x20, d, s);
  }

  public final void vpmovsdb(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | QUARTER | 0x21, d, s);
  }

  public final void vpmovsqb(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | EIGHTH | 0x22, d, s);
  }

  public final void vpmovsdw(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | HALF | 0x23, d, s);
  }

  public final void vpmovsqw(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | QUARTER | 0x24, d, s);
  }

  public final void vpmovsqd(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | HALF | 0x25, d, s);
  }

  public final void vpmovuswb(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | HALF | 0x10, d, s);
  }

  public final void vpmovusdb(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | QUARTER | 0x11, d, s);
  }

  public final void vpmovusqb(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | EIGHTH | 0x12, d, s);
  }

  public final void vpmovusdw(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | HALF | 0x13, d, s);
  }

  public final void vpmovusqw(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | QUARTER | 0x14, d, s);
  }

  public final void vpmovusqd(Operand d, Vec s) {
    mr(PF3 | M38 | EVEX | HALF | 0x15, d, s);
  }

  public final void vpacksswb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0x63, d, s, t);
  }

  public final void vpackuswb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0x67, d, s, t);
  }

  public final void vpackssdw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FULL | 0x6B, d, s, t);
  }

  public final void vpackusdw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x2B, d, s, t);
  }
}
