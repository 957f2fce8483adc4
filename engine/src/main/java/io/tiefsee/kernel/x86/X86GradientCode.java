package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

/**
 * The routines of {@link X86Gradients} for AVX2 and FMA; arguments as for {@link X86RowOpsCode}.
 */
final class X86GradientCode {
  // Of causalSoftmax's frame.
  static final int SCALE = 0;
  static final int WIDTH_BYTES = 8;
  static final int FRAME_BYTES = 16;

  private static final Vec MASK = ymm15;
  private static final Vec MAX = ymm0;
  private static final Vec X = ymm1;
  private static final Vec SUMS = ymm6;
  private static final Vec DOTS = ymm7;
  private static final Vec SCALES = ymm8;

  private X86GradientCode() {}

  /** (gate, up, dy, dGate, dUp, numbers). */
  static Assembler swiglu() {
    Assembler a = new Assembler();
    a.prologue(6);
    new X86RowOpsCode.Columns(a, r9) {
      @Override
      void body(boolean masked) {
        load(ymm0, rdi, masked);
        load(ymm6, rsi, masked);
        load(ymm7, rdx, masked);
        a.vxorps(ymm1, ymm0, mem(a.ints(X86Quantize.repeat(0x80000000))));
        a.vmovups(ymm8, X86Exp.constant(a, X86RowOpsCode.HIGHEST));
        a.vminps(ymm1, ymm8, ymm1);
        X86Exp.emit(a, ymm1, ymm2, ymm3, ymm4, ymm5);
        a.vmovups(ymm2, X86Exp.constant(a, 1));
        a.vaddps(ymm1, ymm1, ymm2);
        a.vdivps(ymm1, ymm2, ymm1); // s
        a.vmulps(ymm0, ymm0, ymm1); // gate · s
        a.vmulps(ymm3, ymm7, ymm0);
        store(r8, ymm3, masked);
        a.vsubps(ymm2, ymm2, ymm1);
        a.vfmadd213ps(ymm2, ymm0, ymm1);
        a.vmulps(ymm7, ymm7, ymm6);
        a.vmulps(ymm7, ymm7, ymm2);
        store(rcx, ymm7, masked);
      }
    };
    a.epilogue();
    return a;
  }

  /** (x, numbers, address of the result, two doubles, the first of which counts). */
  static Assembler squares() {
    Assembler a = new Assembler();
    a.prologue(3);
    for (int i = 0; i < 4; i++) {
      a.vxorps(ymm(i), ymm(i), ymm(i));
    }
    a.vxorps(xmm8, xmm8, xmm8);
    Label rest = a.label();
    Label end = a.label();
    a.sub(rsi, 16);
    a.jl(rest);
    Label loop = a.here();
    for (int i = 0; i < 4; i++) {
      a.vcvtps2pd(ymm(4 + i), mem(rdi, 16 * i));
      a.vfmadd231pd(ymm(i), ymm(4 + i), ymm(4 + i));
    }
    a.add(rdi, 64);
    a.sub(rsi, 16);
    a.jge(loop);
    a.bind(rest);
    a.add(rsi, 16);
    a.je(end);
    Label single = a.here();
    a.vmovss(xmm4, mem(rdi));
    a.vcvtss2sd(xmm4, xmm4, xmm4);
    a.vfmadd231sd(xmm8, xmm4, xmm4);
    a.add(rdi, 4);
    a.dec(rsi);
    a.jne(single);
    a.bind(end);
    a.vaddpd(ymm0, ymm0, ymm1);
    a.vaddpd(ymm2, ymm2, ymm3);
    a.vaddpd(ymm0, ymm0, ymm2);
    a.vextractf128(xmm1, ymm0, 1);
    a.vaddpd(xmm0, xmm0, xmm1);
    a.vunpckhpd(xmm1, xmm0, xmm0);
    a.vaddsd(xmm0, xmm0, xmm1);
    a.vaddsd(xmm0, xmm0, xmm8);
    a.vmovups(mem(rdx), xmm0);
    a.epilogue();
    return a;
  }

  /** (scores, d, bytes from row to row, rows, numbers of the first row, frame). */
  static Assembler causalSoftmax() {
    Assembler a = new Assembler();
    a.prologue(6, rbx, rbp);
    a.vbroadcastss(SCALES, mem(r9, SCALE));
    Label row = a.here();
    a.mov(rbp, r8);
    a.shl(rbp, 2); // bytes of the numbers
    a.mov(rbx, r8);
    a.shr(rbx, 3);
    a.shl(rbx, 5); // bytes of those that fill registers
    a.mov(r10, r8);
    a.and(r10, 7);
    X86RowOpsCode.mask(a, MASK, r10);
    maximum(a);
    exponentials(a);
    gradient(a);
    a.add(rdi, rdx);
    a.add(rsi, rdx);
    a.add(r8, 1);
    a.dec(rcx);
    a.jne(row);
    a.epilogue();
    return a;
  }

  /** The largest number of the row times the scale, in all lanes of {@link #MAX}. */
  private static void maximum(Assembler a) {
    a.vmovups(ymm9, X86Exp.constant(a, Float.NEGATIVE_INFINITY));
    a.vmovups(MAX, ymm9);
    Label rest = a.label();
    Label end = a.label();
    a.xor(rax, rax);
    a.cmp(rax, rbx);
    a.je(rest);
    Label loop = a.here();
    a.vmaxps(MAX, MAX, mem(rdi, rax, 1));
    a.add(rax, 32);
    a.cmp(rax, rbx);
    a.jl(loop);
    a.bind(rest);
    a.cmp(rax, rbp);
    a.je(end);
    a.vmovups(X, mem(rdi, rax, 1));
    a.vblendvps(X, ymm9, X, MASK);
    a.vmaxps(MAX, MAX, X);
    a.bind(end);
    a.vextractf128(xmm1, MAX, 1);
    a.vmaxps(xmm0, xmm0, xmm1);
    a.vpermilps(xmm1, xmm0, 0x4e);
    a.vmaxps(xmm0, xmm0, xmm1);
    a.vpermilps(xmm1, xmm0, 0xb1);
    a.vmaxps(xmm0, xmm0, xmm1);
    a.vbroadcastss(MAX, xmm0);
    a.vmulps(MAX, MAX, SCALES);
  }

  /** Exponentials in place; 1 / Σ e in {@link #SUMS}, the mean of d in {@link #DOTS}. */
  private static void exponentials(Assembler a) {
    a.vxorps(SUMS, SUMS, SUMS);
    a.vxorps(DOTS, DOTS, DOTS);
    Label rest = a.label();
    Label end = a.label();
    a.xor(rax, rax);
    a.cmp(rax, rbx);
    a.je(rest);
    Label loop = a.here();
    exponential(a, false);
    a.cmp(rax, rbx);
    a.jl(loop);
    a.bind(rest);
    a.cmp(rax, rbp);
    a.je(end);
    exponential(a, true);
    a.bind(end);
    a.vhaddps(SUMS, SUMS, DOTS);
    a.vhaddps(SUMS, SUMS, SUMS);
    a.vextractf128(xmm1, SUMS, 1);
    a.vaddps(xmm6, xmm6, xmm1);
    a.vmovshdup(xmm7, xmm6);
    a.vbroadcastss(DOTS, xmm7);
    a.vbroadcastss(SUMS, xmm6);
    a.vmovups(X, X86Exp.constant(a, 1));
    a.vdivps(SUMS, X, SUMS);
    a.vmulps(DOTS, DOTS, SUMS);
  }

  private static void exponential(Assembler a, boolean masked) {
    a.vmulps(X, SCALES, mem(rdi, rax, 1));
    a.vsubps(X, X, MAX);
    X86Exp.emit(a, X, ymm2, ymm3, ymm4, ymm5);
    if (masked) {
      a.vandps(X, X, MASK);
    }
    a.vmovups(mem(rdi, rax, 1), X);
    a.vaddps(SUMS, SUMS, X);
    a.vfmadd231ps(DOTS, X, mem(rsi, rax, 1));
    a.add(rax, 32);
  }

  /** Probabilities and their gradients up to byte rax of the row, then zeros. */
  private static void gradient(Assembler a) {
    a.mov(r10, rax);
    a.xor(rax, rax);
    Label loop = a.here();
    a.vmulps(X, SUMS, mem(rdi, rax, 1));
    a.vmovups(mem(rdi, rax, 1), X);
    a.vmovups(ymm2, mem(rsi, rax, 1));
    a.vsubps(ymm2, ymm2, DOTS);
    a.vmulps(ymm2, ymm2, X);
    a.vmulps(ymm2, ymm2, SCALES);
    a.vmovups(mem(rsi, rax, 1), ymm2);
    a.add(rax, 32);
    a.cmp(rax, r10);
    a.jl(loop);
    Label end = a.label();
    a.vxorps(X, X, X);
    Label zeros = a.here();
    a.cmp(rax, mem(r9, WIDTH_BYTES));
    a.jge(end);
    a.vmovups(mem(rdi, rax, 1), X);
    a.vmovups(mem(rsi, rax, 1), X);
    a.add(rax, 32);
    a.jmp(zeros);
    a.bind(end);
  }
}
