package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

/**
 * Assembles the loops around a product's blocks: groups of rows outside, tiles of tokens inside, so
 * that a group's weights stay in the first-level cache. A tile of each size has code of its own,
 * which does the same operations in the same order for each token.
 *
 * <p>Arguments: packed weights of the first group, first row of the activations, y of the first row
 * and token, groups, tokens, address of the frame. The frame holds what registers cannot, and
 * behind it, from {@link #AREA} on, the activations in the order of use: for each tile of n tokens,
 * for each block of 32 columns, 32 · n quants, n scales and n sums: as floats with the scale; for
 * formats with an offset as an int32, times that; for formats with fine scales as they are, two
 * int16.
 *
 * <p>Invariant: what is computed for a row and a token depends on nothing but their numbers. The
 * routine keeps all it changes in the frame, so threads may run it at once with a frame each. An
 * instance makes one routine and is not thread-safe.
 */
abstract class ProductLoop {
  // Of the frame: set by the caller.
  static final int X_STRIDE = 0;
  static final int Y_STRIDE = 8;
  static final int RECORDS = 16;
  static final int X_SCALES = 24;
  static final int X_SUMS = 32;
  static final int ROWS = 40;
  static final int GROUP_BYTES = 48;
  static final int X_BLOCKS = 56;
  // Of the frame: used by the routine.
  static final int TOKENS = 64;
  private static final int Y = 72;
  private static final int STEP = 80;

  /** Three vectors for the format's use. */
  private static final int SPILL = 128;

  /** Sums of large tiles. */
  private static final int SUMS = SPILL + 3 * 64;

  static final int AREA = SUMS + 8 * 64;

  /** Most tokens of a tile. */
  static final int TILE = 8;

  /** How far ahead weights are fetched into the first-level cache, in bytes. */
  private static final int NEAR = 3072;

  /** And how far into the second, where they come from memory as fast as they are used. */
  private static final int FAR = 12288;

  /** Tokens of the next smaller tile; what is left then has a tile of its own. */
  private static final int HALF_TILE = 4;

  static final Reg XS = rax;
  static final Reg FRAME = r9;

  final Assembler a = new Assembler();
  final PackedFormat format;
  final Simd s;

  ProductLoop(PackedFormat format, int rows) {
    this.format = format;
    this.s = new Simd(a, rows);
  }

  /** Bytes of the frame for some tokens. */
  static long frameBytes(int tokens, int cols) {
    return AREA + 40L * tokens * (cols / 32);
  }

  Assembler assemble() {
    a.prologue(6, rbx, rbp, r12, r13, r14, r15);
    a.mov(mem(FRAME, TOKENS), r8);
    prepare();
    begin();
    Label group = a.here();
    a.mov(mem(FRAME, Y), rdx);
    a.mov(r8, mem(FRAME, TOKENS));
    a.lea(XS, mem(FRAME, AREA));
    group();
    a.mov(rdx, mem(FRAME, Y));
    a.add(rdx, 4 * s.rows);
    a.add(rdi, mem(FRAME, GROUP_BYTES));
    a.mov(rsi, mem(FRAME, ROWS));
    a.sub(rsi, s.rows);
    a.mov(mem(FRAME, ROWS), rsi);
    a.dec(rcx);
    a.jne(group);
    end();
    a.epilogue();
    return a;
  }

  /** Before the first group. */
  void begin() {}

  /** After the last group. */
  void end() {}

  /** One group for all r8 tokens, whose activations are at XS. */
  void group() {
    Label end = a.label();
    Label[] parts = new Label[HALF_TILE];
    for (int t = 0; t < HALF_TILE; t++) {
      parts[t] = a.label();
    }
    Label half = a.label();
    a.cmp(r8, TILE);
    a.jl(half);
    Label again = a.here();
    tile(TILE);
    advance(TILE);
    a.cmp(r8, TILE);
    a.jge(again);
    a.bind(half);
    a.cmp(r8, HALF_TILE);
    a.jl(parts[0]);
    tile(HALF_TILE);
    advance(HALF_TILE);
    a.bind(parts[0]);
    for (int t = 1; t < HALF_TILE; t++) {
      a.cmp(r8, t);
      a.je(parts[t]);
    }
    a.jmp(end);
    for (int t = 1; t < HALF_TILE; t++) {
      a.bind(parts[t]);
      tile(t);
      a.jmp(end);
    }
    a.bind(end);
  }

  private void advance(int tokens) {
    for (int t = 0; t < tokens; t += 4) {
      a.lea(rdx, mem(rdx, rbx, 4));
    }
    a.sub(r8, tokens);
  }

  /** Brings the activations into the area behind the frame. */
  private void prepare() {
    boolean raw = format.fine();
    int offset = format.offset(s.vnni());
    int factor = offset == 0 ? 1 : -offset & 0xffff;
    int pair = factor | factor << 16;
    a.vmovdqu(xmm3, mem(a.ints(pair, pair, pair, pair)));
    a.mov(r12, mem(FRAME, X_STRIDE));
    a.sub(r12, mem(FRAME, X_SCALES));
    a.lea(r10, mem(FRAME, AREA));
    Label tile = a.here();
    tileSize();
    a.imul(rax, r11, 40);
    a.mov(mem(FRAME, STEP), rax);
    a.xor(rbx, rbx);
    Label token = a.here();
    a.mov(rax, mem(FRAME, X_SCALES));
    a.add(rax, rsi);
    a.mov(rbp, mem(FRAME, X_SUMS));
    a.add(rbp, rsi);
    a.mov(r13, r11);
    a.shl(r13, 5);
    a.add(r13, r10);
    a.lea(r13, mem(r13, rbx, 4));
    a.mov(r15, rbx);
    a.shl(r15, 5);
    a.add(r15, r10);
    a.mov(r14, mem(FRAME, X_BLOCKS));
    Label block = a.here();
    a.vmovdqu(ymm2, mem(rsi));
    a.vmovdqu(mem(r15), ymm2);
    a.vmovss(xmm1, mem(rax));
    a.vmovd(xmm0, mem(rbp));
    if (!raw) {
      a.vpmaddwd(xmm0, xmm0, xmm3);
    }
    if (!raw && offset == 0) {
      a.vcvtdq2ps(xmm0, xmm0);
      a.vmulss(xmm0, xmm0, xmm1);
    }
    a.vmovss(mem(r13), xmm1);
    a.vmovss(mem(r13, r11, 4), xmm0);
    a.add(rsi, 32);
    a.add(rax, 4);
    a.add(rbp, 4);
    a.add(r15, mem(FRAME, STEP));
    a.add(r13, mem(FRAME, STEP));
    a.dec(r14);
    a.jne(block);
    a.add(rsi, r12);
    a.inc(rbx);
    Label full = a.label();
    a.cmp(rbx, r11);
    a.je(full);
    a.cmp(rbx, r8);
    a.jl(token);
    a.bind(full);
    a.mov(rax, mem(FRAME, STEP));
    a.imul(rax, mem(FRAME, X_BLOCKS));
    a.add(r10, rax);
    a.sub(r8, r11);
    a.jg(tile);
  }

  /** How many tokens the next tile has room for, into r11, where r8 are left. */
  void tileSize() {
    Label sized = a.label();
    a.mov(r11, TILE);
    a.cmp(r8, TILE);
    a.jge(sized);
    a.mov(r11, HALF_TILE);
    a.cmp(r8, HALF_TILE);
    a.jge(sized);
    a.mov(r11, r8);
    a.bind(sized);
  }

  /** All columns of one group for a tile; XS is at the next tile then, y's distance in rbx. */
  private void tile(int tokens) {
    start(tokens);
    blocks(tokens);
    a.mov(rbx, mem(FRAME, Y_STRIDE));
    a.lea(r14, mem(rbx, rbx, 2));
    if (tokens > 4) {
      a.lea(r15, mem(rdx, rbx, 4));
    }
    a.mov(rsi, mem(FRAME, ROWS));
    store(tokens);
  }

  /** Walks through the blocks of the group at rdi, and of the tile at XS. */
  final void blocks(int tokens) {
    a.mov(PackedFormat.QUANTS, rdi);
    a.mov(rbp, mem(FRAME, RECORDS));
    a.align(32);
    Label record = a.here();
    if (format.blocks > 1) {
      a.lea(PackedFormat.SUB, mem(PackedFormat.QUANTS, format.sub * s.rows));
      a.mov(rsi, format.blocks);
    }
    a.mov(PackedFormat.RECORD, PackedFormat.QUANTS);
    a.add(PackedFormat.QUANTS, format.header * s.rows);
    Label block = a.here();
    block(tokens);
    a.add(PackedFormat.QUANTS, format.quants * s.rows);
    if (tokens > 0) {
      a.add(XS, 40 * tokens);
    }
    if (format.blocks > 1) {
      a.add(PackedFormat.SUB, s.rows * (format.fine() ? 2 : 1));
      a.dec(rsi);
      a.jne(block);
    }
    a.dec(rbp);
    a.jne(record);
  }

  /**
   * Fetches as many weights as a block has. Of a group's tiles the first alone needs it; for the
   * others it is one load in fourteen, which nothing waits for.
   */
  final void fetchAhead(int tokens) {
    int bytes = format.recordBytes() * s.rows / format.blocks;
    for (int at = 0; at < bytes; at += 64) {
      a.prefetcht0(mem(PackedFormat.QUANTS, NEAR + at));
      if (tokens == 1) {
        a.prefetcht1(mem(PackedFormat.QUANTS, FAR + at));
      }
    }
  }

  /** Where four columns of a token of the tile lie. */
  static Mem quants(int token, int k) {
    return mem(XS, 32 * token + 4 * k);
  }

  static Mem xScale(int token, int tokens) {
    return mem(XS, 32 * tokens + 4 * token);
  }

  static Mem xSum(int token, int tokens) {
    return mem(XS, 36 * tokens + 4 * token);
  }

  /** Where y of a token of the tile lies, when it is time to store. */
  static Mem y(int token) {
    Reg base = token < 4 ? rdx : r15;
    return switch (token & 3) {
      case 0 -> mem(base);
      case 1 -> mem(base, rbx, 1);
      case 2 -> mem(base, rbx, 2);
      default -> mem(base, r14, 1);
    };
  }

  /** Memory for the format. */
  static Mem spill(int i) {
    return mem(FRAME, SPILL + 64 * i);
  }

  /** Memory for a sum. */
  static Mem sum(int token) {
    return mem(FRAME, SUMS + 64 * token);
  }

  /** Clears the sums and loads constants. */
  abstract void start(int tokens);

  /** Adds the block of 32 columns to the sums. */
  abstract void block(int tokens);

  /** Stores the sums; the rows that are left are in rsi, and may be fewer than the group has. */
  abstract void store(int tokens);
}
