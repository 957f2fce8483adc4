package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/**
 * Q6_K: d · scale · (q − 32), scale an int8 for each 16 columns. A record is d (f16) and sixteen
 * scales, then for each block two vectors of the high bits (bits 2i and 2i+1 of vector m belong to
 * step 4m + i) and four of nibbles (vector j: steps 2j and 2j + 1).
 */
final class FormatQ6K extends PackedFormat {
  FormatQ6K() {
    super(QuantType.Q6_K, 2, 18, 24);
  }

  @Override
  int sumsInShort() {
    return 2;
  }

  @Override
  boolean fine() {
    return true;
  }

  @Override
  int offsetBits() {
    return 5;
  }

  @Override
  int weights(Simd s, int step, Vec to) {
    if ((step & 1) == 0) {
      s.load(s.keep, mem(QUANTS, (8 + 2 * step) * s.rows));
      s.and(to, s.keep, s.nibble);
    } else {
      s.a.vpsrlw(to, s.keep, 4);
      s.and(to, to, s.nibble);
    }
    s.load(s.temp, mem(QUANTS, step / 4 * 4 * s.rows));
    int shift = 4 - 2 * (step % 4);
    if (shift > 0) {
      s.a.vpsllw(s.temp, s.temp, shift);
    } else if (shift < 0) {
      s.a.vpsrlw(s.temp, s.temp, -shift);
    }
    s.and(s.temp, s.temp, s.everyByte(0x30));
    s.or(to, to, s.temp);
    return step;
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
    p.halves(208, 0);
    p.transpose(192);
    for (int i = 0; i < 4; i++) {
      p.bytes(ymm(i), 2 + 4 * i);
    }
    for (int n = 0; n < 2; n++) {
      p.transposeEight(128 + 32 * n);
      for (int q = 0; q < 4; q++) {
        int at = header + (4 * n + q) * quants;
        p.gatherPairs(8, 2 * q, at);
        p.gatherPairs(0, 2 * q, at + 4);
      }
      for (int odd = 0; odd < 2; odd++) {
        p.transposeEight(64 * n + 32 * odd);
        for (int j = 0; j < 4; j++) {
          Vec even = ymm(j < 2 ? 8 + 2 * j : 2 * j - 4);
          Vec next = ymm(even.index() + 1);
          int at = header + (4 * n + odd) * quants + 8 + 4 * j;
          p.storeNibbles(even, next, at, at + 2 * quants);
        }
      }
    }
  }

  @Override
  void restore(MemorySegment packed, long record, int rows, int row, Block block) {
    block.copy(packed, record + 2L * row, 2, 208);
    for (int g = 0; g < 16; g++) {
      block.set(192 + g, Block.u8(packed, record + (2L + g) * rows + row));
    }
    for (int c = 0; c < 256; c++) {
      int b = c / 32;
      int q = b % 4;
      int k = c % 32 / 4;
      int shift = 8 * (c % 4);
      long quant = record + (header + (long) b * quants) * rows;
      int high = Block.lane(packed, quant + 4L * (k / 4) * rows, row) >>> shift + k % 4 * 2 & 3;
      int low =
          Block.lane(packed, quant + (8L + 4 * (k / 2)) * rows, row) >>> shift + k % 2 * 4 & 15;
      block.or(64 * (b / 4) + 32 * (q & 1) + c % 32, low << q / 2 * 4);
      block.or(128 + 32 * (b / 4) + c % 32, high << 2 * q);
    }
  }
}
