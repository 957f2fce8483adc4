package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

/**
 * The routines of attention beside {@link AttentionPage}, for AVX2, FMA and F16C, and what all of
 * them take. Most have one argument, the address of a block of parameters (the constants below are
 * offsets in it; numbers are 64-bit).
 *
 * <p>A row's state is vDim floats (the weighted sum of values so far), the maximum and the sum of
 * weights.
 */
final class X86AttentionCode {
  // Parameters of page.
  static final int Q = 0;
  static final int Q_STRIDE = 8;
  static final int KEYS = 16;
  static final int KEY_STRIDE = 24;
  static final int VALUES = 32;
  static final int VALUE_STRIDE = 40;
  static final int KEY_STEPS = 48;
  static final int VALUE_BLOCKS = 56;
  static final int COUNT = 64;
  static final int SCORES = 72;
  static final int STATE = 80;
  static final int STATE_STRIDE = 88;
  static final int SEEN = 96;
  static final int SCALE = 104;
  static final int GROUP = 112;
  static final int NEXT_VALUES = 120;
  static final int NEXT_KEYS = 128;
  static final int MAX_AT = 136;
  static final int VALUE_STEPS = 168;
  static final int PARAMETERS = 192;

  // Parameters of merge and finish, beside STATE, STATE_STRIDE, VALUE_BLOCKS, GROUP and MAX_AT.
  static final int OTHER = 0;
  static final int OUT = 0;
  static final int OUT_STRIDE = 8;

  // Parameters of widen.
  static final int FROM = 144;
  static final int TO = 152;
  static final int BLOCKS = 160;

  private X86AttentionCode() {}

  /** The routine that makes states fresh: no values, a maximum of −∞, a sum of 0. */
  static Assembler clear() {
    Assembler a = new Assembler();
    a.prologue(1);
    a.mov(rsi, mem(rdi, STATE));
    a.mov(rcx, mem(rdi, GROUP));
    a.mov(r11, mem(rdi, MAX_AT));
    a.vxorps(ymm0, ymm0, ymm0);
    a.vmovss(xmm1, X86Exp.constant(a, Float.NEGATIVE_INFINITY));
    Label row = a.here();
    a.xor(rax, rax);
    a.mov(r8, mem(rdi, VALUE_BLOCKS));
    Label column = a.here();
    a.vmovups(mem(rsi, rax, 1), ymm0);
    a.add(rax, 32);
    a.dec(r8);
    a.jne(column);
    // The maximum, then zeros.
    a.vmovq(mem(rsi, r11, 1), xmm1);
    a.add(rsi, mem(rdi, STATE_STRIDE));
    a.dec(rcx);
    a.jne(row);
    a.epilogue();
    return a;
  }

  /**
   * The routine that adds the states at OTHER, of later positions, to those at STATE: both are
   * brought to the greater maximum.
   */
  static Assembler merge() {
    Assembler a = new Assembler();
    a.prologue(1);
    a.mov(rsi, mem(rdi, STATE));
    a.mov(rdx, mem(rdi, OTHER));
    a.mov(rcx, mem(rdi, GROUP));
    a.mov(r11, mem(rdi, MAX_AT));
    Label row = a.here();
    a.vmovss(xmm0, mem(rsi, r11, 1));
    a.vmovss(xmm1, mem(rdx, r11, 1));
    a.vmaxps(xmm2, xmm0, xmm1);
    a.vmovss(mem(rsi, r11, 1), xmm2);
    a.vmaxps(xmm2, xmm2, X86Exp.constant(a, -1e30f));
    a.vsubps(xmm0, xmm0, xmm2);
    a.vsubps(xmm1, xmm1, xmm2);
    X86Exp.emit(a, ymm0, ymm8, ymm9, ymm10, ymm11);
    X86Exp.emit(a, ymm1, ymm8, ymm9, ymm10, ymm11);
    a.vmulss(xmm2, xmm0, mem(rsi, r11, 1, 4));
    a.vfmadd231ss(xmm2, xmm1, mem(rdx, r11, 1, 4));
    a.vmovss(mem(rsi, r11, 1, 4), xmm2);
    a.vbroadcastss(ymm0, xmm0);
    a.vbroadcastss(ymm1, xmm1);
    a.xor(rax, rax);
    a.mov(r8, mem(rdi, VALUE_BLOCKS));
    Label column = a.here();
    a.vmulps(ymm2, ymm0, mem(rsi, rax, 1));
    a.vfmadd231ps(ymm2, ymm1, mem(rdx, rax, 1));
    a.vmovups(mem(rsi, rax, 1), ymm2);
    a.add(rax, 32);
    a.dec(r8);
    a.jne(column);
    a.add(rsi, mem(rdi, STATE_STRIDE));
    a.add(rdx, mem(rdi, STATE_STRIDE));
    a.dec(rcx);
    a.jne(row);
    a.epilogue();
    return a;
  }

  /** The routine that writes each row's values divided by its sum to OUT. */
  static Assembler finish() {
    Assembler a = new Assembler();
    a.prologue(1);
    a.mov(rsi, mem(rdi, STATE));
    a.mov(rdx, mem(rdi, OUT));
    a.mov(rcx, mem(rdi, GROUP));
    a.mov(r11, mem(rdi, MAX_AT));
    Label row = a.here();
    a.vbroadcastss(ymm0, mem(rsi, r11, 1, 4));
    a.xor(rax, rax);
    a.mov(r8, mem(rdi, VALUE_BLOCKS));
    Label column = a.here();
    a.vmovups(ymm1, mem(rsi, rax, 1));
    a.vdivps(ymm1, ymm1, ymm0);
    a.vmovups(mem(rdx, rax, 1), ymm1);
    a.add(rax, 32);
    a.dec(r8);
    a.jne(column);
    a.add(rsi, mem(rdi, STATE_STRIDE));
    a.add(rdx, mem(rdi, OUT_STRIDE));
    a.dec(rcx);
    a.jne(row);
    a.epilogue();
    return a;
  }

  /** The routine that makes floats of Q8_0 blocks: 32 numbers each, an f16 scale before int8s. */
  static Assembler widen() {
    Assembler a = new Assembler();
    a.prologue(1);
    a.mov(rsi, mem(rdi, FROM));
    a.mov(rdx, mem(rdi, TO));
    a.mov(rcx, mem(rdi, BLOCKS));
    Label block = a.here();
    a.prefetcht0(mem(rsi, 1024));
    a.vpbroadcastw(xmm0, mem(rsi));
    a.vcvtph2ps(ymm0, xmm0);
    for (int i = 0; i < 4; i++) {
      a.vpmovsxbd(ymm(1 + i), mem(rsi, 2 + 8 * i));
      a.vcvtdq2ps(ymm(1 + i), ymm(1 + i));
      a.vmulps(ymm(1 + i), ymm(1 + i), ymm0);
      a.vmovups(mem(rdx, 32 * i), ymm(1 + i));
    }
    a.add(rsi, 34);
    a.add(rdx, 128);
    a.dec(rcx);
    a.jne(block);
    a.epilogue();
    return a;
  }

  /** The routine (from, to, n): n times eight floats to F16, ties to even. */
  static Assembler halve() {
    Assembler a = new Assembler();
    a.prologue(3);
    Label block = a.here();
    a.vmovups(ymm0, mem(rdi));
    a.vcvtps2ph(mem(rsi), ymm0, 0);
    a.add(rdi, 32);
    a.add(rsi, 16);
    a.dec(rdx);
    a.jne(block);
    a.epilogue();
    return a;
  }

  /** The routine (from, to, n): n times 32 floats to Q8_0 blocks, ties to even. */
  static Assembler quantize() {
    Assembler a = new Assembler();
    a.prologue(3);
    Label block = a.here();
    X86Quantize.emit(a, rdi);
    a.vcvtps2ph(xmm1, xmm5, 0);
    // Writes two bytes too many, which the quants then cover.
    a.vmovd(mem(rsi), xmm1);
    a.vmovdqu(mem(rsi, 2), ymm0);
    a.add(rdi, 128);
    a.add(rsi, 34);
    a.dec(rdx);
    a.jne(block);
    a.epilogue();
    return a;
  }
}
