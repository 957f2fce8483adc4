package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

/**
 * The routines of {@link X86RowOps} for AVX2 and FMA. Arguments are addresses and counts in the
 * order of rdi, rsi, rdx, rcx, r8, r9. What fills no register at the end of a row goes through the
 * same instructions under a mask, so a number's result does not depend on where it lies.
 */
final class X86RowOpsCode {
  private static final int GREATER = 14;

  /** Above, e^x is infinite in f32 or 2^n beyond its exponents. */
  static final float HIGHEST = 88.37f;

  private X86RowOpsCode() {}

  /** A loop over the columns of a row: the body works at byte rax of each array. */
  abstract static class Columns {
    final Assembler a;

    /**
     * @param count holds the number of columns; r10, r11 and rax are lost
     */
    Columns(Assembler a, Reg count) {
      this.a = a;
      Label rest = a.label();
      Label end = a.label();
      a.xor(rax, rax);
      a.mov(r10, count);
      a.shr(r10, 3);
      a.je(rest);
      Label loop = a.here();
      body(false);
      a.add(rax, 32);
      a.dec(r10);
      a.jne(loop);
      a.bind(rest);
      a.mov(r10, count);
      a.and(r10, 7);
      a.je(end);
      mask(a, ymm15, r10);
      body(true);
      a.bind(end);
    }

    abstract void body(boolean masked);

    void load(Vec to, Reg array, boolean masked) {
      if (masked) {
        a.vmaskmovps(to, ymm15, mem(array, rax, 1));
      } else {
        a.vmovups(to, mem(array, rax, 1));
      }
    }

    void store(Reg array, Vec from, boolean masked) {
      if (masked) {
        a.vmaskmovps(mem(array, rax, 1), ymm15, from);
      } else {
        a.vmovups(mem(array, rax, 1), from);
      }
    }
  }

  /** Ones in the first {@code count} lanes; loses r11 and count. */
  static void mask(Assembler a, Vec to, Reg count) {
    Label masks = a.ints(-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0);
    a.lea(r11, mem(masks, 32));
    a.shl(count, 2);
    a.sub(r11, count);
    a.vmovups(to, mem(r11));
  }

  /** (x, weight, y, columns, address of eps as a double). */
  static Assembler norm() {
    Assembler a = new Assembler();
    a.prologue(5);
    a.vxorps(ymm0, ymm0, ymm0);
    for (int i = 1; i < 4; i++) {
      a.vmovups(ymm(i), ymm0);
    }
    // Four sums as long as 32 columns are left, then one.
    Label few = a.label();
    a.mov(r9, rdi);
    a.mov(r10, rcx);
    a.sub(r10, 32);
    a.jl(few);
    Label many = a.here();
    for (int i = 0; i < 4; i++) {
      a.vmovups(ymm(4 + i), mem(r9, 32 * i));
      a.vfmadd231ps(ymm(i), ymm(4 + i), ymm(4 + i));
    }
    a.add(r9, 128);
    a.sub(r10, 32);
    a.jge(many);
    a.bind(few);
    a.add(r10, 32);
    squares(a);
    a.vaddps(ymm0, ymm0, ymm1);
    a.vaddps(ymm2, ymm2, ymm3);
    a.vaddps(ymm0, ymm0, ymm2);
    a.vextractf128(xmm1, ymm0, 1);
    a.vaddps(xmm0, xmm0, xmm1);
    a.vhaddps(xmm0, xmm0, xmm0);
    a.vhaddps(xmm0, xmm0, xmm0);
    a.vcvtss2sd(xmm0, xmm0, xmm0);
    a.vxorps(xmm1, xmm1, xmm1);
    a.vcvtsi2ss(xmm1, xmm1, rcx);
    a.vcvtss2sd(xmm1, xmm1, xmm1);
    a.vdivsd(xmm0, xmm0, xmm1);
    a.vaddsd(xmm0, xmm0, mem(r8));
    a.vsqrtpd(xmm0, xmm0);
    a.mov(rax, 0x3ff0000000000000L);
    a.vmovq(xmm1, rax);
    a.vdivsd(xmm0, xmm1, xmm0);
    a.vcvtsd2ss(xmm0, xmm0, xmm0);
    a.vbroadcastss(ymm0, xmm0);
    new Columns(a, rcx) {
      @Override
      void body(boolean masked) {
        load(ymm1, rdi, masked);
        load(ymm2, rsi, masked);
        a.vmulps(ymm1, ymm1, ymm0);
        a.vmulps(ymm1, ymm1, ymm2);
        store(rdx, ymm1, masked);
      }
    };
    a.epilogue();
    return a;
  }

  /** Adds the squares of the r10 numbers from r9 on to ymm0. */
  private static void squares(Assembler a) {
    Label rest = a.label();
    Label end = a.label();
    a.sub(r10, 8);
    a.jl(rest);
    Label loop = a.here();
    a.vmovups(ymm4, mem(r9));
    a.vfmadd231ps(ymm0, ymm4, ymm4);
    a.add(r9, 32);
    a.sub(r10, 8);
    a.jge(loop);
    a.bind(rest);
    a.add(r10, 8);
    a.je(end);
    mask(a, ymm15, r10);
    a.vmaskmovps(ymm4, ymm15, mem(r9));
    a.vfmadd231ps(ymm0, ymm4, ymm4);
    a.bind(end);
  }

  /** (gate, up, y, columns). */
  static Assembler swiglu() {
    Assembler a = new Assembler();
    a.prologue(4);
    new Columns(a, rcx) {
      @Override
      void body(boolean masked) {
        load(ymm0, rdi, masked);
        load(ymm6, rsi, masked);
        a.vxorps(ymm1, ymm0, mem(a.ints(X86Quantize.repeat(0x80000000))));
        a.vmovups(ymm7, X86Exp.constant(a, HIGHEST));
        a.vcmpps(ymm8, ymm1, ymm7, GREATER);
        a.vminps(ymm1, ymm7, ymm1);
        X86Exp.emit(a, ymm1, ymm2, ymm3, ymm4, ymm5);
        a.vblendvps(ymm1, ymm1, X86Exp.constant(a, Float.POSITIVE_INFINITY), ymm8);
        a.vaddps(ymm1, ymm1, X86Exp.constant(a, 1));
        a.vdivps(ymm0, ymm0, ymm1);
        a.vmulps(ymm0, ymm0, ymm6);
        store(rdx, ymm0, masked);
      }
    };
    a.epilogue();
    return a;
  }

  /** (x, bits of the shift, y, columns): y = exp(x - shift). */
  static Assembler exp() {
    Assembler a = new Assembler();
    a.prologue(4);
    a.vmovq(xmm0, rsi);
    a.vbroadcastss(ymm0, xmm0);
    new Columns(a, rcx) {
      @Override
      void body(boolean masked) {
        load(ymm1, rdi, masked);
        a.vsubps(ymm1, ymm1, ymm0);
        X86Exp.emit(a, ymm1, ymm2, ymm3, ymm4, ymm5);
        store(rdx, ymm1, masked);
      }
    };
    a.epilogue();
    return a;
  }

  /** (x, bits of the factor, y, columns): y += factor · x. */
  static Assembler addScaled() {
    Assembler a = new Assembler();
    a.prologue(4);
    a.vmovq(xmm0, rsi);
    a.vbroadcastss(ymm0, xmm0);
    new Columns(a, rcx) {
      @Override
      void body(boolean masked) {
        load(ymm1, rdi, masked);
        load(ymm2, rdx, masked);
        a.vfmadd231ps(ymm2, ymm1, ymm0);
        store(rdx, ymm2, masked);
      }
    };
    a.epilogue();
    return a;
  }

  /** (x, cos, sin, half, heads, bytes from head to head): pairs (i, i + half). */
  static Assembler rotateHalves() {
    Assembler a = new Assembler();
    a.prologue(6, rbx);
    Label head = a.here();
    a.lea(rbx, mem(rdi, rcx, 4));
    new Columns(a, rcx) {
      @Override
      void body(boolean masked) {
        load(ymm0, rdi, masked);
        load(ymm1, rbx, masked);
        load(ymm2, rsi, masked);
        load(ymm3, rdx, masked);
        a.vmulps(ymm4, ymm0, ymm2);
        a.vmulps(ymm5, ymm1, ymm3);
        a.vsubps(ymm4, ymm4, ymm5);
        store(rdi, ymm4, masked);
        a.vmulps(ymm0, ymm0, ymm3);
        a.vmulps(ymm1, ymm1, ymm2);
        a.vaddps(ymm0, ymm0, ymm1);
        store(rbx, ymm0, masked);
      }
    };
    a.add(rdi, r9);
    a.dec(r8);
    a.jne(head);
    a.epilogue();
    return a;
  }

  /** (x, cos, sin, half, heads, bytes from head to head): pairs (2i, 2i + 1). */
  static Assembler rotatePairs() {
    Assembler a = new Assembler();
    a.prologue(6, rbx, rbp);
    a.vmovups(ymm8, mem(a.ints(0, 0, 1, 1, 2, 2, 3, 3)));
    a.vmovups(ymm9, mem(a.ints(0x80000000, 0, 0x80000000, 0, 0x80000000, 0, 0x80000000, 0)));
    Label head = a.here();
    Label rest = a.label();
    Label end = a.label();
    a.xor(rax, rax);
    a.mov(rbx, rdi);
    a.mov(r10, rcx);
    a.sub(r10, 4);
    a.jl(rest);
    Label loop = a.here();
    a.vmovups(ymm0, mem(rbx));
    a.vmovups(xmm1, mem(rsi, rax, 1));
    a.vmovups(xmm2, mem(rdx, rax, 1));
    turnPairs(a);
    a.vmovups(mem(rbx), ymm0);
    a.add(rax, 16);
    a.add(rbx, 32);
    a.sub(r10, 4);
    a.jge(loop);
    a.bind(rest);
    a.add(r10, 4);
    a.je(end);
    a.lea(rbp, mem(r10, r10, 1));
    mask(a, ymm15, r10);
    mask(a, ymm14, rbp);
    a.vmaskmovps(ymm0, ymm14, mem(rbx));
    a.vmaskmovps(ymm1, ymm15, mem(rsi, rax, 1));
    a.vmaskmovps(ymm2, ymm15, mem(rdx, rax, 1));
    turnPairs(a);
    a.vmaskmovps(mem(rbx), ymm14, ymm0);
    a.bind(end);
    a.add(rdi, r9);
    a.dec(r8);
    a.jne(head);
    a.epilogue();
    return a;
  }

  /** Four pairs in ymm0 by the cosines in xmm1 and the sines in xmm2. */
  private static void turnPairs(Assembler a) {
    a.vpermps(ymm1, ymm8, ymm1);
    a.vpermps(ymm2, ymm8, ymm2);
    a.vxorps(ymm2, ymm2, ymm9);
    a.vpermilps(ymm3, ymm0, 0xb1);
    a.vmulps(ymm0, ymm0, ymm1);
    a.vmulps(ymm3, ymm3, ymm2);
    a.vaddps(ymm0, ymm0, ymm3);
  }

  /** (x, quants, scales, sums, blocks of 32). */
  static Assembler quantize() {
    Assembler a = new Assembler();
    a.prologue(5);
    a.vmovups(ymm8, mem(a.ints(X86Quantize.repeat(0x01010101))));
    a.vmovups(ymm9, mem(a.ints(X86Quantize.repeat(0x00010001))));
    Label block = a.here();
    X86Quantize.emit(a, rdi);
    a.vmovdqu(mem(rsi), ymm0);
    a.vmovss(mem(rdx), xmm5);
    a.vpmaddubsw(ymm0, ymm8, ymm0);
    a.vpmaddwd(ymm0, ymm0, ymm9);
    a.vphaddd(ymm0, ymm0, ymm0);
    a.vphaddd(ymm0, ymm0, ymm0);
    a.vextracti128(xmm1, ymm0, 1);
    a.vpunpcklwd(xmm0, xmm0, xmm1);
    a.vmovd(mem(rcx), xmm0);
    a.add(rdi, 128);
    a.add(rsi, 32);
    a.add(rdx, 4);
    a.add(rcx, 4);
    a.dec(r8);
    a.jne(block);
    a.epilogue();
    return a;
  }
}
