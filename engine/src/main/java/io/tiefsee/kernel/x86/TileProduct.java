package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.kernel.x86.PackedFormat.Minimum;

/**
 * Products of many tokens with AMX. A group's weights become signed bytes and float factors once;
 * then {@code tdpbssd} multiplies each block of 32 columns (or its halves, where scales are fine)
 * with sixteen tokens, and the sums are scaled and added up as {@link Avx512Product} does: they are
 * integers, so the bits are the same. The last tokens share their tile with whatever lies behind
 * them. While the sums of a block are scaled, those of the next are in the making.
 *
 * <p>Registers: zmm0–15 the results of a tile, zmm16 and 17 temporary; factors as there.
 */
final class TileProduct extends Avx512Product {
  /** Tokens of a tile. */
  static final int HEIGHT = 16;

  /** Of the frame, set by the caller: where the sums and, behind them, a group's weights go. */
  static final int WORK = 88;

  /** Bytes of a block's activations: quants, scales, sums. */
  private static final int X_BYTES = 40 * HEIGHT;

  /** Bytes of a tile of sums. */
  private static final int SUM_BYTES = 64 * HEIGHT;

  /** From the sums of a block to those of the next: a bit of their addresses. */
  private static final int OTHER_SUMS = 2 * SUM_BYTES;

  private static final int WEIGHTS_AT = 2 * OTHER_SUMS;

  /** Bytes of a block's weights, and most of them with their factors. */
  private static final int QUANT_BYTES = 32 * 16;

  private static final int MOST_BLOCK_BYTES = QUANT_BYTES + 4 * 64;

  private static final int PAGE = 4096;

  private static final Reg BLOCK = r10;
  private static final Reg SUMS_NOW = r11;
  private static final Reg SUMS_NEXT = r15;
  private static final Reg LINE = r12;
  private static final Reg X_LINE = r13;
  private static final Reg AHEAD = r14;

  private final boolean minima;
  private final int blockBytes;

  TileProduct(PackedFormat format) {
    super(format);
    minima = format.minimum() != Minimum.NONE;
    blockBytes = QUANT_BYTES + 64 * (format.fine() ? 2 : 1) * (minima ? 2 : 1);
  }

  /** Bytes of the frame for some tokens. */
  static long tileFrameBytes(int tokens, int cols) {
    return areaEnd(tokens, cols) + PAGE + WEIGHTS_AT + (cols / 32 + 1L) * MOST_BLOCK_BYTES;
  }

  /** What to put at {@link #WORK}. */
  static long work(long frame, int tokens, int cols) {
    return frame + areaEnd(tokens, cols) + PAGE - 1 & -PAGE;
  }

  private static long areaEnd(int tokens, int cols) {
    return frameBytes(Math.ceilDiv(tokens, HEIGHT) * HEIGHT, cols);
  }

  @Override
  void tileSize() {
    a.mov(r11, HEIGHT);
  }

  /** Tiles 0 and 1 are sums, 2 and 3 activations, 4 and 5 weights. */
  @Override
  void begin() {
    int columns = format.fine() ? 16 : 32;
    byte[] shapes = new byte[64];
    shapes[0] = 1;
    for (int tile = 0; tile < 6; tile++) {
      shapes[16 + 2 * tile] = (byte) (tile == 2 || tile == 3 ? columns : 64);
      shapes[48 + tile] = (byte) (tile < 4 ? HEIGHT : columns / 4);
    }
    a.ldtilecfg(mem(a.bytes(shapes)));
  }

  @Override
  void end() {
    a.tilerelease();
  }

  @Override
  void group() {
    a.mov(XS, mem(FRAME, WORK));
    a.add(XS, WEIGHTS_AT);
    start(0);
    blocks(0);
    a.mov(rbx, mem(FRAME, Y_STRIDE));
    a.mov(LINE, 64);
    a.mov(X_LINE, 32);
    a.mov(AHEAD, rdi);
    a.add(AHEAD, mem(FRAME, GROUP_BYTES));
    chooseRows();
    a.lea(XS, mem(FRAME, AREA));
    Label tile = a.here();
    tile();
    a.sub(r8, HEIGHT);
    a.jg(tile);
  }

  /** A block of weights as signed bytes and factors, to XS. */
  @Override
  void block(int none) {
    int offset = !format.fine() ? format.offset(true) : minima ? 0 : 1 << format.offsetBits();
    for (int step = 0; step < 8; step++) {
      int k = format.weights(s, step, WEIGHTS);
      if (offset != 0) {
        a.vpsubb(WEIGHTS, WEIGHTS, s.everyByte(offset));
      }
      a.vmovups(mem(XS, 64 * k), WEIGHTS);
    }
    blockFactors();
    Vec[] factors = factors();
    for (int i = 0; i < factors.length; i++) {
      a.vmovups(mem(XS, QUANT_BYTES + 64 * i), factors[i]);
    }
    a.add(XS, blockBytes);
  }

  /** Where {@link #blockFactors} has put the factors. */
  private Vec[] factors() {
    if (format.fine()) {
      return minima ? new Vec[] {WEIGHTS, SECOND, s.minimum, s.keep} : new Vec[] {WEIGHTS, SECOND};
    }
    return minima ? new Vec[] {s.factor, s.minimum} : new Vec[] {s.factor};
  }

  /** All columns for the tokens at XS; r8 of them are left. */
  private void tile() {
    for (int t = 0; t < HEIGHT; t++) {
      a.vpxord(zmm(t), zmm(t), zmm(t));
    }
    a.mov(SUMS_NOW, mem(FRAME, WORK));
    a.lea(BLOCK, mem(SUMS_NOW, WEIGHTS_AT));
    a.lea(SUMS_NEXT, mem(SUMS_NOW, OTHER_SUMS));
    a.mov(rbp, mem(FRAME, X_BLOCKS));
    sums(0, SUMS_NOW);
    a.align(32);
    Label block = a.here();
    sums(1, SUMS_NEXT);
    Vec[] factors = factors();
    for (int i = 0; i < factors.length; i++) {
      a.vmovups(factors[i], mem(BLOCK, QUANT_BYTES + 64 * i));
    }
    for (int t = 0; t < HEIGHT; t++) {
      Mem first = mem(SUMS_NOW, 64 * t);
      add(zmm(t), first, first.plus(SUM_BYTES), zmm16, zmm17, t, HEIGHT);
    }
    // The next group comes from memory meanwhile.
    a.prefetcht1(mem(AHEAD));
    a.prefetcht1(mem(AHEAD, 64));
    a.add(AHEAD, 128);
    a.xor(SUMS_NOW, OTHER_SUMS);
    a.xor(SUMS_NEXT, OTHER_SUMS);
    a.add(XS, X_BYTES);
    a.add(BLOCK, blockBytes);
    a.dec(rbp);
    a.jne(block);
    Label end = a.label();
    for (int t = 0; t < HEIGHT; t++) {
      if (t > 0) {
        a.cmp(r8, t);
        a.jle(end);
      }
      a.vmovups(mem(rdx).k(k1), zmm(t));
      a.add(rdx, rbx);
    }
    a.bind(end);
  }

  /**
   * Products of a block with the tokens.
   *
   * @param ahead 0 for the block at BLOCK and XS, 1 for the next
   */
  private void sums(int ahead, Reg to) {
    Mem x = mem(XS, X_LINE, 1, ahead * X_BYTES);
    Mem w = mem(BLOCK, LINE, 1, ahead * blockBytes);
    a.tilezero(tmm0);
    a.tileloadd(tmm2, x);
    a.tileloadd(tmm4, w);
    a.tdpbssd(tmm0, tmm2, tmm4);
    if (format.fine()) {
      a.tilezero(tmm1);
      a.tileloadd(tmm3, x.plus(16));
      a.tileloadd(tmm5, w.plus(QUANT_BYTES / 2));
      a.tdpbssd(tmm1, tmm3, tmm5);
      a.tilestored(mem(to, LINE, 1, SUM_BYTES), tmm1);
    }
    a.tilestored(mem(to, LINE, 1), tmm0);
  }

  /** Which of the group's rows there are, into k1. */
  private void chooseRows() {
    Label whole = a.label();
    a.mov(rsi, mem(FRAME, ROWS));
    a.mov(rbp, -1);
    a.cmp(rsi, s.rows);
    a.jge(whole);
    a.bzhi(ebp, ebp, esi);
    a.bind(whole);
    a.kmovw(k1, ebp);
  }
}
