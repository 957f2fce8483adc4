package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;

/**
 * Assembles the product of float weights, row after row as in the file, with f32 activations: tiles
 * of four rows by three tokens, each of the twelve sums a chain of fused multiply-adds per lane of
 * a ymm. Columns that fill no ymm go one by one into the first lane. Smaller tiles do the same for
 * each row and token.
 *
 * <p>Arguments: first row of the weights, first row of the activations, y of the first row and
 * token, rows, tokens, address of the frame. The routine keeps all it changes in registers and the
 * frame, so threads may run it at once with a frame each; an instance makes one routine.
 */
final class FloatProduct {
  // Of the frame: set by the caller.
  static final int W_STRIDE = 0;
  static final int X_STRIDE = 8;
  static final int Y_STRIDE = 16;
  static final int COLS = 24;
  static final int FRAME_BYTES = 64;
  // Of the frame: used by the routine.
  private static final int X = 32;
  private static final int TOKENS = 40;
  private static final int Y = 48;

  private static final int ROWS_OF_TILE = 4;
  private static final int TOKENS_OF_TILE = 3;
  private static final Vec WEIGHTS = ymm15;

  private final Assembler a = new Assembler();
  private final QuantType type;

  FloatProduct(QuantType type) {
    this.type = type;
  }

  Assembler assemble() {
    a.prologue(6, rbx, rbp, r12, r13, r14);
    a.mov(r12, mem(r9, W_STRIDE));
    a.lea(r13, mem(r12, r12, 2));
    a.mov(rbx, mem(r9, X_STRIDE));
    a.mov(mem(r9, X), rsi);
    a.mov(mem(r9, TOKENS), r8);
    Label single = a.label();
    Label end = a.label();
    a.cmp(rcx, ROWS_OF_TILE);
    a.jl(single);
    Label four = a.here();
    rows(ROWS_OF_TILE);
    a.lea(rdi, mem(rdi, r12, 4));
    a.add(rdx, 4 * ROWS_OF_TILE);
    a.sub(rcx, ROWS_OF_TILE);
    a.je(end);
    a.cmp(rcx, ROWS_OF_TILE);
    a.jge(four);
    a.bind(single);
    rows(1);
    a.add(rdi, r12);
    a.add(rdx, 4);
    a.dec(rcx);
    a.jne(single);
    a.bind(end);
    a.epilogue();
    return a;
  }

  /** Some rows with all tokens. */
  private void rows(int rows) {
    a.mov(rsi, mem(r9, X));
    a.mov(r8, mem(r9, TOKENS));
    a.mov(mem(r9, Y), rdx);
    Label two = a.label();
    Label one = a.label();
    Label end = a.label();
    Label again = a.here();
    a.cmp(r8, 2);
    a.je(two);
    a.jl(one);
    tile(rows, TOKENS_OF_TILE);
    a.lea(rsi, mem(rsi, rbx, 2));
    a.add(rsi, rbx);
    a.mov(r14, mem(r9, Y_STRIDE));
    a.lea(rdx, mem(rdx, r14, 2));
    a.add(rdx, r14);
    a.sub(r8, TOKENS_OF_TILE);
    a.jne(again);
    a.jmp(end);
    a.bind(two);
    tile(rows, 2);
    a.jmp(end);
    a.bind(one);
    tile(rows, 1);
    a.bind(end);
    a.mov(rdx, mem(r9, Y));
  }

  private static Vec sum(int r, int t) {
    return ymm(TOKENS_OF_TILE * r + t);
  }

  private static Vec x(int t) {
    return ymm(12 + t);
  }

  private void tile(int rows, int tokens) {
    for (int r = 0; r < rows; r++) {
      for (int t = 0; t < tokens; t++) {
        a.vxorps(sum(r, t), sum(r, t), sum(r, t));
      }
    }
    a.mov(r10, rdi);
    a.mov(r11, rsi);
    a.mov(rbp, mem(r9, COLS));
    Label tail = a.label();
    Label end = a.label();
    a.sub(rbp, 8);
    a.jl(tail);
    a.align(32);
    Label columns = a.here();
    for (int t = 0; t < tokens; t++) {
      a.vmovups(x(t), activations(t));
    }
    for (int r = 0; r < rows; r++) {
      eight(weights(r));
      multiply(r, tokens);
    }
    a.add(r10, 8 * type.blockBytes());
    a.add(r11, 32);
    a.sub(rbp, 8);
    a.jge(columns);
    a.bind(tail);
    a.add(rbp, 8);
    a.je(end);
    Label column = a.here();
    for (int t = 0; t < tokens; t++) {
      a.vmovss(x(t).x(), activations(t));
    }
    for (int r = 0; r < rows; r++) {
      one(weights(r));
      multiply(r, tokens);
    }
    a.add(r10, type.blockBytes());
    a.add(r11, 4);
    a.dec(rbp);
    a.jne(column);
    a.bind(end);
    store(rows, tokens);
  }

  private void multiply(int r, int tokens) {
    for (int t = 0; t < tokens; t++) {
      a.vfmadd231ps(sum(r, t), WEIGHTS, x(t));
    }
  }

  private static Mem activations(int t) {
    return t == 0 ? mem(r11) : mem(r11, rbx, t);
  }

  private static Mem weights(int r) {
    return r == 0 ? mem(r10) : r == 3 ? mem(r10, r13, 1) : mem(r10, r12, r);
  }

  /** Eight weights as f32. */
  private void eight(Mem m) {
    switch (type) {
      case F16 -> a.vcvtph2ps(WEIGHTS, m);
      case BF16 -> {
        a.vpmovzxwd(WEIGHTS, m);
        a.vpslld(WEIGHTS, WEIGHTS, 16);
      }
      default -> a.vmovups(WEIGHTS, m);
    }
  }

  /** One weight as f32 in the first lane, zero in the others. */
  private void one(Mem m) {
    switch (type) {
      case F16 -> {
        a.movzxw(rax, m);
        a.vmovd(WEIGHTS.x(), eax);
        a.vcvtph2ps(WEIGHTS.x(), WEIGHTS.x());
      }
      case BF16 -> {
        a.movzxw(rax, m);
        a.shl(rax, 16);
        a.vmovd(WEIGHTS.x(), eax);
      }
      default -> a.vmovss(WEIGHTS.x(), m);
    }
  }

  private void store(int rows, int tokens) {
    a.mov(r14, mem(r9, Y_STRIDE));
    for (int r = 0; r < rows; r++) {
      for (int t = 0; t < tokens; t++) {
        Vec v = sum(r, t).x();
        a.vextractf128(xmm15, sum(r, t), 1);
        a.vaddps(v, v, xmm15);
        a.vhaddps(v, v, v);
        a.vhaddps(v, v, v);
        a.vmovss(t == 0 ? mem(rdx, 4 * r) : mem(rdx, r14, t, 4 * r), v);
      }
    }
  }
}
