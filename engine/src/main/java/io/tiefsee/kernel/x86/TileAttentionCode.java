package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.GeneralInstructions.Condition.L;
import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.kernel.KvLayer;

/**
 * The routines of {@link TileAttention}. Each takes the address of a block of parameters, numbers
 * of 64 bits at the offsets below.
 *
 * <p>Numbers become sums of bf16, upper halves of floats, without any loss: an f16 of two, an f32
 * of three, by cutting off bits. A tile of 1 KB has 16 rows of 32 bf16. Keys lie as [16 keys][32
 * numbers], the two parts side by side, [key / 16][number / 32][part]; values as [16 pairs of
 * keys][16 numbers][2], [key / 32][number / 16][part]; queries as [16 pairs of numbers][16
 * rows][2], [number / 32][part]; weights as [16 rows][32 keys], [part][key / 32].
 */
final class TileAttentionCode {
  // Parameters: where things are.
  static final int K = 0;
  static final int V = 8;
  static final int SCORES = 16;
  static final int QUERIES = 24;
  static final int STATE = 32;
  static final int STATE_STRIDE = 40;

  /** Maxima, sums and what earlier values keep, of 16 rows each. */
  static final int SIDE = 48;

  /** How many keys of the page each row sees, 16 int32. */
  static final int SEEN = 56;

  /** A float. */
  static final int SCALE = 64;

  /** Steps of 32 numbers of a key, and of a value. */
  static final int STEPS = 72;

  static final int VALUE_STEPS = 80;

  // Parameters of keys and queries: what to split.
  static final int COUNT = 88;
  static final int FROM = 96;
  static final int FROM_STRIDE = 104;
  static final int ZEROS = 112;
  static final int PARAMETERS = 128;

  static final int TILE = 1024;

  /** Rows of a tile. */
  static final int ROWS = 16;

  /** Parts of a query's numbers and of weights; keys and values have two. */
  static final int PARTS = 3;

  /** At SCORES: the scores, [key][16 rows]; pairs of weights and weights, as tiles. */
  static final int PAIRS = KvLayer.PAGE * 64;

  static final int WEIGHTS = PAIRS + 2 * PARTS * TILE;
  static final int SCORE_BYTES = WEIGHTS + 2 * PARTS * TILE;

  /** The bits of a float that are a bf16. */
  static final int UPPER_HALF = 0xffff0000;

  private static final Vec UPPER = zmm31;
  private static final Vec ODD_WORDS = zmm30;

  private final Assembler a = new Assembler();

  private TileAttentionCode() {}

  /** The routine that brings a page of f16 keys into tiles; those from COUNT on become zero. */
  static Assembler keys() {
    var code = new TileAttentionCode();
    code.splitKeys();
    return code.a;
  }

  /** The routine that brings the f32 queries of some rows into tiles. */
  static Assembler queries(int rows) {
    var code = new TileAttentionCode();
    code.splitQueries(rows);
    return code.a;
  }

  private void begin() {
    a.prologue(1, rbx, rbp, r12, r13, r14, r15);
    a.mov(rbp, rdi);
    a.vpbroadcastd(UPPER, mem(a.ints(UPPER_HALF)));
    byte[] odd = new byte[64];
    for (int i = 0; i < 32; i++) {
      odd[2 * i] = (byte) (2 * i + 1);
    }
    a.vmovups(ODD_WORDS, mem(a.bytes(odd)));
  }

  private void splitKeys() {
    begin();
    a.mov(r9, mem(rbp, FROM));
    a.mov(rdi, mem(rbp, K));
    a.mov(rbx, mem(rbp, V));
    a.xor(r8, r8);
    Label pair = a.here();
    a.mov(rsi, mem(rbp, ZEROS));
    a.mov(rdx, rsi);
    a.cmp(r8, mem(rbp, COUNT));
    a.cmov(L, rsi, r9);
    a.add(r9, mem(rbp, FROM_STRIDE));
    a.inc(r8);
    a.cmp(r8, mem(rbp, COUNT));
    a.cmov(L, rdx, r9);
    a.add(r9, mem(rbp, FROM_STRIDE));
    a.inc(r8);
    a.mov(r14, rdi);
    a.mov(r15, rbx);
    a.mov(rcx, mem(rbp, VALUE_STEPS));
    Label both = a.here();
    splitStep(true);
    a.dec(rcx);
    a.jne(both);
    a.mov(rcx, mem(rbp, STEPS));
    a.sub(rcx, mem(rbp, VALUE_STEPS));
    Label next = a.label();
    a.je(next);
    Label keysOnly = a.here();
    splitStep(false);
    a.dec(rcx);
    a.jne(keysOnly);
    a.bind(next);
    nextTile(rdi, 128, ROWS, STEPS, 2 * TILE);
    nextTile(rbx, 64, 2 * ROWS, VALUE_STEPS, 4 * TILE);
    a.cmp(r8, KvLayer.PAGE);
    a.jl(pair);
    a.epilogue();
  }

  /** To the next rows of tiles, from the last rows to the next tiles' first. */
  private void nextTile(Reg at, int distance, int keys, int steps, int stepBytes) {
    Label within = a.label();
    a.add(at, distance);
    a.test(r8, keys - 1);
    a.jne(within);
    a.imul(rax, mem(rbp, steps), stepBytes);
    a.lea(at, mem(at, rax, 1, -TILE));
    a.bind(within);
  }

  /** 32 numbers of the two keys at rsi and rdx. */
  private void splitStep(boolean values) {
    for (int i = 0; i < 4; i++) {
      a.vcvtph2ps(zmm(i), mem(i < 2 ? rsi : rdx, i % 2 * 32));
      a.vpandd(zmm(4 + i), zmm(i), UPPER);
      a.vsubps(zmm(i), zmm(i), zmm(4 + i));
    }
    for (int part = 0; part < 2; part++) {
      int first = 4 - 4 * part;
      if (values) {
        for (int i = 0; i < 2; i++) {
          a.vpsrld(zmm8, zmm(first + i), 16);
          a.vpord(zmm8, zmm8, zmm(first + 2 + i));
          a.vmovups(mem(r15, 2 * TILE * i + TILE * part), zmm8);
        }
      }
      for (int key = 0; key < 2; key++) {
        Vec low = zmm(first + 2 * key);
        a.vpermt2w(low, ODD_WORDS, zmm(first + 2 * key + 1));
        a.vmovups(mem(r14, 64 * key + TILE * part), low);
      }
    }
    a.add(rsi, 64);
    a.add(rdx, 64);
    a.add(r14, 2 * TILE);
    a.add(r15, 4 * TILE);
  }

  private void splitQueries(int rows) {
    begin();
    a.mov(r9, mem(rbp, FROM));
    a.mov(rdx, mem(rbp, QUERIES));
    a.mov(rcx, mem(rbp, STEPS));
    Label step = a.here();
    a.mov(rsi, mem(rbp, SCORES));
    a.add(rsi, PAIRS);
    a.mov(r14, rsi);
    a.mov(r15, r9);
    a.mov(r8, rows);
    Label row = a.here();
    a.vmovups(zmm0, mem(r15));
    a.vmovups(zmm1, mem(r15, 64));
    for (int part = 0; part < PARTS; part++) {
      for (int i = 0; i < 2; i++) {
        a.vpandd(zmm(2 + i), zmm(i), UPPER);
        a.vsubps(zmm(i), zmm(i), zmm(2 + i));
      }
      a.vpermt2w(zmm2, ODD_WORDS, zmm3);
      a.vmovups(mem(r14, TILE * part), zmm2);
    }
    a.add(r14, 64);
    a.add(r15, mem(rbp, FROM_STRIDE));
    a.dec(r8);
    a.jne(row);
    a.mov(r8, PARTS);
    Label part = a.here();
    TileTranspose.emit(a, rsi, rdx);
    a.dec(r8);
    a.jne(part);
    a.add(r9, 128);
    a.dec(rcx);
    a.jne(step);
    a.epilogue();
  }
}
