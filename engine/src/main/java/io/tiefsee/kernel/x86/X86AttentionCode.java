package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.tensor.QuantType;

/**
 * The routines of attention for AVX2, FMA and F16C. All take one argument, the address of a block
 * of parameters (the constants below are offsets in it; numbers are 64-bit).
 *
 * <p>{@link #page}: up to {@link #ROWS} query rows meet the keys and values of one page. Scores:
 * lanes along the dimensions, a tile of all rows × 2 or 4 keys, each pair (row, key) in one
 * accumulator, whose lanes are added as ((0+1)+(2+3))+((4+5)+(6+7)). Softmax row by row. Values:
 * lanes along the dimensions, a tile of all rows × 2 or 4 registers, keys in ascending order. What
 * a row gets does not depend on the tile, hence not on the rows beside it. While one of keys and
 * values is worked on, the other is fetched.
 *
 * <p>A row's state is vDim floats (the weighted sum of values so far), the maximum and the sum of
 * weights.
 */
final class X86AttentionCode {
  /** Rows that one call takes. */
  static final int ROWS = 6;

  // Parameters of page.
  static final int Q = 0;
  static final int Q_STRIDE = 8;
  static final int KEYS = 16;
  static final int KEY_STRIDE = 24;
  static final int VALUES = 32;
  static final int VALUE_STRIDE = 40;
  static final int KEY_BLOCKS = 48;
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
  static final int PARAMETERS = 192;

  // Parameters of merge and finish, beside STATE, STATE_STRIDE, VALUE_BLOCKS, GROUP and MAX_AT.
  static final int OTHER = 0;
  static final int OUT = 0;
  static final int OUT_STRIDE = 8;

  // Parameters of widen.
  static final int FROM = 144;
  static final int TO = 152;
  static final int BLOCKS = 160;

  private static final int SCORE_STRIDE = 4 * KvLayer.PAGE;

  /** Behind the scores: what the rows keep of their sums. */
  private static final int KEEP = ROWS * SCORE_STRIDE;

  static final int SCORE_BYTES = KEEP + 32;

  private final Assembler a = new Assembler();
  private final boolean half;
  private final int width;

  private X86AttentionCode(QuantType cache) {
    half = cache == QuantType.F16;
    width = half ? 16 : 32;
  }

  /** The routine for one page of a cache of F16 or F32. */
  static Assembler page(QuantType cache) {
    return new X86AttentionCode(cache).page();
  }

  private Assembler page() {
    a.prologue(1, rbx, rbp, r12, r13, r14, r15);
    a.mov(rbp, rdi);
    Label softmax = a.label();
    Label end = a.label();
    Label[] variants = new Label[ROWS];
    dispatch(variants);
    for (int rows = ROWS; rows > 0; rows--) {
      a.bind(variants[rows - 1]);
      scores(rows, rows > 3 ? 2 : 4);
      a.jmp(softmax);
    }
    a.bind(softmax);
    softmax();
    dispatch(variants);
    for (int rows = ROWS; rows > 0; rows--) {
      a.bind(variants[rows - 1]);
      values(rows, rows > 3 ? 2 : 4);
      a.jmp(end);
    }
    a.bind(end);
    a.epilogue();
    return a;
  }

  /** Jumps to the variant for the number of rows. */
  private void dispatch(Label[] variants) {
    a.mov(rax, mem(rbp, GROUP));
    for (int i = 0; i < ROWS; i++) {
      variants[i] = a.label();
      if (i > 0) {
        a.cmp(rax, i + 1);
        a.je(variants[i]);
      }
    }
    a.jmp(variants[0]);
  }

  /**
   * Row {@code i} of six whose first is at r11 and whose fourth is at rbx, at a distance of rsi.
   */
  private static Mem row(int i) {
    Reg base = i < 3 ? r11 : rbx;
    return i % 3 == 0 ? mem(base) : mem(base, rsi, i % 3);
  }

  private void load(Vec to, Mem from) {
    if (half) {
      a.vcvtph2ps(to, from);
    } else {
      a.vmovups(to, from);
    }
  }

  /** rbx = the fourth of the rows at r11. */
  private void fourthRow() {
    a.lea(rbx, mem(rsi, rsi, 2));
    a.add(rbx, r11);
  }

  /** Scores of {@code rows} query rows, {@code keys} keys at a time. */
  private void scores(int rows, int keys) {
    a.mov(rsi, mem(rbp, Q_STRIDE));
    a.mov(rcx, mem(rbp, KEY_STRIDE));
    a.lea(r13, mem(rcx, rcx, 2));
    a.mov(rdx, mem(rbp, KEYS));
    a.mov(r8, mem(rbp, SCORES));
    a.mov(r9, mem(rbp, COUNT));
    a.mov(r15, mem(rbp, NEXT_VALUES));
    a.mov(r10, mem(rbp, KEY_BLOCKS));
    Label nextKeys = a.here();
    a.mov(r11, mem(rbp, Q));
    fourthRow();
    a.mov(r12, rdx);
    a.mov(r14, r10);
    for (int i = 0; i < rows * keys; i++) {
      a.vxorps(ymm(i), ymm(i), ymm(i));
    }
    Label block = a.here();
    int first = rows * keys;
    boolean keysInRegisters = first + keys < 16;
    // With 12 accumulators: two keys, or a row and the four keys one after the other.
    if (keysInRegisters) {
      for (int k = 0; k < keys; k++) {
        load(ymm(first + k), key(k));
      }
      for (int r = 0; r < rows; r++) {
        a.vmovups(ymm15, row(r));
        for (int k = 0; k < keys; k++) {
          a.vfmadd231ps(ymm(r * keys + k), ymm15, ymm(first + k));
        }
      }
    } else {
      for (int r = 0; r < rows; r++) {
        a.vmovups(ymm(first + r), row(r));
      }
      for (int k = 0; k < keys; k++) {
        load(ymm15, key(k));
        for (int r = 0; r < rows; r++) {
          a.vfmadd231ps(ymm(r * keys + k), ymm15, ymm(first + r));
        }
      }
    }
    prefetch(keys * width);
    a.add(r11, 32);
    a.add(rbx, 32);
    a.add(r12, width);
    a.dec(r14);
    a.jne(block);
    if (keys == 2) {
      sumPairs(rows);
    } else {
      sumFours(rows);
    }
    a.lea(rdx, mem(rdx, rcx, keys));
    a.add(r8, 4 * keys);
    a.sub(r9, keys);
    a.jg(nextKeys);
  }

  private static Mem key(int k) {
    return switch (k) {
      case 0 -> mem(r12);
      case 3 -> mem(r12, r13, 1);
      default -> mem(r12, rcx, k);
    };
  }

  private void prefetch(int bytes) {
    a.prefetcht0(mem(r15));
    if (bytes > 64) {
      a.prefetcht0(mem(r15, 64));
    }
    a.add(r15, bytes);
  }

  private void sumPairs(int rows) {
    for (int r = 0; r < rows; r += 2) {
      Vec left = ymm(2 * r);
      a.vhaddps(left, left, ymm(2 * r + 1));
      Vec right = left;
      if (r + 1 < rows) {
        right = ymm(2 * r + 2);
        a.vhaddps(right, right, ymm(2 * r + 3));
      }
      a.vhaddps(left, left, right);
      a.vextractf128(xmm15, left, 1);
      a.vaddps(left.x(), left.x(), xmm15);
      a.vmovq(mem(r8, r * SCORE_STRIDE), left.x());
      if (r + 1 < rows) {
        a.vpextrq(mem(r8, (r + 1) * SCORE_STRIDE), left.x(), 1);
      }
    }
  }

  private void sumFours(int rows) {
    for (int r = 0; r < rows; r++) {
      Vec left = ymm(4 * r);
      Vec right = ymm(4 * r + 2);
      a.vhaddps(left, left, ymm(4 * r + 1));
      a.vhaddps(right, right, ymm(4 * r + 3));
      a.vhaddps(left, left, right);
      a.vextractf128(xmm15, left, 1);
      a.vaddps(left.x(), left.x(), xmm15);
      a.vmovups(mem(r8, r * SCORE_STRIDE), left.x());
    }
  }

  /** Scores to weights; the maximum and the sum of each row, and what is kept of its values. */
  private void softmax() {
    a.mov(rdi, mem(rbp, SCORES));
    a.lea(rdx, mem(rdi, KEEP));
    a.mov(rsi, mem(rbp, STATE));
    a.add(rsi, mem(rbp, MAX_AT));
    a.mov(r8, mem(rbp, SEEN));
    a.mov(r9, mem(rbp, GROUP));
    a.vbroadcastss(ymm14, mem(rbp, SCALE));
    int[] index = new int[KvLayer.PAGE];
    for (int i = 0; i < index.length; i++) {
      index[i] = i;
    }
    Label indices = a.ints(index);
    Label row = a.here();
    a.vpbroadcastd(ymm15, mem(r8));
    a.vmovups(ymm12, X86Exp.constant(a, Float.NEGATIVE_INFINITY));
    for (int i = 0; i < 8; i++) {
      a.vmulps(ymm(i), ymm14, mem(rdi, 32 * i));
      a.vpcmpgtd(ymm13, ymm15, mem(indices, 32 * i));
      a.vblendvps(ymm(i), ymm12, ymm(i), ymm13);
    }
    for (int i = 0; i < 4; i++) {
      a.vmaxps(ymm(8 + i), ymm(i), ymm(i + 4));
    }
    a.vmaxps(ymm8, ymm8, ymm9);
    a.vmaxps(ymm10, ymm10, ymm11);
    a.vmaxps(ymm8, ymm8, ymm10);
    a.vextractf128(xmm9, ymm8, 1);
    a.vmaxps(xmm8, xmm8, xmm9);
    a.vpermilps(xmm9, xmm8, 0x4e);
    a.vmaxps(xmm8, xmm8, xmm9);
    a.vpermilps(xmm9, xmm8, 0xb1);
    a.vmaxps(xmm8, xmm8, xmm9);
    a.vmovss(xmm13, mem(rsi));
    a.vmaxps(xmm8, xmm8, xmm13);
    a.vmovss(mem(rsi), xmm8);
    // A row that has seen nothing yet: −∞ minus a finite number, not minus −∞.
    a.vmaxps(xmm8, xmm8, X86Exp.constant(a, -1e30f));
    a.vsubps(xmm13, xmm13, xmm8);
    a.vbroadcastss(ymm12, xmm8);
    X86Exp.emit(a, ymm13, ymm8, ymm9, ymm10, ymm11);
    for (int i = 0; i < 8; i++) {
      a.vsubps(ymm(i), ymm(i), ymm12);
      X86Exp.emit(a, ymm(i), ymm8, ymm9, ymm10, ymm11);
      a.vmovups(mem(rdi, 32 * i), ymm(i));
    }
    for (int step = 1; step < 8; step *= 2) {
      for (int i = 0; i < 8; i += 2 * step) {
        a.vaddps(ymm(i), ymm(i), ymm(i + step));
      }
    }
    a.vextractf128(xmm1, ymm0, 1);
    a.vaddps(xmm0, xmm0, xmm1);
    a.vhaddps(xmm0, xmm0, xmm0);
    a.vhaddps(xmm0, xmm0, xmm0);
    a.vmovss(mem(rdx), xmm13);
    a.vmovss(xmm1, mem(rsi, 4));
    a.vfmadd213ss(xmm1, xmm13, xmm0);
    a.vmovss(mem(rsi, 4), xmm1);
    a.add(rdi, SCORE_STRIDE);
    a.add(rdx, 4);
    a.add(rsi, mem(rbp, STATE_STRIDE));
    a.add(r8, 4);
    a.dec(r9);
    a.jne(row);
  }

  /** Adds the weighted values to the rows' states, {@code registers} of columns at a time. */
  private void values(int rows, int registers) {
    a.mov(r11, mem(rbp, STATE));
    a.mov(rsi, mem(rbp, STATE_STRIDE));
    fourthRow();
    a.mov(rdx, mem(rbp, VALUES));
    a.mov(rcx, mem(rbp, VALUE_STRIDE));
    a.mov(r8, mem(rbp, SCORES));
    a.mov(r10, mem(rbp, VALUE_BLOCKS));
    a.mov(r15, mem(rbp, NEXT_KEYS));
    Label rest = a.label();
    Label end = a.label();
    a.sub(r10, registers);
    a.jl(rest);
    Label columns = a.here();
    columns(rows, registers);
    a.sub(r10, registers);
    a.jge(columns);
    a.bind(rest);
    a.add(r10, registers);
    a.je(end);
    Label column = a.here();
    columns(rows, 1);
    a.dec(r10);
    a.jne(column);
    a.bind(end);
  }

  private void columns(int rows, int registers) {
    int first = rows * registers;
    for (int r = 0; r < rows; r++) {
      a.vbroadcastss(ymm15, mem(r8, KEEP + 4 * r));
      for (int c = 0; c < registers; c++) {
        a.vmulps(ymm(r * registers + c), ymm15, row(r).plus(32 * c));
      }
    }
    a.mov(r12, rdx);
    a.mov(r13, r8);
    a.mov(r14, mem(rbp, COUNT));
    Label key = a.here();
    if (first + registers < 16) {
      for (int c = 0; c < registers; c++) {
        load(ymm(first + c), mem(r12, width * c));
      }
      for (int r = 0; r < rows; r++) {
        a.vbroadcastss(ymm15, mem(r13, r * SCORE_STRIDE));
        for (int c = 0; c < registers; c++) {
          a.vfmadd231ps(ymm(r * registers + c), ymm15, ymm(first + c));
        }
      }
    } else {
      for (int r = 0; r < rows; r++) {
        a.vbroadcastss(ymm(first + r), mem(r13, r * SCORE_STRIDE));
      }
      for (int c = 0; c < registers; c++) {
        load(ymm15, mem(r12, width * c));
        for (int r = 0; r < rows; r++) {
          a.vfmadd231ps(ymm(r * registers + c), ymm(first + r), ymm15);
        }
      }
    }
    prefetch(registers * width);
    a.add(r12, rcx);
    a.add(r13, 4);
    a.dec(r14);
    a.jne(key);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < registers; c++) {
        a.vmovups(row(r).plus(32 * c), ymm(r * registers + c));
      }
    }
    a.add(r11, 32 * registers);
    a.add(rbx, 32 * registers);
    a.add(rdx, width * registers);
  }

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
