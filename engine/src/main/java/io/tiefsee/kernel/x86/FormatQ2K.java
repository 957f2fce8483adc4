package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/**
 * Q2_K: d · scale · q − dmin · min, scale and min of 4 bits for each 16 columns. A record is d and
 * dmin (f16) and sixteen bytes of scale and min, then for each block two vectors of two bits (as in
 * {@link FormatQ3K}).
 */
final class FormatQ2K extends PackedFormat {
  FormatQ2K() {
    super(QuantType.Q2_K, 4, 20, 8);
  }

  @Override
  int sumsInShort() {
    return 4;
  }

  @Override
  Minimum minimum() {
    return Minimum.SUBTRACTED;
  }

  @Override
  boolean fine() {
    return true;
  }

  @Override
  int weights(Simd s, int step, Vec to) {
    FormatQ3K.twoBits(s, step, to);
    return step;
  }

  @Override
  void scales16(Simd s, int half, Vec to) {
    s.a.vpmovzxbd(to, mem(SUB, half * s.rows));
    s.and(to, to, s.everyInt(15));
    s.twice(to);
  }

  @Override
  void minima16(Simd s, Vec to) {
    s.a.vpmovzxbd(to, mem(SUB));
    s.a.vpsrld(to, to, 4);
    s.a.vpmovzxbd(s.temp, mem(SUB, s.rows));
    s.a.vpsrld(s.temp, s.temp, 4);
    s.a.vpslld(s.temp, s.temp, 16);
    s.or(to, to, s.temp);
  }

  @Override
  void factors(Simd s) {
    s.a.vcvtph2ps(s.factor, mem(RECORD));
    s.a.vcvtph2ps(s.minimum, mem(RECORD, 2 * s.rows));
  }

  @Override
  void pack(PackLoop p) {
    p.halves(80, 0);
    p.halves(82, 2);
    p.transpose(0);
    for (int i = 0; i < 4; i++) {
      p.bytes(ymm(i), 4 + 4 * i);
    }
    FormatQ3K.packTwoBits(p, 16, header, quants);
  }

  @Override
  void restore(MemorySegment packed, long record, int rows, int row, Block block) {
    block.copy(packed, record + 2L * row, 2, 80);
    block.copy(packed, record + 2L * (rows + row), 2, 82);
    for (int g = 0; g < 16; g++) {
      block.set(g, Block.u8(packed, record + (4L + g) * rows + row));
    }
    for (int c = 0; c < 256; c++) {
      int b = c / 32;
      int k = c % 32 / 4;
      long quant = record + (header + (long) b * quants + 4 * (k / 4)) * rows;
      int two = Block.lane(packed, quant, row) >>> 8 * (c % 4) + k % 4 * 2 & 3;
      block.or(16 + 32 * (b / 4) + c % 32, two << b % 4 * 2);
    }
  }
}
