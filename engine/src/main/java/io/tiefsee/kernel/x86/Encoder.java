package io.tiefsee.kernel.x86;

import java.io.ByteArrayOutputStream;

/**
 * Writes instructions as bytes: legacy, VEX and EVEX prefixes, ModRM, SIB and displacements (Intel
 * SDM volume 2, chapter 2). An instruction is one row, an {@code int}: its opcode or'd with the
 * flags below. VEX is taken where it can say it all, EVEX for 512 bits, registers from 16 on, masks
 * and broadcasts.
 *
 * <p>Jumps and paddings have no bytes until {@link Layout} knows the distances. Not thread-safe.
 */
abstract sealed class Encoder permits GeneralInstructions {
  // Mandatory prefix.
  static final int P66 = 1 << 8;
  static final int PF3 = 2 << 8;
  static final int PF2 = 3 << 8;
  // Opcode map.
  static final int M0F = 1 << 10;
  static final int M38 = 2 << 10;
  static final int M3A = 3 << 10;

  /** W bit set in VEX and EVEX. */
  static final int W1 = 1 << 12;

  /** W bit set in EVEX, ignored (written as zero) in VEX. */
  static final int EW1 = 1 << 13;

  /** There is no EVEX form. */
  static final int VEX = 1 << 14;

  /** There is no VEX form, or another mnemonic has it. */
  static final int EVEX = 1 << 15;

  // How much memory is read or written ("tuple type"): the unit of an EVEX 8-bit displacement.
  /** A whole vector, or one 32- or 64-bit element (by W) that is broadcast. */
  static final int FULL = 1 << 16;

  /** A whole vector. */
  static final int FVM = 2 << 16;

  static final int HALF = 3 << 16;
  static final int QUARTER = 4 << 16;
  static final int EIGHTH = 5 << 16;
  static final int N1 = 6 << 16;
  static final int N2 = 7 << 16;
  static final int N4 = 8 << 16;
  static final int N8 = 9 << 16;
  static final int N16 = 10 << 16;
  static final int N32 = 11 << 16;

  private static final int TUPLE = 15 << 16;
  private static final int[] PREFIX = {0, 0x66, 0xF3, 0xF2};

  final ByteArrayOutputStream out = new ByteArrayOutputStream();
  final Layout layout = new Layout();

  // ---- Vector instructions, by where their operands go: (r)eg, (v)vvv, r/(m), (i)mmediate. ----

  final void rvm(int row, Operand d, Operand s, Operand t) {
    check(row, d, s, t);
    vector(row, d, number(s), t, 0);
  }

  final void rvmi(int row, Operand d, Operand s, Operand t, int imm) {
    check(row, d, s, t);
    vector(row, d, number(s), t, 1);
    out.write(imm);
  }

  final void rm(int row, Operand d, Operand s) {
    check(row, d, d, s);
    vector(row, d, 0, s, 0);
  }

  final void rmi(int row, Operand d, Operand s, int imm) {
    check(row, d, d, s);
    vector(row, d, 0, s, 1);
    out.write(imm);
  }

  /** The first operand goes to r/m: stores, and conversions that narrow. */
  final void mr(int row, Operand d, Operand s) {
    check(row, s, s, d);
    vector(row, s, 0, d, 0);
  }

  final void mri(int row, Operand d, Operand s, int imm) {
    check(row, s, s, d);
    vector(row, s, 0, d, 1);
    out.write(imm);
  }

  /** Shifts by a constant: the reg field extends the opcode, vvvv is the destination. */
  final void vmi(int row, int extension, Vec d, Vec s, int imm) {
    check(row, d, d, s);
    boolean evex = evex(row, d, s);
    prefix(row, evex, extension, d.index(), s, d.bits(), d.mask(), d.zeroing());
    modrm(extension, s, 1, 1);
    out.write(imm);
  }

  /** Gathers: the vector mask is in vvvv, the vector index in the SIB byte. */
  final void gather(int row, Vec d, Mem m, Vec mask) {
    if (evex(row, d, mask) || !(m.index() instanceof Vec index) || index.index() > 15) {
      throw new IllegalArgumentException("not a VEX gather: " + d + ", " + m);
    }
    prefix(row, false, d.index(), mask.index(), m, d.bits(), 0, false);
    modrm(d.index(), m, 1, 0);
  }

  private void vector(int row, Operand reg, int vvvv, Operand rm, int immediates) {
    boolean evex = evex(row, reg, rm) || vvvv > 15;
    if (evex && (row & VEX) != 0) {
      throw new IllegalArgumentException("no EVEX form: " + reg + ", " + rm);
    }
    int bits = Math.max(bits(reg), bits(rm));
    int mask = 0;
    boolean zeroing = false;
    for (Operand o : new Operand[] {reg, rm}) {
      if (o instanceof Vec v) {
        mask |= v.mask();
        zeroing |= v.zeroing();
      } else if (o instanceof Mem m) {
        mask |= m.mask();
      }
    }
    prefix(row, evex, number(reg), vvvv, rm, bits, mask, zeroing);
    modrm(number(reg), rm, evex ? unit(row, rm, bits) : 1, immediates);
  }

  /** Comparisons into an opmask: the vector length is that of the sources. */
  final void kvmi(int row, Mask d, Vec s, Operand t, int imm) {
    check(row, s, s, t);
    prefix(row, true, d.index(), s.index(), t, s.bits(), 0, false);
    modrm(d.index(), t, unit(row, t, s.bits()), 1);
    out.write(imm);
  }

  private static void check(int row, Operand d, Operand s, Operand t) {
    boolean whole = (row & TUPLE) == FULL || (row & TUPLE) == FVM;
    if (differ(d, s) || whole && differ(s, t)) {
      throw new IllegalArgumentException("widths differ: " + d + ", " + s + ", " + t);
    }
    boolean vector = (row & TUPLE) >= FULL && (row & TUPLE) <= EIGHTH;
    if (vector && (t instanceof Reg || t instanceof Mask)) {
      throw new IllegalArgumentException("neither a vector nor memory: " + t);
    }
    if (t instanceof Mem m && m.broadcast() && (row & TUPLE) != FULL) {
      throw new IllegalArgumentException("this instruction has no broadcast: " + m);
    }
  }

  private static boolean differ(Operand a, Operand b) {
    return bits(a) != 0 && bits(b) != 0 && bits(a) != bits(b);
  }

  private static boolean evex(int row, Operand... operands) {
    boolean evex = (row & EVEX) != 0;
    for (Operand o : operands) {
      if (o instanceof Vec v) {
        evex |= v.bits() == 512 || v.index() > 15 || v.mask() != 0;
      } else if (o instanceof Mem m) {
        evex |= m.broadcast() || m.mask() != 0;
      }
    }
    return evex;
  }

  private static int bits(Operand o) {
    return o instanceof Vec v ? v.bits() : 0;
  }

  static int number(Operand o) {
    if (o instanceof Vec v) {
      return v.index();
    } else if (o instanceof Reg r) {
      return r.index();
    } else if (o instanceof Mask k) {
      return k.index();
    } else if (o instanceof Tile t) {
      return t.index();
    }
    throw new IllegalArgumentException("not a register: " + o);
  }

  /** Bytes per step of an 8-bit EVEX displacement. */
  private static int unit(int row, Operand rm, int bits) {
    boolean wide = (row & (W1 | EW1)) != 0;
    return switch (row & TUPLE) {
      case FULL -> rm instanceof Mem m && m.broadcast() ? wide ? 8 : 4 : bits / 8;
      case FVM -> bits / 8;
      case HALF -> bits / 16;
      case QUARTER -> bits / 32;
      case EIGHTH -> bits / 64;
      default -> 1 << ((row & TUPLE) - N1 >> 16);
    };
  }

  private void prefix(
      int row, boolean evex, int reg, int vvvv, Operand rm, int bits, int mask, boolean zeroing) {
    int pp = row >> 8 & 3;
    int map = row >> 10 & 3;
    int length = bits >> 8;
    int w = (row & (evex ? W1 | EW1 : W1)) == 0 ? 0 : 1;
    int b = rm instanceof Mem m ? m.label().isPresent() ? 0 : m.base().index() : number(rm);
    int x = rm instanceof Mem m ? m.label().isPresent() ? 0 : m.indexNumber() : b >> 1;
    if (evex) {
      boolean broadcast = rm instanceof Mem m && m.broadcast();
      out.write(0x62);
      out.write((~reg & 8) << 4 | (~x & 8) << 3 | (~b & 8) << 2 | (~reg & 16) | map);
      out.write(w << 7 | (~vvvv & 15) << 3 | 4 | pp);
      int flags = (zeroing ? 128 : 0) | (broadcast ? 16 : 0);
      out.write(flags | length << 5 | (~vvvv & 16) >> 1 | mask);
    } else if (map == 1 && w == 0 && (x & 8) == 0 && (b & 8) == 0) {
      out.write(0xC5);
      out.write((~reg & 8) << 4 | (~vvvv & 15) << 3 | length << 2 | pp);
    } else {
      int xb = rm instanceof Mem ? (~x & 8) << 3 : 0x40;
      out.write(0xC4);
      out.write((~reg & 8) << 4 | xb | (~b & 8) << 2 | map);
      out.write(w << 7 | (~vvvv & 15) << 3 | length << 2 | pp);
    }
    out.write(row);
  }

  // ---- General-purpose instructions. ----

  /** An instruction of the one-byte map or, with a map flag, of the others. */
  final void legacy(int row, int width, int reg, Operand rm, int immediates) {
    legacy(row, width, reg, rm, immediates, false);
  }

  final void legacy(int row, int width, int reg, Operand rm, int immediates, boolean forceRex) {
    int map = row >> 10 & 3;
    if ((row >> 8 & 3) != 0) {
      out.write(PREFIX[row >> 8 & 3]);
    }
    boolean relative = rm instanceof Mem m && m.label().isPresent();
    int b = relative ? 0 : rm instanceof Mem m ? m.base().index() : number(rm);
    int x = !relative && rm instanceof Mem m ? m.indexNumber() : 0;
    int rex = (width == 64 ? 8 : 0) | (reg & 8) >> 1 | (x & 8) >> 2 | (b & 8) >> 3;
    if (rex != 0 || forceRex) {
      out.write(0x40 | rex);
    }
    if (map != 0) {
      out.write(0x0F);
    }
    if (map == 2) {
      out.write(0x38);
    }
    out.write(row);
    modrm(reg, rm, 1, immediates);
  }

  /**
   * ModRM, SIB and displacement.
   *
   * @param unit bytes per step of an 8-bit displacement
   * @param immediates bytes of the instruction after the displacement
   */
  private void modrm(int reg, Operand rm, int unit, int immediates) {
    int r = (reg & 7) << 3;
    if (!(rm instanceof Mem m)) {
      out.write(0xC0 | r | number(rm) & 7);
      return;
    }
    if (m.label().isPresent()) {
      out.write(r | 5);
      layout.relative(out.size(), 4 + immediates, m.disp(), m.label().get());
      int32(0);
      return;
    }
    int b = m.base().index() & 7;
    boolean small = m.disp() % unit == 0 && (byte) (m.disp() / unit) == m.disp() / unit;
    int mod = m.disp() == 0 && b != 5 ? 0 : small ? 0x40 : 0x80;
    if (m.indexed() || b == 4) {
      out.write(mod | r | 4);
      out.write(Integer.numberOfTrailingZeros(m.scale()) << 6 | (m.indexNumber() & 7) << 3 | b);
    } else {
      out.write(mod | r | b);
    }
    if (mod == 0x40) {
      out.write(m.disp() / unit);
    } else if (mod == 0x80) {
      int32(m.disp());
    }
  }

  /** An opcode that holds the register itself. */
  final void legacyShort(int opcode, Reg r) {
    if (r.index() > 7) {
      out.write(0x41);
    }
    out.write(opcode | r.index() & 7);
  }

  final void int32(int value) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(value >> shift);
    }
  }
}
