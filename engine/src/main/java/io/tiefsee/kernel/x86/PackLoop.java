package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import java.util.Arrays;

/**
 * Assembles the routine that packs groups of rows: for each group, each half of eight rows, each
 * record, the format's own code.
 *
 * <p>Arguments: first row of the source, bytes from row to row, destination, groups, records in a
 * row. All rows of a group are there. What is written does not overlap between groups. An instance
 * makes one routine and is not thread-safe; formats may use every vector register.
 */
final class PackLoop {
  private static final Reg GROUP = rdi;
  private static final Reg STRIDE = rsi;
  private static final Reg OUT = rdx;
  private static final Reg GROUPS = rcx;
  private static final Reg RECORDS = r8;
  private static final Reg COUNT = r9;
  private static final Reg ROW0 = r10;
  private static final Reg ROW4 = r11;
  private static final Reg STRIDE3 = rax;
  private static final Reg GROUP_OUT = rbx;

  final Assembler a = new Assembler();
  private final PackedFormat format;
  private final int rows;
  private int half;

  PackLoop(PackedFormat format, int rows) {
    this.format = format;
    this.rows = rows;
  }

  Assembler assemble() {
    a.prologue(5, rbx);
    a.lea(STRIDE3, mem(STRIDE, STRIDE, 2));
    a.mov(GROUP_OUT, OUT);
    Label group = a.here();
    for (half = 0; half < rows / 8; half++) {
      a.mov(OUT, GROUP_OUT);
      a.mov(ROW0, GROUP);
      a.lea(ROW4, mem(ROW0, STRIDE, 4));
      a.mov(COUNT, RECORDS);
      Label record = a.here();
      format.pack(this);
      a.add(ROW0, format.type.blockBytes());
      a.add(ROW4, format.type.blockBytes());
      a.add(OUT, format.recordBytes() * rows);
      a.dec(COUNT);
      a.jne(record);
      a.lea(GROUP, mem(GROUP, STRIDE, 8));
    }
    a.mov(GROUP_OUT, OUT);
    a.dec(GROUPS);
    a.jne(group);
    a.epilogue();
    return a;
  }

  /** {@code disp} bytes into the block of a row. */
  Mem row(int r, int disp) {
    Reg base = r < 4 ? ROW0 : ROW4;
    return switch (r & 3) {
      case 0 -> mem(base, disp);
      case 1 -> mem(base, STRIDE, 1, disp);
      case 2 -> mem(base, STRIDE, 2, disp);
      default -> mem(base, STRIDE3, 1, disp);
    };
  }

  /**
   * Where the eight rows' part of something lies in the record.
   *
   * @param offset bytes per row before it
   * @param unit bytes per row of it
   */
  Mem out(int offset, int unit) {
    return mem(OUT, offset * rows + half * 8 * unit);
  }

  /**
   * Reads 16 bytes of each row; ymm0 to ymm3 are then the first to the fourth 32 bits of all rows.
   * Uses ymm4 to ymm7.
   */
  void transpose(int disp) {
    for (int i = 0; i < 4; i++) {
      a.vmovdqu(xmm(i), row(i, disp));
      a.vinserti128(ymm(i), ymm(i), row(i + 4, disp), 1);
    }
    a.vpunpckldq(ymm4, ymm0, ymm1);
    a.vpunpckhdq(ymm5, ymm0, ymm1);
    a.vpunpckldq(ymm6, ymm2, ymm3);
    a.vpunpckhdq(ymm7, ymm2, ymm3);
    a.vpunpcklqdq(ymm0, ymm4, ymm6);
    a.vpunpckhqdq(ymm1, ymm4, ymm6);
    a.vpunpcklqdq(ymm2, ymm5, ymm7);
    a.vpunpckhqdq(ymm3, ymm5, ymm7);
  }

  /**
   * Reads 32 bytes of each row; ymm8 to ymm11 and ymm0 to ymm3 are then the eight 32-bit parts.
   * Uses ymm4 to ymm7.
   */
  void transposeEight(int disp) {
    transpose(disp);
    for (int j = 0; j < 4; j++) {
      a.vmovdqa(ymm(8 + j), ymm(j));
    }
    transpose(disp + 16);
  }

  /** Stores ymm0 to ymm3 as four vectors of quants. */
  void storeFour(int offset) {
    for (int i = 0; i < 4; i++) {
      a.vmovdqu(out(offset + 4 * i, 4), ymm(i));
    }
  }

  /** Copies 16 bits of each row. Uses xmm4. */
  void halves(int disp, int offset) {
    a.vpxor(xmm4, xmm4, xmm4);
    for (int r = 0; r < 8; r++) {
      a.vpinsrw(xmm4, xmm4, row(r, disp), r);
    }
    a.vmovdqu(out(offset, 2), xmm4);
  }

  /**
   * Takes the bytes of the lanes of a vector apart: byte i of all rows is stored as eight bytes at
   * {@code offset + i} bytes per row.
   */
  void bytes(Vec v, int offset) {
    a.vpshufb(v, v, mem(a.bytes(BYTES)));
    a.vmovdqu(ymm4, mem(a.ints(0, 4, 1, 5, 2, 6, 3, 7)));
    a.vpermd(v, ymm4, v);
    if (rows == 8) {
      a.vmovdqu(out(offset, 1), v);
      return;
    }
    a.vextracti128(xmm4, v, 1);
    a.vmovq(out(offset, 1), v.x());
    a.vpextrq(out(offset + 1, 1), v.x(), 1);
    a.vmovq(out(offset + 2, 1), xmm4);
    a.vpextrq(out(offset + 3, 1), xmm4, 1);
  }

  /**
   * Bit planes: in 32 bytes from {@code disp} on, bit g of byte i is that of column 32g + i. Plane
   * g is stored at {@code offset + g · stride} bytes per row, bit k of byte i for column 4k + i.
   */
  void planes(int disp, int offset, int stride) {
    transposeEight(disp);
    for (int g = 0; g < 8; g++) {
      for (int k = 0; k < 8; k++) {
        Vec from = ymm(k < 4 ? 8 + k : k - 4);
        Vec to = k == 0 ? ymm4 : ymm5;
        if (k > g) {
          a.vpsllw(to, from, k - g);
        } else {
          a.vpsrlw(to, from, g - k);
        }
        a.vpand(to, to, every(1 << k));
        if (k > 0) {
          a.vpor(ymm4, ymm4, ymm5);
        }
      }
      a.vmovdqu(out(offset + g * stride, 4), ymm4);
    }
  }

  /** Takes the halves of the lanes apart: low ones to {@code offset}, high ones behind. */
  void twoHalves(Vec v, int offset) {
    byte[] pattern = new byte[32];
    for (int i = 0; i < 32; i++) {
      pattern[i] = (byte) (i % 8 / 2 * 4 + i % 2 + i % 16 / 8 * 2);
    }
    a.vpshufb(v, v, mem(a.bytes(pattern)));
    a.vpermq(v, v, 0xD8);
    a.vmovdqu(out(offset, 2), v.x());
    a.vextracti128(out(offset + 2, 2), v, 1);
  }

  /** Collects 32 bits of each row in ymm0. Uses ymm4. */
  void lanes(int disp) {
    for (int half = 0; half < 2; half++) {
      Vec v = half == 0 ? xmm0 : xmm4;
      a.vmovd(v, row(4 * half, disp));
      for (int i = 1; i < 4; i++) {
        a.vpinsrd(v, v, row(4 * half + i, disp), i);
      }
    }
    a.vinserti128(ymm0, ymm0, xmm4, 1);
  }

  /** From lanes with a bit a column in ymm0 to bit k of byte i for column 4k + i in ymm1. */
  void spreadBits() {
    for (int k = 0; k < 8; k++) {
      byte[] from = new byte[32];
      byte[] bit = new byte[32];
      for (int i = 0; i < 32; i++) {
        from[i] = (byte) (i % 16 / 4 * 4 + k / 2);
        bit[i] = (byte) (1 << 4 * (k & 1) + i % 4);
      }
      Mem bits = mem(a.bytes(bit));
      Vec to = k == 0 ? ymm1 : ymm2;
      a.vpshufb(to, ymm0, mem(a.bytes(from)));
      a.vpand(to, to, bits);
      a.vpcmpeqb(to, to, bits);
      a.vpand(to, to, every(1 << k));
      if (k > 0) {
        a.vpor(ymm1, ymm1, ymm2);
      }
    }
  }

  /**
   * Low nibbles of two vectors to {@code low}, high ones to {@code high}, the first vector's as the
   * low nibbles. Uses ymm6 and ymm7.
   */
  void storeNibbles(Vec first, Vec second, int low, int high) {
    a.vpand(ymm6, first, every(0x0f));
    a.vpsllw(ymm7, second, 4);
    a.vpand(ymm7, ymm7, every(0xf0));
    a.vpor(ymm6, ymm6, ymm7);
    a.vmovdqu(out(low, 4), ymm6);
    a.vpsrlw(ymm6, first, 4);
    a.vpand(ymm6, ymm6, every(0x0f));
    a.vpand(ymm7, second, every(0xf0));
    a.vpor(ymm6, ymm6, ymm7);
    a.vmovdqu(out(high, 4), ymm6);
  }

  /**
   * Bits {@code shift} and {@code shift + 1} of four vectors from {@code first} on, side by side,
   * to {@code offset}. Uses ymm6 and ymm7.
   */
  void gatherPairs(int first, int shift, int offset) {
    for (int i = 0; i < 4; i++) {
      Vec to = i == 0 ? ymm6 : ymm7;
      if (2 * i > shift) {
        a.vpsllw(to, ymm(first + i), 2 * i - shift);
      } else {
        a.vpsrlw(to, ymm(first + i), shift - 2 * i);
      }
      a.vpand(to, to, every(3 << 2 * i));
      if (i > 0) {
        a.vpor(ymm6, ymm6, ymm7);
      }
    }
    a.vmovdqu(out(offset, 4), ymm6);
  }

  /** A pattern for {@code vpshufb} within each 32-bit lane. */
  Mem shuffle(int... from) {
    byte[] pattern = new byte[32];
    for (int i = 0; i < 32; i++) {
      pattern[i] = (byte) (i % 16 / 4 * 4 + from[i % 4]);
    }
    return mem(a.bytes(pattern));
  }

  /** A constant: 32 bits in every lane. */
  Mem everyLane(int value) {
    return mem(a.ints(value, value, value, value, value, value, value, value));
  }

  /** A constant: one byte everywhere. */
  Mem every(int value) {
    byte[] all = new byte[32];
    Arrays.fill(all, (byte) value);
    return mem(a.bytes(all));
  }

  private static final byte[] BYTES = bytePattern();

  private static byte[] bytePattern() {
    byte[] pattern = new byte[32];
    for (int i = 0; i < 32; i++) {
      pattern[i] = (byte) (i % 4 * 4 + i % 16 / 4);
    }
    return pattern;
  }
}
