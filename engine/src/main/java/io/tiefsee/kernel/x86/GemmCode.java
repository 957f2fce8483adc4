package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

/**
 * Assembles a column of tiles of a general f32 product: up to sixteen columns of c, a lane a
 * column, six rows at a time, then the rest; each number one chain of fused multiply-adds.
 *
 * <p>Arguments: a, b, c, rows (above 0), length of the sums (above 0), address of the frame.
 */
final class GemmCode {
  // Of the frame: set by the caller.
  static final int A_ROW = 0;
  static final int A_COL = 8;
  static final int B_ROW = 16;
  static final int C_ROW = 24;
  static final int MASK = 32;
  static final int FRAME_BYTES = 64;

  private static final int ROWS = 6;
  private static final Vec SPREAD = ymm14;
  private static final Vec MASKED = ymm15;

  private final Assembler a = new Assembler();
  private final boolean masked;
  private final boolean add;
  private final int vectors;

  /**
   * @param masked up to eight columns, those that the frame's mask has; else sixteen
   * @param add c is added to
   */
  GemmCode(boolean masked, boolean add) {
    this.masked = masked;
    this.add = add;
    this.vectors = masked ? 1 : 2;
  }

  Assembler assemble() {
    a.prologue(6, rbx, rbp, r12, r13, r14, r15);
    a.mov(r10, mem(r9, A_ROW));
    a.lea(r11, mem(r10, r10, 2));
    a.lea(rbx, mem(r10, r10, 4));
    a.mov(rbp, mem(r9, A_COL));
    a.mov(r12, mem(r9, B_ROW));
    a.mov(r13, mem(r9, C_ROW));
    if (masked) {
      a.vmovups(MASKED, mem(r9, MASK));
    }
    Label rest = a.label();
    Label end = a.label();
    a.cmp(rcx, ROWS);
    a.jl(rest);
    Label again = a.here();
    tile(ROWS);
    a.lea(rdi, mem(rdi, r11, 2)); // six rows
    a.lea(rdx, mem(rdx, r13, 4));
    a.lea(rdx, mem(rdx, r13, 2));
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
    return ymm(2 * r + i);
  }

  private static Vec b(int i) {
    return ymm(12 + i);
  }

  private static Mem row(int r) {
    return switch (r) {
      case 0 -> mem(rax);
      case 3 -> mem(rax, r11, 1);
      case 5 -> mem(rax, rbx, 1);
      default -> mem(rax, r10, r);
    };
  }

  private void load(Vec d, Mem s) {
    if (masked) {
      a.vmaskmovps(d, MASKED, s);
    } else {
      a.vmovups(d, s);
    }
  }

  private void tile(int rows) {
    a.mov(rax, rdx);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < vectors; i++) {
        if (add) {
          load(sum(r, i), mem(rax, 32 * i));
        } else {
          a.vxorps(sum(r, i), sum(r, i), sum(r, i));
        }
      }
      a.add(rax, r13);
    }
    a.mov(rax, rdi);
    a.mov(r14, rsi);
    a.mov(r15, r8);
    a.align(32);
    Label loop = a.here();
    for (int i = 0; i < vectors; i++) {
      load(b(i), mem(r14, 32 * i));
    }
    for (int r = 0; r < rows; r++) {
      a.vbroadcastss(SPREAD, row(r));
      for (int i = 0; i < vectors; i++) {
        a.vfmadd231ps(sum(r, i), SPREAD, b(i));
      }
    }
    a.add(rax, rbp);
    a.add(r14, r12);
    a.dec(r15);
    a.jne(loop);
    a.mov(rax, rdx);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < vectors; i++) {
        if (masked) {
          a.vmaskmovps(mem(rax, 32 * i), MASKED, sum(r, i));
        } else {
          a.vmovups(mem(rax, 32 * i), sum(r, i));
        }
      }
      a.add(rax, r13);
    }
  }
}
