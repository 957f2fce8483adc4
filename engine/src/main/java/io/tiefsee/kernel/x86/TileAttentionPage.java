package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;
import static io.tiefsee.kernel.x86.TileAttentionCode.*;

import io.tiefsee.kernel.KvLayer;

/**
 * The routine of {@link TileAttention} for one page and up to 16 rows. Scores are products of keys
 * and queries, so that a row is a lane in the softmax; weights are turned round and split for their
 * product with the values. Of the products of parts all are taken but the least, which is some
 * 2^-24 of the whole: about what an f32 rounds off. Each row gets the same sums in the same order,
 * whatever rows are beside it.
 */
final class TileAttentionPage {
  private static final int GREATER = 6;
  private static final int NOT_EQUAL = 4;
  private static final int KEY_TILES = KvLayer.PAGE / ROWS;

  private static final Vec SEEN_KEYS = zmm17;
  private static final Vec UNSEEN = zmm23;
  private static final Vec MAXIMUM = zmm24;
  private static final Vec KEPT = zmm28;
  private static final Vec UPPER = zmm31;
  private static final Reg LINE = r12;

  private final Assembler a = new Assembler();
  private final int rows;

  private TileAttentionPage(int rows) {
    this.rows = rows;
  }

  /** The routine for some rows. */
  static Assembler of(int rows) {
    return new TileAttentionPage(rows).assemble();
  }

  private Assembler assemble() {
    a.prologue(1, rbx, rbp, r12, r13, r14, r15);
    a.mov(rbp, rdi);
    a.mov(LINE, 64);
    scores();
    maximum();
    weights();
    values();
    a.tilerelease();
    a.epilogue();
    return a;
  }

  /** Shapes: of the first tiles, which are sums, of the middle ones and of the last. */
  private void shapes(int firsts, int middles, int[] first, int[] middle, int[] last) {
    byte[] shapes = new byte[64];
    shapes[0] = 1;
    for (int tile = 0; tile < 8; tile++) {
      int[] shape = tile < firsts ? first : tile < firsts + middles ? middle : last;
      shapes[16 + 2 * tile] = (byte) shape[1];
      shapes[48 + tile] = (byte) shape[0];
    }
    a.ldtilecfg(mem(a.bytes(shapes)));
  }

  /** Scores, [key][16 rows]: four tiles of sums, two of keys, two of queries. */
  private void scores() {
    int[] columns = {ROWS, 4 * rows};
    shapes(KEY_TILES, 2, columns, new int[] {ROWS, 64}, columns);
    Reg[] keys = {rdi, rsi, rdx, rcx};
    a.imul(r8, mem(rbp, STEPS), 2 * TILE);
    a.mov(keys[0], mem(rbp, K));
    for (int i = 1; i < KEY_TILES; i++) {
      a.lea(keys[i], mem(keys[i - 1], r8, 1));
    }
    a.mov(r9, mem(rbp, QUERIES));
    a.mov(r10, mem(rbp, STEPS));
    for (int i = 0; i < KEY_TILES; i++) {
      a.tilezero(new Tile(i));
    }
    Label step = a.here();
    a.tileloadd(tmm6, mem(r9, LINE, 1));
    a.tileloadd(tmm7, mem(r9, LINE, 1, TILE));
    for (int i = 0; i < KEY_TILES; i++) {
      Tile sum = new Tile(i);
      a.tileloadd(tmm4, mem(keys[i], LINE, 1));
      a.tileloadd(tmm5, mem(keys[i], LINE, 1, TILE));
      a.tdpbf16ps(sum, tmm4, tmm6);
      a.tdpbf16ps(sum, tmm4, tmm7);
      a.tdpbf16ps(sum, tmm5, tmm6);
      a.tdpbf16ps(sum, tmm5, tmm7);
    }
    a.tileloadd(tmm6, mem(r9, LINE, 1, 2 * TILE));
    for (int i = 0; i < KEY_TILES; i++) {
      a.tileloadd(tmm4, mem(keys[i], LINE, 1));
      a.tdpbf16ps(new Tile(i), tmm4, tmm6);
      a.add(keys[i], 2 * TILE);
    }
    a.add(r9, PARTS * TILE);
    a.dec(r10);
    a.jne(step);
    a.mov(r11, mem(rbp, SCORES));
    for (int i = 0; i < KEY_TILES; i++) {
      a.tilestored(mem(r11, LINE, 1, TILE * i), new Tile(i));
    }
  }

  /** Scales and hides scores; the rows' new maxima, and what their earlier values keep. */
  private void maximum() {
    a.vbroadcastss(zmm16, mem(rbp, SCALE));
    a.mov(rax, mem(rbp, SEEN));
    a.vmovups(SEEN_KEYS, mem(rax));
    a.vbroadcastss(UNSEEN, X86Exp.constant(a, Float.NEGATIVE_INFINITY));
    for (int i = 0; i < 4; i++) {
      a.vpbroadcastd(zmm(18 + i), mem(a.ints(i)));
      a.vmovaps(zmm(24 + i), UNSEEN);
    }
    a.vpbroadcastd(zmm22, mem(a.ints(4)));
    a.mov(rax, r11);
    a.mov(r10, KvLayer.PAGE / 4);
    Label four = a.here();
    for (int i = 0; i < 4; i++) {
      a.vmulps(zmm(i), zmm16, mem(rax, 64 * i));
      a.vpcmpd(k1, SEEN_KEYS, zmm(18 + i), GREATER);
      a.vblendmps(zmm(i).k(k1), UNSEEN, zmm(i));
      a.vmovups(mem(rax, 64 * i), zmm(i));
      a.vmaxps(zmm(24 + i), zmm(24 + i), zmm(i));
      a.vpaddd(zmm(18 + i), zmm(18 + i), zmm22);
    }
    a.add(rax, 256);
    a.dec(r10);
    a.jne(four);
    a.vmaxps(zmm24, zmm24, zmm25);
    a.vmaxps(zmm26, zmm26, zmm27);
    a.vmaxps(MAXIMUM, zmm24, zmm26);
    a.mov(rsi, mem(rbp, SIDE));
    a.vmovups(KEPT, mem(rsi));
    a.vmaxps(MAXIMUM, MAXIMUM, KEPT);
    a.vmovups(mem(rsi), MAXIMUM);
    // A row that has seen nothing yet: −∞ minus a finite number, not minus −∞.
    a.vmaxps(MAXIMUM, MAXIMUM, X86Exp.constant(a, -1e30f).bcst());
    a.vsubps(KEPT, KEPT, MAXIMUM);
    X86Exp.emit(a, KEPT, zmm0, zmm1, zmm2, zmm3);
    a.vmovups(mem(rsi, 128), KEPT);
  }

  /** Scores become weights, split and turned round; the rows' sums. */
  private void weights() {
    a.vpbroadcastd(UPPER, mem(a.ints(UPPER_HALF)));
    a.vpxord(zmm25, zmm25, zmm25);
    a.vpxord(zmm26, zmm26, zmm26);
    a.mov(rax, r11);
    a.lea(rdx, mem(r11, PAIRS));
    a.mov(r10, KvLayer.PAGE / 2);
    Label pair = a.here();
    for (int i = 0; i < 2; i++) {
      a.vmovups(zmm(i), mem(rax, 64 * i));
      a.vsubps(zmm(i), zmm(i), MAXIMUM);
      X86Exp.emit(a, zmm(i), zmm(4 + 4 * i), zmm(5 + 4 * i), zmm(6 + 4 * i), zmm(7 + 4 * i));
      a.vaddps(zmm(25 + i), zmm(25 + i), zmm(i));
    }
    for (int part = 0; part < PARTS; part++) {
      for (int i = 0; i < 2; i++) {
        a.vpandd(zmm(2 + i), zmm(i), UPPER);
        a.vsubps(zmm(i), zmm(i), zmm(2 + i));
      }
      a.vpsrld(zmm2, zmm2, 16);
      a.vpord(zmm2, zmm2, zmm3);
      a.vmovups(mem(rdx, 2 * TILE * part), zmm2);
    }
    a.add(rax, 128);
    a.add(rdx, 64);
    a.dec(r10);
    a.jne(pair);
    a.vaddps(zmm25, zmm25, zmm26);
    a.vmovups(zmm0, mem(rsi, 64));
    a.vfmadd213ps(zmm0, KEPT, zmm25);
    a.vmovups(mem(rsi, 64), zmm0);
    a.lea(rsi, mem(r11, PAIRS));
    a.lea(rdx, mem(r11, WEIGHTS));
    a.mov(r10, 2 * PARTS);
    Label tile = a.here();
    TileTranspose.emit(a, rsi, rdx);
    a.dec(r10);
    a.jne(tile);
  }

  /** Adds the weighted values to the states: a tile of sums, one of values, six of weights. */
  private void values() {
    int[] some = {rows, 64};
    shapes(1, 1, some, new int[] {ROWS, 64}, some);
    keepEarlier();
    a.lea(r9, mem(r11, WEIGHTS));
    for (int i = 0; i < 2 * PARTS; i++) {
      a.tileloadd(new Tile(2 + i), mem(r9, LINE, 1, TILE * i));
    }
    a.mov(rsi, mem(rbp, STATE));
    a.mov(r13, mem(rbp, STATE_STRIDE));
    a.mov(rdi, mem(rbp, V));
    a.imul(rdx, mem(rbp, VALUE_STEPS), 4 * TILE);
    a.add(rdx, rdi);
    a.mov(r10, mem(rbp, VALUE_STEPS));
    a.add(r10, r10);
    Label column = a.here();
    a.tileloadd(tmm0, mem(rsi, r13, 1));
    Reg[] halves = {rdi, rdx};
    for (int half = 0; half < 2; half++) {
      for (int part = 0; part < 2; part++) {
        a.tileloadd(tmm1, mem(halves[half], LINE, 1, TILE * part));
        for (int i = 0; i < PARTS - part; i++) {
          a.tdpbf16ps(tmm0, new Tile(2 + 2 * i + half), tmm1);
        }
      }
      a.add(halves[half], 2 * TILE);
    }
    a.tilestored(mem(rsi, r13, 1), tmm0);
    a.add(rsi, 64);
    a.dec(r10);
    a.jne(column);
  }

  /** Scales the states, unless all keep everything: a factor of 1 changes no bits. */
  private void keepEarlier() {
    Label done = a.label();
    a.vcmpps(k1, KEPT, X86Exp.constant(a, 1).bcst(), NOT_EQUAL);
    a.kmovw(eax, k1);
    a.and(eax, (1 << rows) - 1);
    a.je(done);
    a.mov(rsi, mem(rbp, STATE));
    a.mov(r8, mem(rbp, SIDE));
    a.mov(r10, rows);
    Label row = a.here();
    a.vbroadcastss(zmm0, mem(r8, 128));
    a.mov(rax, rsi);
    a.mov(rcx, mem(rbp, VALUE_STEPS));
    Label step = a.here();
    for (int i = 0; i < 2; i++) {
      a.vmulps(zmm1, zmm0, mem(rax, 64 * i));
      a.vmovups(mem(rax, 64 * i), zmm1);
    }
    a.add(rax, 128);
    a.dec(rcx);
    a.jne(step);
    a.add(rsi, mem(rbp, STATE_STRIDE));
    a.add(r8, 4);
    a.dec(r10);
    a.jne(row);
    a.bind(done);
  }
}
