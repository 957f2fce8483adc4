package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

/** Sixteen rows of sixteen 32-bit numbers become columns, by 64 shuffles. */
final class TileTranspose {
  private static final int BYTES = 1024;

  /** Lanes of 128 bits 0 and 2 of both sources, and 1 and 3. */
  private static final int EVEN = 0x88;

  private static final int ODD = 0xdd;

  private TileTranspose() {}

  /** From {@code from} to {@code to}, which are advanced to what follows; zmm0–16 are lost. */
  static void emit(Assembler a, Reg from, Reg to) {
    Vec[] t = new Vec[16];
    for (int i = 0; i < 16; i += 2) {
      t[i] = zmm(i);
      t[i + 1] = zmm(i + 1);
      a.vmovups(t[i], mem(from, 64 * i));
      a.vmovups(zmm16, mem(from, 64 * (i + 1)));
      a.vpunpckhdq(t[i + 1], t[i], zmm16);
      a.vpunpckldq(t[i], t[i], zmm16);
    }
    // Four columns of four rows in each lane; always one register is free.
    Vec free = zmm16;
    for (int i = 0; i < 16; i += 4) {
      Vec last = t[i + 3];
      Vec first = free;
      a.vpunpcklqdq(first, t[i], t[i + 2]);
      a.vpunpckhqdq(t[i], t[i], t[i + 2]);
      a.vpunpcklqdq(t[i + 2], t[i + 1], last);
      a.vpunpckhqdq(t[i + 1], t[i + 1], last);
      t[i + 3] = t[i + 1];
      t[i + 1] = t[i];
      t[i] = first;
      free = last;
    }
    for (int c = 0; c < 4; c++) {
      Vec p = t[c];
      Vec q = t[4 + c];
      Vec r = t[8 + c];
      Vec s = t[12 + c];
      a.vshufi32x4(free, p, q, EVEN);
      a.vshufi32x4(p, p, q, ODD);
      a.vshufi32x4(q, r, s, EVEN);
      a.vshufi32x4(r, r, s, ODD);
      a.vshufi32x4(s, free, q, EVEN);
      a.vmovups(mem(to, 64 * c), s);
      a.vshufi32x4(s, free, q, ODD);
      a.vmovups(mem(to, 64 * (8 + c)), s);
      a.vshufi32x4(s, p, r, EVEN);
      a.vmovups(mem(to, 64 * (4 + c)), s);
      a.vshufi32x4(s, p, r, ODD);
      a.vmovups(mem(to, 64 * (12 + c)), s);
    }
    a.add(from, BYTES);
    a.add(to, BYTES);
  }
}
