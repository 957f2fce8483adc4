package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;
import static io.tiefsee.kernel.x86.X86AttentionCode.*;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.tensor.QuantType;

/**
 * The routine of attention for one page: some query rows meet its keys and values. It takes the
 * address of the parameters of {@link X86AttentionCode}. Written once for AVX2 and AVX-512, whose
 * registers have twice the lanes and are twice as many.
 *
 * <p>Scores: lanes along the dimensions, a tile of all rows × 2 or 4 keys, each pair (row, key) in
 * one accumulator, whose lanes are added as ((0+1)+(2+3))+((4+5)+(6+7)); of sixteen, lanes i and i
 * + 8 first. Softmax row by row. Values: lanes along the dimensions, a tile of all rows × 2 or 4
 * registers, keys in ascending order. What a row gets does not depend on the tile, hence not on the
 * rows beside it. While one of keys and values is worked on, the other is fetched.
 */
final class AttentionPage {
  /** Most rows of a page's routine at 512 bits; half of them at 256. */
  static final int MOST_ROWS = 12;

  /** Bytes from one row's scores to the next one's. */
  static final int SCORE_STRIDE = 4 * KvLayer.PAGE;

  /** Behind the scores: what the rows keep of their sums. */
  static final int KEEP = MOST_ROWS * SCORE_STRIDE;

  /** Bytes of the scores and of what belongs to them. */
  static final int SCORE_BYTES = KEEP + 64;

  /** Where a group of three rows begins. */
  private static final Reg[] THIRDS = {r11, rbx, rax, rdi};

  private final Assembler a = new Assembler();
  private final int rows;
  private final boolean half;
  private final boolean wide;

  /** Bytes of a register's lanes as f32, and of as many numbers of the cache. */
  private final int bytes;

  private final int width;

  /** Keys, or registers of values, of a tile. */
  private final int across;

  /** A register that no tile takes, and its lowest 128 bits. */
  private final Vec spare;

  private AttentionPage(QuantType cache, boolean wide, int rows) {
    this.rows = rows;
    this.wide = wide;
    half = cache == QuantType.F16;
    bytes = wide ? 64 : 32;
    width = half ? bytes / 2 : bytes;
    across = 2 * rows > mostRows(wide) ? 2 : 4;
    spare = v(wide ? 31 : 15);
  }

  /** Most rows of a routine. */
  static int mostRows(boolean wide) {
    return wide ? MOST_ROWS : MOST_ROWS / 2;
  }

  /**
   * The routine for some rows.
   *
   * @param cache F16 or F32
   * @param wide with AVX-512, for keys and values of a multiple of 16 numbers
   */
  static Assembler of(QuantType cache, boolean wide, int rows) {
    return new AttentionPage(cache, wide, rows).assemble();
  }

  private Assembler assemble() {
    a.prologue(1, rbx, rbp, r12, r13, r14, r15);
    a.mov(rbp, rdi);
    scores();
    new AttentionSoftmax(a, wide).emit(rows);
    values();
    a.epilogue();
    return a;
  }

  private Vec v(int index) {
    return wide ? zmm(index) : ymm(index);
  }

  /** Row {@code i} of those whose first is at r11, at a distance of rsi. */
  private static Mem row(int i) {
    Reg base = THIRDS[i / 3];
    return i % 3 == 0 ? mem(base) : mem(base, rsi, i % 3);
  }

  /** The other starts of three rows, from the first. */
  private void thirds() {
    for (int i = 3; i < rows; i += 3) {
      a.lea(THIRDS[i / 3], mem(rsi, rsi, 2));
      a.add(THIRDS[i / 3], THIRDS[i / 3 - 1]);
    }
  }

  private void nextColumns(int distance) {
    for (int i = 0; i < rows; i += 3) {
      a.add(THIRDS[i / 3], distance);
    }
  }

  private void load(Vec to, Mem from) {
    if (half) {
      a.vcvtph2ps(to, from);
    } else {
      a.vmovups(to, from);
    }
  }

  /** Scores of the rows, some keys at a time. */
  private void scores() {
    int keys = across;
    a.mov(rsi, mem(rbp, Q_STRIDE));
    a.mov(rcx, mem(rbp, KEY_STRIDE));
    a.lea(r13, mem(rcx, rcx, 2));
    a.mov(rdx, mem(rbp, KEYS));
    a.mov(r8, mem(rbp, SCORES));
    a.mov(r9, mem(rbp, COUNT));
    a.mov(r15, mem(rbp, NEXT_VALUES));
    a.mov(r10, mem(rbp, KEY_STEPS));
    Label nextKeys = a.here();
    a.mov(r11, mem(rbp, Q));
    thirds();
    a.mov(r12, rdx);
    a.mov(r14, r10);
    for (int i = 0; i < rows * keys; i++) {
      clear(v(i));
    }
    Label block = a.here();
    int first = rows * keys;
    // Where registers are too few: a row's keys one after the other.
    if (first + keys < spare.index() + 1) {
      for (int k = 0; k < keys; k++) {
        load(v(first + k), key(k));
      }
      for (int r = 0; r < rows; r++) {
        a.vmovups(spare, row(r));
        for (int k = 0; k < keys; k++) {
          a.vfmadd231ps(v(r * keys + k), spare, v(first + k));
        }
      }
    } else {
      for (int r = 0; r < rows; r++) {
        a.vmovups(v(first + r), row(r));
      }
      for (int k = 0; k < keys; k++) {
        load(spare, key(k));
        for (int r = 0; r < rows; r++) {
          a.vfmadd231ps(v(r * keys + k), spare, v(first + r));
        }
      }
    }
    prefetch(keys * width);
    nextColumns(bytes);
    a.add(r12, width);
    a.dec(r14);
    a.jne(block);
    if (keys == 2) {
      sumPairs();
    } else {
      sumFours();
    }
    a.lea(rdx, mem(rdx, rcx, keys));
    a.add(r8, 4 * keys);
    a.sub(r9, keys);
    a.jg(nextKeys);
  }

  private void clear(Vec register) {
    if (wide) {
      a.vpxord(register, register, register);
    } else {
      a.vxorps(register, register, register);
    }
  }

  private static Mem key(int k) {
    return switch (k) {
      case 0 -> mem(r12);
      case 3 -> mem(r12, r13, 1);
      default -> mem(r12, rcx, k);
    };
  }

  private void prefetch(int length) {
    for (int at = 0; at < length; at += 64) {
      a.prefetcht0(mem(r15, at));
    }
    a.add(r15, length);
  }

  private void sumPairs() {
    for (int r = 0; r < rows; r += 2) {
      Vec left = eight(2 * r, 0);
      a.vhaddps(left, left, eight(2 * r + 1, 1));
      Vec right = left;
      if (r + 1 < rows) {
        right = eight(2 * r + 2, 2);
        a.vhaddps(right, right, eight(2 * r + 3, 3));
      }
      a.vhaddps(left, left, right);
      foldEight(left);
      a.vmovq(mem(r8, r * SCORE_STRIDE), left.x());
      if (r + 1 < rows) {
        a.vpextrq(mem(r8, (r + 1) * SCORE_STRIDE), left.x(), 1);
      }
    }
  }

  private void sumFours() {
    for (int r = 0; r < rows; r++) {
      Vec left = eight(4 * r, 0);
      a.vhaddps(left, left, eight(4 * r + 1, 1));
      Vec right = eight(4 * r + 2, 2);
      a.vhaddps(right, right, eight(4 * r + 3, 3));
      a.vhaddps(left, left, right);
      foldEight(left);
      a.vmovups(mem(r8, r * SCORE_STRIDE), left.x());
    }
  }

  /**
   * Accumulator {@code from} as eight lanes: sixteen are added into register {@code to}, whose own
   * sum is no longer needed then.
   */
  private Vec eight(int from, int to) {
    if (!wide) {
      return ymm(from);
    }
    a.vextractf64x4(spare.y(), zmm(from), 1);
    a.vaddps(ymm(to), ymm(from), spare.y());
    return ymm(to);
  }

  private void foldEight(Vec sums) {
    if (wide) {
      a.vextractf32x4(spare.x(), sums, 1);
    } else {
      a.vextractf128(spare.x(), sums, 1);
    }
    a.vaddps(sums.x(), sums.x(), spare.x());
  }

  /** Adds the weighted values to the rows' states, some registers of columns at a time. */
  private void values() {
    a.mov(r11, mem(rbp, STATE));
    a.mov(rsi, mem(rbp, STATE_STRIDE));
    thirds();
    a.mov(rdx, mem(rbp, VALUES));
    a.mov(rcx, mem(rbp, VALUE_STRIDE));
    a.mov(r8, mem(rbp, SCORES));
    a.mov(r10, mem(rbp, VALUE_STEPS));
    a.mov(r15, mem(rbp, NEXT_KEYS));
    Label rest = a.label();
    Label end = a.label();
    a.sub(r10, across);
    a.jl(rest);
    Label columns = a.here();
    columns(across);
    a.sub(r10, across);
    a.jge(columns);
    a.bind(rest);
    a.add(r10, across);
    a.je(end);
    Label column = a.here();
    columns(1);
    a.dec(r10);
    a.jne(column);
    a.bind(end);
  }

  private void columns(int registers) {
    int first = rows * registers;
    for (int r = 0; r < rows; r++) {
      a.vbroadcastss(spare, mem(r8, KEEP + 4 * r));
      for (int c = 0; c < registers; c++) {
        a.vmulps(v(r * registers + c), spare, row(r).plus(bytes * c));
      }
    }
    a.mov(r12, rdx);
    a.mov(r13, r8);
    a.mov(r14, mem(rbp, COUNT));
    Label key = a.here();
    if (first + registers < spare.index() + 1) {
      for (int c = 0; c < registers; c++) {
        load(v(first + c), mem(r12, width * c));
      }
      for (int r = 0; r < rows; r++) {
        a.vbroadcastss(spare, mem(r13, r * SCORE_STRIDE));
        for (int c = 0; c < registers; c++) {
          a.vfmadd231ps(v(r * registers + c), spare, v(first + c));
        }
      }
    } else {
      for (int r = 0; r < rows; r++) {
        a.vbroadcastss(v(first + r), mem(r13, r * SCORE_STRIDE));
      }
      for (int c = 0; c < registers; c++) {
        load(spare, mem(r12, width * c));
        for (int r = 0; r < rows; r++) {
          a.vfmadd231ps(v(r * registers + c), v(first + r), spare);
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
        a.vmovups(row(r).plus(bytes * c), v(r * registers + c));
      }
    }
    nextColumns(bytes * registers);
    a.add(rdx, width * registers);
  }
}
