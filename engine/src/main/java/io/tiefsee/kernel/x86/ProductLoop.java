package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

/**
 * Assembles the loops around a product's blocks: groups of rows outside, tiles of tokens inside, so
 * that a group's weights stay in the first-level cache. A tile of each size has code of its own,
 * which does the same operations in the same order for each token.
 *
 * <p>Arguments: packed weights of the first group, first row of the activations, y of the first row
 * and token, groups, tokens, address of the frame. The frame holds what registers cannot, and
 * behind it, from {@link #AREA} on, what is made of the activations first: for each tile, for each
 * block of 32 columns, the scales of the tile's tokens and then their sums (as floats with the
 * scale, or as they are: two int16).
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
  private static final int TOKENS = 64;
  private static final int X = 72;
  private static final int Y = 80;
  private static final int TILE_X = 88;
  private static final int TILE_AREA = 96;

  /** Three vectors for the format's use. */
  static final int SPILL = 128;

  static final int AREA = SPILL + 3 * 64;

  static final Reg XS = rax;
  private static final Reg XQ = r11;
  private static final Reg STRIDE = r12;
  private static final Reg STRIDE3 = r13;
  private static final Reg FRAME = r9;

  final Assembler a = new Assembler();
  final PackedFormat format;
  final Simd s;

  /** Most tokens of a tile. */
  final int tile;

  ProductLoop(PackedFormat format, int rows, int tile) {
    this.format = format;
    this.s = new Simd(a, rows);
    this.tile = tile;
  }

  /** Bytes of the frame for some tokens. */
  static long frameBytes(int tile, int tokens, int cols) {
    return AREA + 8L * tile * (cols / 32) * Math.ceilDiv(tokens, tile);
  }

  Assembler assemble() {
    a.prologue(6, rbx, rbp, r12, r13, r14, r15);
    a.mov(STRIDE, mem(FRAME, X_STRIDE));
    a.lea(STRIDE3, mem(STRIDE, STRIDE, 2));
    a.mov(mem(FRAME, X), rsi);
    a.mov(mem(FRAME, TOKENS), r8);
    prepare();
    Label group = a.here();
    a.mov(mem(FRAME, Y), rdx);
    a.mov(r8, mem(FRAME, TOKENS));
    a.mov(rsi, mem(FRAME, X));
    a.mov(mem(FRAME, TILE_X), rsi);
    a.lea(rsi, mem(FRAME, AREA));
    a.mov(mem(FRAME, TILE_AREA), rsi);
    Label groupEnd = a.label();
    Label full = a.label();
    Label[] parts = new Label[tile];
    a.cmp(r8, tile);
    a.jge(full);
    for (int t = 1; t < tile; t++) {
      parts[t] = a.label();
      a.cmp(r8, t);
      a.je(parts[t]);
    }
    a.bind(full);
    Label again = a.here();
    tile(tile);
    a.mov(mem(FRAME, TILE_AREA), XS);
    a.mov(rsi, mem(FRAME, TILE_X));
    for (int t = 0; t < tile; t += 4) {
      a.lea(rsi, mem(rsi, STRIDE, 4));
      a.lea(rdx, mem(rdx, rbx, 4));
    }
    a.mov(mem(FRAME, TILE_X), rsi);
    a.sub(r8, tile);
    a.je(groupEnd);
    a.cmp(r8, tile);
    a.jge(again);
    for (int t = 1; t < tile - 1; t++) {
      a.cmp(r8, t);
      a.je(parts[t]);
    }
    for (int t = tile - 1; t > 0; t--) {
      a.bind(parts[t]);
      tile(t);
      if (t > 1) {
        a.jmp(groupEnd);
      }
    }
    a.bind(groupEnd);
    a.mov(rdx, mem(FRAME, Y));
    a.add(rdx, 4 * s.rows);
    a.add(rdi, mem(FRAME, GROUP_BYTES));
    a.mov(rsi, mem(FRAME, ROWS));
    a.sub(rsi, s.rows);
    a.mov(mem(FRAME, ROWS), rsi);
    a.dec(rcx);
    a.jne(group);
    a.epilogue();
    return a;
  }

  /** Fills the area behind the frame. */
  private void prepare() {
    boolean raw = format.fine();
    a.vmovdqu(xmm3, mem(a.ints(0x10001, 0x10001, 0x10001, 0x10001)));
    a.lea(r10, mem(FRAME, AREA));
    a.xor(rbx, rbx);
    Label token = a.here();
    a.mov(XS, mem(FRAME, X_SCALES));
    a.add(XS, rsi);
    a.mov(rbp, mem(FRAME, X_SUMS));
    a.add(rbp, rsi);
    a.lea(r15, mem(r10, rbx, 1));
    a.mov(r14, mem(FRAME, X_BLOCKS));
    Label block = a.here();
    a.vmovss(xmm1, mem(XS));
    a.vmovd(xmm0, mem(rbp));
    if (!raw) {
      a.vpmaddwd(xmm0, xmm0, xmm3);
      a.vcvtdq2ps(xmm0, xmm0);
      a.vmulss(xmm0, xmm0, xmm1);
    }
    a.vmovss(mem(r15), xmm1);
    a.vmovss(mem(r15, 4 * tile), xmm0);
    a.add(XS, 4);
    a.add(rbp, 4);
    a.add(r15, 8 * tile);
    a.dec(r14);
    a.jne(block);
    a.add(rsi, STRIDE);
    a.add(rbx, 4);
    a.cmp(rbx, 4 * tile);
    Label same = a.label();
    a.jne(same);
    a.xor(rbx, rbx);
    a.mov(r14, mem(FRAME, X_BLOCKS));
    a.imul(r14, r14, 8 * tile);
    a.add(r10, r14);
    a.bind(same);
    a.dec(r8);
    a.jne(token);
  }

  /** All columns of one group for a tile; y's row distance is in rbx and XS at the next tile. */
  private void tile(int tokens) {
    a.mov(PackedFormat.QUANTS, rdi);
    a.mov(XQ, mem(FRAME, TILE_X));
    a.mov(XS, mem(FRAME, TILE_AREA));
    a.mov(rbp, mem(FRAME, RECORDS));
    start(tokens);
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
    a.add(XQ, 32);
    a.add(XS, 8 * tile);
    if (format.blocks > 1) {
      a.add(PackedFormat.SUB, s.rows * (format.fine() ? 2 : 1));
      a.dec(rsi);
      a.jne(block);
    }
    a.dec(rbp);
    a.jne(record);
    a.mov(rbx, mem(FRAME, Y_STRIDE));
    a.lea(r14, mem(rbx, rbx, 2));
    a.mov(rsi, mem(FRAME, ROWS));
    store(tokens);
  }

  /** Where four columns of a token of the tile lie. */
  final Mem quants(int token, int k) {
    return switch (token) {
      case 0 -> mem(XQ, 4 * k);
      case 1 -> mem(XQ, STRIDE, 1, 4 * k);
      case 2 -> mem(XQ, STRIDE, 2, 4 * k);
      case 3 -> mem(XQ, STRIDE3, 1, 4 * k);
      default -> throw new IllegalArgumentException("token " + token);
    };
  }

  /** Where y of a token of the tile lies. */
  final Mem y(int token) {
    return switch (token) {
      case 0 -> mem(rdx);
      case 1 -> mem(rdx, rbx, 1);
      case 2 -> mem(rdx, rbx, 2);
      case 3 -> mem(rdx, r14, 1);
      default -> throw new IllegalArgumentException("token " + token);
    };
  }

  final Mem xScale(int token) {
    return mem(XS, 4 * token);
  }

  final Mem xSum(int token) {
    return mem(XS, 4 * tile + 4 * token);
  }

  final Mem spill(int i) {
    return mem(FRAME, SPILL + 64 * i);
  }

  /** Clears the sums and loads constants. */
  abstract void start(int tokens);

  /** Adds the block of 32 columns to the sums. */
  abstract void block(int tokens);

  /** Stores the sums; rows that are left are in rsi, and may be fewer than the group has. */
  abstract void store(int tokens);
}
