package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/**
 * Q3_K: d · (scale − 32) · (q − 4), scale of 6 bits for each 16 columns. A record is d (f16) and
 * sixteen scales less 32 (int8), then for each block two vectors of two bits (as in {@link
 * FormatQ6K}) and one of third bits (as in {@link FormatQ5}).
 */
final class FormatQ3K extends PackedFormat {
  FormatQ3K() {
    super(QuantType.Q3_K, 2, 18, 12);
  }

  @Override
  int sumsInShort() {
    return 4;
  }

  @Override
  boolean fine() {
    return true;
  }

  @Override
  int offsetBits() {
    return 2;
  }

  @Override
  int weights(Simd s, int step, Vec to) {
    twoBits(s, step, to);
    s.load(s.temp, mem(QUANTS, 8 * s.rows));
    if (step < 2) {
      s.a.vpsllw(s.temp, s.temp, 2 - step);
    } else if (step > 2) {
      s.a.vpsrlw(s.temp, s.temp, step - 2);
    }
    s.and(s.temp, s.temp, s.everyByte(4));
    s.or(to, to, s.temp);
    return step;
  }

  /** Bits 2i and 2i + 1 of vector m are those of step 4m + i. */
  static void twoBits(Simd s, int step, Vec to) {
    s.load(to, mem(QUANTS, step / 4 * 4 * s.rows));
    if (step % 4 > 0) {
      s.a.vpsrlw(to, to, step % 4 * 2);
    }
    s.and(to, to, s.everyByte(3));
  }

  @Override
  void scales16(Simd s, int half, Vec to) {
    s.a.vpmovsxbd(to, mem(SUB, half * s.rows));
    s.twice(to);
  }

  @Override
  void factors(Simd s) {
    s.a.vcvtph2ps(s.factor, mem(RECORD));
  }

  @Override
  void pack(PackLoop p) {
    p.halves(108, 0);
    packScales(p);
    p.planes(0, header + 8, quants);
    packTwoBits(p, 32, header, quants);
  }

  /** In the file 32 bytes have two bits of each of 128 columns. */
  static void packTwoBits(PackLoop p, int disp, int header, int quants) {
    for (int n = 0; n < 2; n++) {
      p.transposeEight(disp + 32 * n);
      for (int q = 0; q < 4; q++) {
        int at = header + (4 * n + q) * quants;
        p.gatherPairs(8, 2 * q, at);
        p.gatherPairs(0, 2 * q, at + 4);
      }
    }
  }

  /** In the file: eight bytes of low nibbles, four bytes of two high bits. */
  private static void packScales(PackLoop p) {
    Assembler a = p.a;
    p.lanes(96);
    a.vmovdqa(ymm8, ymm0);
    p.lanes(100);
    a.vmovdqa(ymm9, ymm0);
    p.lanes(104);
    for (int i = 0; i < 4; i++) {
      Vec low = ymm(8 + i % 2);
      if (i < 2) {
        a.vpand(ymm1, low, p.every(0x0f));
        a.vpsllw(ymm2, ymm0, 4 - 2 * i);
      } else {
        a.vpsrlw(ymm1, low, 4);
        a.vpand(ymm1, ymm1, p.every(0x0f));
        a.vpsrlw(ymm2, ymm0, 2 * i - 4);
      }
      a.vpand(ymm2, ymm2, p.every(0x30));
      a.vpor(ymm1, ymm1, ymm2);
      a.vpsubb(ymm1, ymm1, p.every(32));
      p.bytes(ymm1, 2 + 4 * i);
    }
  }

  @Override
  void restore(MemorySegment packed, long record, int rows, int row, Block block) {
    block.copy(packed, record + 2L * row, 2, 108);
    for (int g = 0; g < 16; g++) {
      int scale = Block.u8(packed, record + (2L + g) * rows + row) + 32;
      block.or(96 + g % 8, (scale & 15) << g / 8 * 4);
      block.or(104 + g % 4, (scale >> 4 & 3) << g / 4 * 2);
    }
    for (int c = 0; c < 256; c++) {
      int b = c / 32;
      int k = c % 32 / 4;
      int shift = 8 * (c % 4);
      long quant = record + (header + (long) b * quants) * rows;
      int two = Block.lane(packed, quant + 4L * (k / 4) * rows, row) >>> shift + k % 4 * 2 & 3;
      int third = Block.lane(packed, quant + 8L * rows, row) >>> shift + k & 1;
      block.or(c % 32, third << b);
      block.or(32 + 32 * (b / 4) + c % 32, two << b % 4 * 2);
    }
  }
}
