package io.tiefsee.kernel.x86;

import java.util.Optional;

/** The registers by name, and memory operands: import this statically and read assembly. */
public final class Registers {
  public static final Reg rax = new Reg(0, 64);
  public static final Reg rcx = new Reg(1, 64);
  public static final Reg rdx = new Reg(2, 64);
  public static final Reg rbx = new Reg(3, 64);
  public static final Reg rsp = new Reg(4, 64);
  public static final Reg rbp = new Reg(5, 64);
  public static final Reg rsi = new Reg(6, 64);
  public static final Reg rdi = new Reg(7, 64);
  public static final Reg r8 = new Reg(8, 64);
  public static final Reg r9 = new Reg(9, 64);
  public static final Reg r10 = new Reg(10, 64);
  public static final Reg r11 = new Reg(11, 64);
  public static final Reg r12 = new Reg(12, 64);
  public static final Reg r13 = new Reg(13, 64);
  public static final Reg r14 = new Reg(14, 64);
  public static final Reg r15 = new Reg(15, 64);

  public static final Reg eax = new Reg(0, 32);
  public static final Reg ecx = new Reg(1, 32);
  public static final Reg edx = new Reg(2, 32);
  public static final Reg ebx = new Reg(3, 32);
  public static final Reg esp = new Reg(4, 32);
  public static final Reg ebp = new Reg(5, 32);
  public static final Reg esi = new Reg(6, 32);
  public static final Reg edi = new Reg(7, 32);
  public static final Reg r8d = new Reg(8, 32);
  public static final Reg r9d = new Reg(9, 32);
  public static final Reg r10d = new Reg(10, 32);
  public static final Reg r11d = new Reg(11, 32);
  public static final Reg r12d = new Reg(12, 32);
  public static final Reg r13d = new Reg(13, 32);
  public static final Reg r14d = new Reg(14, 32);
  public static final Reg r15d = new Reg(15, 32);

  public static final Vec xmm0 = new Vec(0, 128);
  public static final Vec xmm1 = new Vec(1, 128);
  public static final Vec xmm2 = new Vec(2, 128);
  public static final Vec xmm3 = new Vec(3, 128);
  public static final Vec xmm4 = new Vec(4, 128);
  public static final Vec xmm5 = new Vec(5, 128);
  public static final Vec xmm6 = new Vec(6, 128);
  public static final Vec xmm7 = new Vec(7, 128);
  public static final Vec xmm8 = new Vec(8, 128);
  public static final Vec xmm9 = new Vec(9, 128);
  public static final Vec xmm10 = new Vec(10, 128);
  public static final Vec xmm11 = new Vec(11, 128);
  public static final Vec xmm12 = new Vec(12, 128);
  public static final Vec xmm13 = new Vec(13, 128);
  public static final Vec xmm14 = new Vec(14, 128);
  public static final Vec xmm15 = new Vec(15, 128);
  public static final Vec xmm16 = new Vec(16, 128);
  public static final Vec xmm17 = new Vec(17, 128);
  public static final Vec xmm18 = new Vec(18, 128);
  public static final Vec xmm19 = new Vec(19, 128);
  public static final Vec xmm20 = new Vec(20, 128);
  public static final Vec xmm21 = new Vec(21, 128);
  public static final Vec xmm22 = new Vec(22, 128);
  public static final Vec xmm23 = new Vec(23, 128);
  public static final Vec xmm24 = new Vec(24, 128);
  public static final Vec xmm25 = new Vec(25, 128);
  public static final Vec xmm26 = new Vec(26, 128);
  public static final Vec xmm27 = new Vec(27, 128);
  public static final Vec xmm28 = new Vec(28, 128);
  public static final Vec xmm29 = new Vec(29, 128);
  public static final Vec xmm30 = new Vec(30, 128);
  public static final Vec xmm31 = new Vec(31, 128);

  public static final Vec ymm0 = new Vec(0, 256);
  public static final Vec ymm1 = new Vec(1, 256);
  public static final Vec ymm2 = new Vec(2, 256);
  public static final Vec ymm3 = new Vec(3, 256);
  public static final Vec ymm4 = new Vec(4, 256);
  public static final Vec ymm5 = new Vec(5, 256);
  public static final Vec ymm6 = new Vec(6, 256);
  public static final Vec ymm7 = new Vec(7, 256);
  public static final Vec ymm8 = new Vec(8, 256);
  public static final Vec ymm9 = new Vec(9, 256);
  public static final Vec ymm10 = new Vec(10, 256);
  public static final Vec ymm11 = new Vec(11, 256);
  public static final Vec ymm12 = new Vec(12, 256);
  public static final Vec ymm13 = new Vec(13, 256);
  public static final Vec ymm14 = new Vec(14, 256);
  public static final Vec ymm15 = new Vec(15, 256);
  public static final Vec ymm16 = new Vec(16, 256);
  public static final Vec ymm17 = new Vec(17, 256);
  public static final Vec ymm18 = new Vec(18, 256);
  public static final Vec ymm19 = new Vec(19, 256);
  public static final Vec ymm20 = new Vec(20, 256);
  public static final Vec ymm21 = new Vec(21, 256);
  public static final Vec ymm22 = new Vec(22, 256);
  public static final Vec ymm23 = new Vec(23, 256);
  public static final Vec ymm24 = new Vec(24, 256);
  public static final Vec ymm25 = new Vec(25, 256);
  public static final Vec ymm26 = new Vec(26, 256);
  public static final Vec ymm27 = new Vec(27, 256);
  public static final Vec ymm28 = new Vec(28, 256);
  public static final Vec ymm29 = new Vec(29, 256);
  public static final Vec ymm30 = new Vec(30, 256);
  public static final Vec ymm31 = new Vec(31, 256);

  public static final Vec zmm0 = new Vec(0, 512);
  public static final Vec zmm1 = new Vec(1, 512);
  public static final Vec zmm2 = new Vec(2, 512);
  public static final Vec zmm3 = new Vec(3, 512);
  public static final Vec zmm4 = new Vec(4, 512);
  public static final Vec zmm5 = new Vec(5, 512);
  public static final Vec zmm6 = new Vec(6, 512);
  public static final Vec zmm7 = new Vec(7, 512);
  public static final Vec zmm8 = new Vec(8, 512);
  public static final Vec zmm9 = new Vec(9, 512);
  public static final Vec zmm10 = new Vec(10, 512);
  public static final Vec zmm11 = new Vec(11, 512);
  public static final Vec zmm12 = new Vec(12, 512);
  public static final Vec zmm13 = new Vec(13, 512);
  public static final Vec zmm14 = new Vec(14, 512);
  public static final Vec zmm15 = new Vec(15, 512);
  public static final Vec zmm16 = new Vec(16, 512);
  public static final Vec zmm17 = new Vec(17, 512);
  public static final Vec zmm18 = new Vec(18, 512);
  public static final Vec zmm19 = new Vec(19, 512);
  public static final Vec zmm20 = new Vec(20, 512);
  public static final Vec zmm21 = new Vec(21, 512);
  public static final Vec zmm22 = new Vec(22, 512);
  public static final Vec zmm23 = new Vec(23, 512);
  public static final Vec zmm24 = new Vec(24, 512);
  public static final Vec zmm25 = new Vec(25, 512);
  public static final Vec zmm26 = new Vec(26, 512);
  public static final Vec zmm27 = new Vec(27, 512);
  public static final Vec zmm28 = new Vec(28, 512);
  public static final Vec zmm29 = new Vec(29, 512);
  public static final Vec zmm30 = new Vec(30, 512);
  public static final Vec zmm31 = new Vec(31, 512);

  public static final Mask k0 = new Mask(0);
  public static final Mask k1 = new Mask(1);
  public static final Mask k2 = new Mask(2);
  public static final Mask k3 = new Mask(3);
  public static final Mask k4 = new Mask(4);
  public static final Mask k5 = new Mask(5);
  public static final Mask k6 = new Mask(6);
  public static final Mask k7 = new Mask(7);

  public static final Tile tmm0 = new Tile(0);
  public static final Tile tmm1 = new Tile(1);
  public static final Tile tmm2 = new Tile(2);
  public static final Tile tmm3 = new Tile(3);
  public static final Tile tmm4 = new Tile(4);
  public static final Tile tmm5 = new Tile(5);
  public static final Tile tmm6 = new Tile(6);
  public static final Tile tmm7 = new Tile(7);

  private Registers() {}

  /** xmm register number {@code index}, 0 to 31. */
  public static Vec xmm(int index) {
    return new Vec(index, 128);
  }

  /** ymm register number {@code index}, 0 to 31. */
  public static Vec ymm(int index) {
    return new Vec(index, 256);
  }

  /** zmm register number {@code index}, 0 to 31. */
  public static Vec zmm(int index) {
    return new Vec(index, 512);
  }

  /** Memory at {@code base}. */
  public static Mem mem(Reg base) {
    return mem(base, 0);
  }

  /** Memory at {@code base + disp}. */
  public static Mem mem(Reg base, int disp) {
    return new Mem(base, rsp, 1, disp, Optional.empty(), false, 0);
  }

  /** Memory at {@code base + index·scale}. */
  public static Mem mem(Reg base, Operand index, int scale) {
    return mem(base, index, scale, 0);
  }

  /** Memory at {@code base + index·scale + disp}; a vector register as index is for gathers. */
  public static Mem mem(Reg base, Operand index, int scale, int disp) {
    if (index instanceof Reg r && r.index() == 4) {
      throw new IllegalArgumentException("rsp cannot be an index");
    }
    return new Mem(base, index, scale, disp, Optional.empty(), false, 0);
  }

  /** Memory at a label: a constant of the routine. */
  public static Mem mem(Label label) {
    return mem(label, 0);
  }

  /** Memory {@code disp} bytes after a label. */
  public static Mem mem(Label label, int disp) {
    return new Mem(rax, rsp, 1, disp, Optional.of(label), false, 0);
  }
}
