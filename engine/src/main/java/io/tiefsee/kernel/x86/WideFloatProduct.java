package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;

/**
 * Assembles the product of float weights with AVX-512: tiles of sixteen rows by six tokens. A
 * register holds four neighbouring columns of four rows, 128 bits each, which meet the same four
 * columns of a token; so each number is four chains of fused multiply-adds, columns 0, 4, 8 … and
 * so on, joined as (0 + 2) + (1 + 3). Compared with a register along one row, the sums at the end,
 * which weigh on short rows, cost a quarter. Smaller tiles do the same for each row and token; one
 * token alone does it row by row in xmm registers. For many tokens, and for few where the rows'
 * distance lets all of them fall on the same lines of the cache, sixteen rows are first brought
 * into that order, as f32, behind the frame.
 *
 * <p>Arguments as for {@link FloatProduct}; columns must be a multiple of four, rows of sixteen.
 * Where y ends within a group of rows, the frame's {@link #STORED} says how many of the last group
 * are wanted.
 */
final class WideFloatProduct {
  /** Of the frame, which is otherwise that of {@link FloatProduct}. */
  static final int STORED = 56;

  static final int ROWS = 16;

  /** Columns that a register has of each row. */
  static final int COLUMNS = 4;

  private static final int X = 32;
  private static final int TOKENS = 40;
  private static final int Y = 48;
  private static final int LEFT = 64;
  private static final int PACKED = 128;

  private static final int TILE = 6;

  /** Tokens from which on weights are brought into order first. */
  private static final int MANY = 2 * TILE;

  /** Rows at this distance, or at multiples of it, meet in one set of the first-level cache. */
  private static final int ALIAS = 4096;

  /** How far ahead a single token fetches weights, in bytes. */
  private static final int AHEAD = 512;

  private static final Reg[] FOURS = {rax, r10, r11, r14};

  private final Assembler a = new Assembler();
  private final QuantType type;

  WideFloatProduct(QuantType type) {
    this.type = type;
  }

  /** Bytes of the frame for matrices of some columns. */
  static long frameBytes(int cols) {
    return PACKED + 4L * ROWS * cols;
  }

  Assembler assemble() {
    a.prologue(6, rbx, rbp, r12, r13, r14, r15);
    a.mov(r12, mem(r9, FloatProduct.W_STRIDE));
    a.lea(r13, mem(r12, r12, 2));
    a.mov(rbx, mem(r9, FloatProduct.X_STRIDE));
    a.mov(mem(r9, X), rsi);
    a.mov(mem(r9, TOKENS), r8);
    a.mov(mem(r9, LEFT), rcx);
    for (int i = 1; i < 4; i++) {
      a.mov(rax, 1L << i);
      a.kmovw(lane(i), eax);
    }
    Label rows = a.here();
    a.mov(rax, 0xffff);
    a.mov(rcx, mem(r9, LEFT));
    a.cmp(rcx, ROWS);
    Label whole = a.label();
    a.jg(whole);
    a.mov(rcx, mem(r9, STORED));
    a.bzhi(eax, eax, ecx);
    a.bind(whole);
    a.kmovw(k4, eax);
    rows();
    a.lea(rdi, mem(rdi, r12, 8));
    a.lea(rdi, mem(rdi, r12, 8));
    a.add(rdx, 4 * ROWS);
    a.mov(rcx, mem(r9, LEFT));
    a.sub(rcx, ROWS);
    a.mov(mem(r9, LEFT), rcx);
    a.jg(rows);
    a.epilogue();
    return a;
  }

  /** Quarter i of a register of 16-bit weights. */
  private static Mask lane(int i) {
    return i == 1 ? k1 : i == 2 ? k2 : k3;
  }

  /** Sixteen rows with all tokens. */
  private void rows() {
    a.mov(rsi, mem(r9, X));
    a.mov(r8, mem(r9, TOKENS));
    a.mov(mem(r9, Y), rdx);
    Label one = a.label();
    Label many = a.label();
    Label end = a.label();
    a.cmp(r8, 1);
    a.je(one);
    a.cmp(r8, MANY);
    a.jge(many);
    a.mov(rax, r12);
    a.and(rax, ALIAS - 1);
    a.je(many);
    tokens(false, end);
    a.bind(one);
    for (int row = 0; row < ROWS; row += 8) {
      single(row);
    }
    a.jmp(end);
    a.bind(many);
    pack();
    tokens(true, end);
    a.bind(end);
    a.mov(rdx, mem(r9, Y));
  }

  /** All tiles of sixteen rows, then on to {@code end}. */
  private void tokens(boolean packed, Label end) {
    Label few = a.label();
    Label again = a.here();
    a.cmp(r8, TILE);
    a.jl(few);
    tile(TILE, packed);
    a.lea(rsi, mem(rbp, rbx, 2));
    a.add(rsi, rbx);
    a.sub(r8, TILE);
    a.jne(again);
    a.jmp(end);
    a.bind(few);
    for (int t = TILE - 1; t > 0; t--) {
      Label fewer = a.label();
      a.cmp(r8, t);
      a.jl(fewer);
      tile(t, packed);
      a.jmp(end);
      a.bind(fewer);
    }
  }

  /** Brings sixteen rows into the order of use. */
  private void pack() {
    fours();
    a.lea(r15, mem(r9, PACKED));
    a.mov(rcx, mem(r9, FloatProduct.COLS));
    Label loop = a.label();
    Label rest = a.label();
    Label end = a.label();
    a.sub(rcx, 4 * COLUMNS);
    a.jl(rest);
    a.bind(loop);
    packColumns(4);
    a.sub(rcx, 4 * COLUMNS);
    a.jge(loop);
    a.bind(rest);
    a.add(rcx, 4 * COLUMNS);
    a.je(end);
    Label last = a.here();
    packColumns(1);
    a.sub(rcx, COLUMNS);
    a.jne(last);
    a.bind(end);
  }

  /** Four rows after four rows, so that a line is done with before the next ones come. */
  private void packColumns(int steps) {
    for (int j = 0; j < 4; j++) {
      for (int step = 0; step < steps; step++) {
        load(j, COLUMNS * type.blockBytes() * step);
        a.vmovups(mem(r15, 256 * step + 64 * j), weights(j));
      }
    }
    for (Reg four : FOURS) {
      a.add(four, COLUMNS * type.blockBytes() * steps);
    }
    a.add(r15, 256 * steps);
  }

  /** One token with eight rows of the group, from {@code first} on. */
  private void single(int first) {
    if (first == 0) {
      a.mov(rax, rdi);
    } else {
      a.lea(rax, mem(rdi, r12, 8));
    }
    a.lea(r10, mem(rax, r12, 4));
    a.mov(r15, rsi);
    for (int r = 0; r < 8; r++) {
      a.vxorps(xmm(r), xmm(r), xmm(r));
    }
    Label rest = a.label();
    Label end = a.label();
    a.mov(rcx, mem(r9, FloatProduct.COLS));
    a.sub(rcx, 4 * COLUMNS);
    a.jl(rest);
    a.align(32);
    Label loop = a.here();
    singleColumns(4);
    a.sub(rcx, 4 * COLUMNS);
    a.jge(loop);
    a.bind(rest);
    a.add(rcx, 4 * COLUMNS);
    a.je(end);
    Label last = a.here();
    singleColumns(1);
    a.sub(rcx, COLUMNS);
    a.jne(last);
    a.bind(end);
    for (int r = 0; r < 8; r += 4) {
      join(xmm(r), xmm(r + 1), xmm(r + 2), xmm(r + 3), xmm12, xmm13);
      a.vmovups(mem(rdx, 4 * (first + r)).k(k4), xmm12);
      a.kmovw(ecx, k4);
      a.shr(ecx, 4);
      a.kmovw(k4, ecx);
    }
  }

  private void singleColumns(int steps) {
    int bytes = COLUMNS * type.blockBytes();
    for (int step = 0; step < steps; step++) {
      a.vmovups(xmm(8 + step), mem(r15, 4 * COLUMNS * step));
    }
    for (int r = 0; r < 8; r++) {
      Mem row = row(r < 4 ? 0 : 1, r % 4);
      if (steps > 1) {
        a.prefetcht0(row.plus(AHEAD));
      }
      for (int step = 0; step < steps; step++) {
        Mem from = row.plus(bytes * step);
        if (type == QuantType.F32) {
          a.vfmadd231ps(xmm(r), xmm(8 + step), from);
          continue;
        }
        Vec w = xmm(12 + step);
        if (type == QuantType.F16) {
          a.vcvtph2ps(w, from);
        } else {
          a.vpmovzxwd(w, from);
          a.vpslld(w, w, 16);
        }
        a.vfmadd231ps(xmm(r), xmm(8 + step), w);
      }
    }
    a.add(rax, bytes * steps);
    a.add(r10, bytes * steps);
    a.add(r15, 4 * COLUMNS * steps);
  }

  /** The first of each four rows. */
  private void fours() {
    a.mov(rax, rdi);
    a.lea(r10, mem(rdi, r12, 4));
    a.lea(r11, mem(rdi, r12, 8));
    a.lea(r14, mem(r10, r12, 8));
  }

  private static Vec sum(int t, int j) {
    return zmm(4 * t + j);
  }

  private static Vec weights(int j) {
    return zmm(24 + j);
  }

  /** The columns of a tile; rdx is at the tokens behind it then, rbp at the last three tokens. */
  private void tile(int tokens, boolean packed) {
    for (int t = 0; t < tokens; t++) {
      for (int j = 0; j < 4; j++) {
        a.vpxord(sum(t, j), sum(t, j), sum(t, j));
      }
    }
    if (packed) {
      a.lea(rax, mem(r9, PACKED));
    } else {
      fours();
    }
    a.mov(r15, rsi);
    a.lea(rbp, mem(rsi, rbx, 2));
    a.add(rbp, rbx);
    int steps = 2;
    Label rest = a.label();
    Label end = a.label();
    a.mov(rcx, mem(r9, FloatProduct.COLS));
    a.sub(rcx, COLUMNS * steps);
    a.jl(rest);
    a.align(32);
    Label loop = a.here();
    columns(tokens, steps, packed);
    a.sub(rcx, COLUMNS * steps);
    a.jge(loop);
    a.bind(rest);
    a.add(rcx, COLUMNS * steps);
    a.je(end);
    Label single = a.here();
    columns(tokens, 1, packed);
    a.sub(rcx, COLUMNS);
    a.jne(single);
    a.bind(end);
    a.lea(rbp, mem(rsi, rbx, 2));
    a.add(rbp, rbx);
    a.mov(r14, mem(r9, FloatProduct.Y_STRIDE));
    for (int t = 0; t < tokens; t++) {
      store(t);
      a.add(rdx, r14);
    }
  }

  private void columns(int tokens, int steps, boolean packed) {
    int bytes = COLUMNS * type.blockBytes();
    for (int step = 0; step < steps; step++) {
      for (int j = 0; j < 4; j++) {
        if (packed) {
          a.vmovups(weights(j), mem(rax, 256 * step + 64 * j));
          continue;
        }
        load(j, bytes * step);
      }
      for (int t = 0; t < tokens; t++) {
        Vec x = zmm(28 + t % 3);
        Mem from = t % 3 == 0 ? mem(t < 3 ? r15 : rbp) : mem(t < 3 ? r15 : rbp, rbx, t % 3);
        a.vbroadcastf32x4(x, from.plus(4 * COLUMNS * step));
        for (int j = 0; j < 4; j++) {
          a.vfmadd231ps(sum(t, j), weights(j), x);
        }
      }
    }
    if (packed) {
      a.add(rax, 256 * steps);
    } else {
      for (Reg four : FOURS) {
        a.add(four, bytes * steps);
      }
    }
    a.add(r15, 4 * COLUMNS * steps);
    a.add(rbp, 4 * COLUMNS * steps);
  }

  /** Row 4i + j. */
  private static Mem row(int i, int j) {
    return j == 0 ? mem(FOURS[i]) : j == 3 ? mem(FOURS[i], r13, 1) : mem(FOURS[i], r12, j);
  }

  /** Four columns of rows j, 4 + j, 8 + j and 12 + j. */
  private void load(int j, int bytes) {
    Vec w = weights(j);
    if (type == QuantType.F32) {
      Vec high = zmm31;
      a.vmovups(w.x(), row(0, j).plus(bytes));
      a.vinsertf32x4(w.y(), w.y(), row(1, j).plus(bytes), 1);
      a.vmovups(high.x(), row(2, j).plus(bytes));
      a.vinsertf32x4(high.y(), high.y(), row(3, j).plus(bytes), 1);
      a.vinsertf64x4(w, w, high.y(), 1);
      return;
    }
    for (int i = 0; i < 4; i++) {
      a.vpbroadcastq(i == 0 ? w.y() : w.y().k(lane(i)), row(i, j).plus(bytes));
    }
    if (type == QuantType.F16) {
      a.vcvtph2ps(w, w.y());
    } else {
      a.vpmovzxwd(w, w.y());
      a.vpslld(w, w, 16);
    }
  }

  /** Sums the chains of a token and stores them: lane i, element j is row 4i + j then. */
  private void store(int t) {
    join(sum(t, 0), sum(t, 1), sum(t, 2), sum(t, 3), zmm24, zmm25);
    a.vmovups(mem(rdx).k(k4), zmm24);
  }

  /** Adds up each four lanes of four registers; their sums are side by side in {@code to} then. */
  private void join(Vec v0, Vec v1, Vec v2, Vec v3, Vec to, Vec temp) {
    a.vunpcklps(to, v0, v1);
    a.vunpckhps(temp, v0, v1);
    a.vaddps(v0, to, temp);
    a.vunpcklps(to, v2, v3);
    a.vunpckhps(temp, v2, v3);
    a.vaddps(v2, to, temp);
    a.vunpcklpd(to, v0, v2);
    a.vunpckhpd(temp, v0, v2);
    a.vaddps(to, to, temp);
  }
}
