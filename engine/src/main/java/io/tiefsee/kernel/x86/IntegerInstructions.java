package io.tiefsee.kernel.x86;

/**
 * Vector instructions on integers, bits and bytes. Names, operand order and meaning are those of
 * Intel's manual (SDM volume 2).
 */
abstract sealed class IntegerInstructions extends MoveInstructions permits FloatInstructions {
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
