package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import java.util.Arrays;

/**
 * What differs between AVX2 and AVX-512 for the formats: the width, and that some instructions on
 * bits have other names. A 32-bit lane of a vector belongs to one row of the group.
 */
final class Simd {
  private static final byte[] LOW_WORDS = {0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13};

  final Assembler a;

  /** Rows of a group: 8 in a ymm, 16 in a zmm. */
  final int rows;

  /** Factors of rows in an epilogue. */
  final Vec factor;

  /** Minima of rows in an epilogue. */
  final Vec minimum;

  /** Kept by the format from one step of a block to the next. */
  final Vec keep;

  /** Free within a step. */
  final Vec temp;

  /** 0x0f in every byte, all the time. */
  final Vec nibble;

  /** The code book of formats that have one, all the time. */
  final Vec table;

  Simd(Assembler a, int rows) {
    this.a = a;
    this.rows = rows;
    int first = rows == 16 ? 24 : 8;
    factor = v(first);
    minimum = v(first + 1);
    table = v(first + 3);
    temp = v(first + 5);
    keep = v(first + 6);
    nibble = v(first + 7);
  }

  /** Whether products of u8 and s8 are summed to 32 bits by one instruction. */
  boolean vnni() {
    return rows == 16;
  }

  Vec v(int index) {
    return rows == 16 ? zmm(index) : ymm(index);
  }

  void and(Vec d, Vec s, Operand t) {
    if (rows == 16) {
      a.vpandd(d, s, t);
    } else {
      a.vpand(d, s, t);
    }
  }

  void or(Vec d, Vec s, Operand t) {
    if (rows == 16) {
      a.vpord(d, s, t);
    } else {
      a.vpor(d, s, t);
    }
  }

  void xor(Vec d, Vec s, Operand t) {
    if (rows == 16) {
      a.vpxord(d, s, t);
    } else {
      a.vpxor(d, s, t);
    }
  }

  void load(Vec d, Operand s) {
    if (rows == 16) {
      a.vmovdqu32(d, s);
    } else {
      a.vmovdqu(d, s);
    }
  }

  /** The low half of each 32-bit lane becomes the high half too. */
  void twice(Vec d) {
    a.vpshufb(d, d, repeated(LOW_WORDS));
  }

  /** A constant: 16 bytes in every 128 bits. */
  Mem repeated(byte... sixteen) {
    byte[] all = new byte[4 * rows];
    for (int i = 0; i < all.length; i++) {
      all[i] = sixteen[i % 16];
    }
    return mem(a.bytes(all));
  }

  /** A constant: one byte everywhere. */
  Mem everyByte(int value) {
    byte[] sixteen = new byte[16];
    Arrays.fill(sixteen, (byte) value);
    return repeated(sixteen);
  }

  /** A constant: one 32-bit integer in every lane. */
  Mem everyInt(int value) {
    int[] lanes = new int[rows];
    Arrays.fill(lanes, value);
    return mem(a.ints(lanes));
  }
}
