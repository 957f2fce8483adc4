package io.tiefsee.kernel.x86;

/**
 * Instructions on tiles (AMX). Names, operand order and meaning are those of Intel's manual (SDM
 * volume 2). A tile in memory is {@code mem(base, stride, 1)}: the index is the distance of its
 * rows in bytes.
 */
abstract sealed class TileInstructions extends FloatInstructions permits Assembler {
  /**
   * Shapes of the tiles, 64 bytes: the palette (1), a zero, at 16 the u16 bytes, at 48 the rows.
   */
  public final void ldtilecfg(Mem m) {
    rm(M38 | VEX | 0x49, new Tile(0), m);
  }

  /** Clears the tiles, so that a switch to another thread has no more to keep. */
  public final void tilerelease() {
    rm(M38 | VEX | 0x49, new Tile(0), new Tile(0));
  }

  public final void tilezero(Tile d) {
    rm(PF2 | M38 | VEX | 0x49, d, new Tile(0));
  }

  public final void tileloadd(Tile d, Mem s) {
    rm(PF2 | M38 | VEX | 0x4B, d, withStride(s));
  }

  public final void tilestored(Mem d, Tile s) {
    mr(PF3 | M38 | VEX | 0x4B, withStride(d), s);
  }

  /** d[i][j] += Σ s[i][k] · t[k/4][j][k%4] of signed bytes, into 32 bits. */
  public final void tdpbssd(Tile d, Tile s, Tile t) {
    rvm(PF2 | M38 | VEX | 0x5E, d, t, s);
  }

  /** d[i][j] += Σ s[i][k] · t[k/2][j][k%2] of bf16, into f32; subnormal numbers count as zero. */
  public final void tdpbf16ps(Tile d, Tile s, Tile t) {
    rvm(PF3 | M38 | VEX | 0x5C, d, t, s);
  }

  private static Mem withStride(Mem m) {
    if (!m.indexed()) {
      throw new IllegalArgumentException("a tile in memory needs the distance of its rows: " + m);
    }
    return m;
  }
}
