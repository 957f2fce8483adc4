package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

/**
 * As {@link GemmCode} for AVX-512: one or two vectors of sixteen columns, the last of them under a
 * mask, twelve rows at a time. The chains of multiply-adds, and so the bits, are the same.
 *
 * <p>Arguments: a, b, c, rows (above 0), length of the sums (above 0), address of the frame, whose
 * mask is a number with a bit for each column of the last vector.
 */
final class WideGemmCode {
  private static final int ROWS = 12;

  /** How many rows of b ahead of the sums are fetched: the third cache level is that far. */
  private static final int AHEAD = 24;

  private static final Vec SPREAD = zmm26;
  private static final Mask LAST = k1;

  private final Assembler a = new Assembler();
  private final int vectors;
  private final boolean add;
  private final boolean fetch;

  /**
   * @param vectors of sixteen columns, 1 or 2
   * @param add c is added to
   * @param fetch rows of a and b are fetched ahead: for long sums over rows that lie far
   */
  WideGemmCode(int vectors, boolean add, boolean fetch) {
    this.vectors = vectors;
    this.add = add;
    this.fetch = fetch;
  }

  Assembler assemble() {
    a.prologue(6, rbx, rbp, r12, r13, r14, r15);
    a.mov(r10, mem(r9, GemmCode.A_ROW));
    a.lea(r11, mem(r10, r10, 2));
    a.mov(rbp, mem(r9, GemmCode.A_COL));
    a.mov(r12, mem(r9, GemmCode.B_ROW));
    a.mov(r13, mem(r9, GemmCode.C_ROW));
    a.kmovw(LAST, mem(r9, GemmCode.MASK));
    a.lea(r9, mem(r12, r12, 2));
    Label rest = a.label();
    Label end = a.label();
    a.cmp(rcx, ROWS);
    a.jl(rest);
    Label again = a.here();
    tile(ROWS);
    a.lea(rdi, mem(rdi, r11, 4)); // twelve rows
    a.lea(rax, mem(r13, r13, 2));
    a.lea(rdx, mem(rdx, rax, 4));
    a.sub(rcx, ROWS);
    a.je(end);
    a.cmp(rcx, ROWS);
    a.jge(again);
    a.bind(rest);
    for (int rows = ROWS - 1; rows > 0; rows--) {
      Label fewer = a.label();
      a.cmp(rcx, rows);
      a.jl(fewer);
      tile(rows);
      a.jmp(end);
      a.bind(fewer);
    }
    a.bind(end);
    a.epilogue();
    return a;
  }

  private static Vec sum(int r, int i) {
    return zmm(2 * r + i);
  }

  private static Vec b(int i) {
    return zmm(24 + i);
  }

  /** Row r of a, at the column that is at work: rax has rows 0 to 4, rbx those from 5 on. */
  private static Mem row(int r) {
    return switch (r) {
      case 0 -> mem(rax);
      case 3 -> mem(rax, r11, 1);
      case 1, 2, 4 -> mem(rax, r10, r);
      case 5 -> mem(rbx);
      case 8 -> mem(rbx, r11, 1);
      case 6, 7, 9 -> mem(rbx, r10, r - 5);
      case 11 -> mem(rbx, r11, 2);
      default -> mem(r8);
    };
  }

  private void load(int i, Vec d, Mem s) {
    a.vmovups(i == vectors - 1 ? d.k(LAST).z() : d, s);
  }

  private void tile(int rows) {
    a.push(r8);
    a.mov(rax, rdx);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < vectors; i++) {
        if (add) {
          load(i, sum(r, i), mem(rax, 64 * i));
        } else {
          a.vpxord(sum(r, i), sum(r, i), sum(r, i));
        }
      }
      a.add(rax, r13);
    }
    a.mov(r15, r8);
    a.mov(rax, rdi);
    a.lea(rbx, mem(rax, r10, 4));
    a.add(rbx, r10);
    a.lea(r8, mem(rbx, r10, 4));
    a.add(r8, r10);
    a.mov(r14, rsi);
    a.align(32);
    Label loop = a.here();
    for (int i = 0; i < vectors; i++) {
      load(i, b(i), mem(r14, 64 * i));
    }
    if (fetch) {
      for (int i = 0; i < vectors; i++) {
        a.prefetcht0(mem(r14, r9, AHEAD / 3, 64 * i));
      }
      a.prefetcht0(mem(rax, rbp, 8));
    }
    for (int r = 0; r < rows; r++) {
      if (vectors == 1) {
        a.vfmadd231ps(sum(r, 0), b(0), row(r).bcst());
      } else {
        a.vbroadcastss(SPREAD, row(r));
        a.vfmadd231ps(sum(r, 0), SPREAD, b(0));
        a.vfmadd231ps(sum(r, 1), SPREAD, b(1));
      }
    }
    a.add(rax, rbp);
    a.add(rbx, rbp);
    a.add(r8, rbp);
    a.add(r14, r12);
    a.dec(r15);
    a.jne(loop);
    a.mov(rax, rdx);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < vectors; i++) {
        Mem to = mem(rax, 64 * i);
        a.vmovups(i == vectors - 1 ? to.k(LAST) : to, sum(r, i));
      }
      a.add(rax, r13);
    }
    a.pop(r8);
  }
}
