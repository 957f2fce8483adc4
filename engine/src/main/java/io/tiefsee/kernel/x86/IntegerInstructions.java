package io.tiefsee.kernel.x86;

/**
 * Vector instructions on integers, bits and bytes. Names, operand order and meaning are those of
 * Intel's manual (SDM volume 2).
 */
abstract sealed class IntegerInstructions extends ShuffleInstructions permits ShiftInstructions {
  // ---- Sums and differences ----

  public final void vpaddb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xFC, d, s, t);
  }

  public final void vpaddw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xFD, d, s, t);
  }

  public final void vpaddd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FULL | 0xFE, d, s, t);
  }

  public final void vpaddq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0xD4, d, s, t);
  }

  public final void vpsubb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xF8, d, s, t);
  }

  public final void vpsubw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xF9, d, s, t);
  }

  public final void vpsubd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FULL | 0xFA, d, s, t);
  }

  public final void vpsubq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0xFB, d, s, t);
  }

  public final void vpaddsb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xEC, d, s, t);
  }

  public final void vpaddsw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xED, d, s, t);
  }

  public final void vpaddusb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xDC, d, s, t);
  }

  public final void vpaddusw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xDD, d, s, t);
  }

  public final void vpsubsb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xE8, d, s, t);
  }

  public final void vpsubsw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xE9, d, s, t);
  }

  public final void vpsubusb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xD8, d, s, t);
  }

  public final void vpsubusw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xD9, d, s, t);
  }

  public final void vpavgb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xE0, d, s, t);
  }

  public final void vpavgw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xE3, d, s, t);
  }

  public final void vpsadbw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xF6, d, s, t);
  }

  public final void vphaddw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | VEX | FVM | 0x01, d, s, t);
  }

  public final void vphaddd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | VEX | FVM | 0x02, d, s, t);
  }

  public final void vpsignb(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | VEX | FVM | 0x08, d, s, t);
  }

  public final void vpsignw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | VEX | FVM | 0x09, d, s, t);
  }

  public final void vpsignd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | VEX | FVM | 0x0A, d, s, t);
  }

  public final void vpabsb(Vec d, Operand s) {
    rm(P66 | M38 | FVM | 0x1C, d, s);
  }

  public final void vpabsw(Vec d, Operand s) {
    rm(P66 | M38 | FVM | 0x1D, d, s);
  }

  public final void vpabsd(Vec d, Operand s) {
    rm(P66 | M38 | FULL | 0x1E, d, s);
  }

  // ---- Products and dot products ----

  public final void vpmulld(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x40, d, s, t);
  }

  public final void vpmullw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xD5, d, s, t);
  }

  public final void vpmulhw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xE5, d, s, t);
  }

  public final void vpmulhuw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xE4, d, s, t);
  }

  public final void vpmulhrsw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FVM | 0x0B, d, s, t);
  }

  public final void vpmuldq(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EW1 | FULL | 0x28, d, s, t);
  }

  public final void vpmuludq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EW1 | FULL | 0xF4, d, s, t);
  }

  public final void vpmaddubsw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FVM | 0x04, d, s, t);
  }

  public final void vpmaddwd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xF5, d, s, t);
  }

  public final void vpdpbusd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FULL | 0x50, d, s, t);
  }

  public final void vpdpbusds(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FULL | 0x51, d, s, t);
  }

  public final void vpdpwssd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FULL | 0x52, d, s, t);
  }

  public final void vpdpwssds(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | EVEX | FULL | 0x53, d, s, t);
  }

  /** {@code vpdpbusd} of AVX-VNNI, for processors without AVX-512. */
  public final void vpdpbusdVex(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | VEX | FVM | 0x50, d, s, t);
  }

  /** {@code vpdpwssd} of AVX-VNNI, for processors without AVX-512. */
  public final void vpdpwssdVex(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | VEX | FVM | 0x52, d, s, t);
  }

  // ---- Bits ----

  public final void vpand(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0xDB, d, s, t);
  }

  public final void vpandd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EVEX | FULL | 0xDB, d, s, t);
  }

  public final void vpandq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EVEX | W1 | FULL | 0xDB, d, s, t);
  }

  public final void vpandn(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0xDF, d, s, t);
  }

  public final void vpandnd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EVEX | FULL | 0xDF, d, s, t);
  }

  public final void vpandnq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EVEX | W1 | FULL | 0xDF, d, s, t);
  }

  public final void vpor(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0xEB, d, s, t);
  }

  public final void vpord(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EVEX | FULL | 0xEB, d, s, t);
  }

  public final void vporq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EVEX | W1 | FULL | 0xEB, d, s, t);
  }

  public final void vpxor(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0xEF, d, s, t);
  }

  public final void vpxord(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EVEX | FULL | 0xEF, d, s, t);
  }

  public final void vpxorq(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | EVEX | W1 | FULL | 0xEF, d, s, t);
  }

  public final void vpternlogd(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | FULL | 0x25, d, s, t, imm);
  }

  public final void vpternlogq(Vec d, Vec s, Operand t, int imm) {
    rvmi(P66 | M3A | EVEX | W1 | FULL | 0x25, d, s, t, imm);
  }

  public final void vptest(Vec d, Operand s) {
    rm(P66 | M38 | VEX | FVM | 0x17, d, s);
  }

  // ---- Extremes and comparisons ----

  public final void vpmaxsb(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FVM | 0x3C, d, s, t);
  }

  public final void vpmaxsw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xEE, d, s, t);
  }

  public final void vpmaxsd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x3D, d, s, t);
  }

  public final void vpmaxub(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xDE, d, s, t);
  }

  public final void vpmaxuw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FVM | 0x3E, d, s, t);
  }

  public final void vpmaxud(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x3F, d, s, t);
  }

  public final void vpminsb(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FVM | 0x38, d, s, t);
  }

  public final void vpminsw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xEA, d, s, t);
  }

  public final void vpminsd(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x39, d, s, t);
  }

  public final void vpminub(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | FVM | 0xDA, d, s, t);
  }

  public final void vpminuw(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FVM | 0x3A, d, s, t);
  }

  public final void vpminud(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | FULL | 0x3B, d, s, t);
  }

  public final void vpcmpeqb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0x74, d, s, t);
  }

  public final void vpcmpeqw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0x75, d, s, t);
  }

  public final void vpcmpeqd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0x76, d, s, t);
  }

  public final void vpcmpeqq(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | VEX | FVM | 0x29, d, s, t);
  }

  public final void vpcmpgtb(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0x64, d, s, t);
  }

  public final void vpcmpgtw(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0x65, d, s, t);
  }

  public final void vpcmpgtd(Vec d, Vec s, Operand t) {
    rvm(P66 | M0F | VEX | FVM | 0x66, d, s, t);
  }

  public final void vpcmpgtq(Vec d, Vec s, Operand t) {
    rvm(P66 | M38 | VEX | FVM | 0x37, d, s, t);
  }

  public final void vpcmpb(Mask d, Vec s, Operand t, int imm) {
    kvmi(P66 | M3A | FVM | 0x3F, d, s, t, imm);
  }

  public final void vpcmpub(Mask d, Vec s, Operand t, int imm) {
    kvmi(P66 | M3A | FVM | 0x3E, d, s, t, imm);
  }

  public final void vpcmpw(Mask d, Vec s, Operand t, int imm) {
    kvmi(P66 | M3A | W1 | FVM | 0x3F, d, s, t, imm);
  }

  public final void vpcmpuw(Mask d, Vec s, Operand t, int imm) {
    kvmi(P66 | M3A | W1 | FVM | 0x3E, d, s, t, imm);
  }

  public final void vpcmpd(Mask d, Vec s, Operand t, int imm) {
    kvmi(P66 | M3A | FULL | 0x1F, d, s, t, imm);
  }

  public final void vpcmpud(Mask d, Vec s, Operand t, int imm) {
    kvmi(P66 | M3A | FULL | 0x1E, d, s, t, imm);
  }
}
