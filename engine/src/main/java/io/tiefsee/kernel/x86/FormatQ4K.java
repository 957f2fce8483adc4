package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/**
 * Q4_K and Q5_K: d · scale · q − dmin · min, scale and min of 6 bits for each block of 32. A record
 * is d and dmin (f16), eight scales and eight minima (bytes), then for each block the fifth bits
 * (as in {@link FormatQ5}) and the nibbles.
 */
final class FormatQ4K extends PackedFormat {
  private final boolean five;

  FormatQ4K(QuantType type) {
    super(type, 4, 20, type == QuantType.Q5_K ? 20 : 16);
    five = type == QuantType.Q5_K;
  }

  @Override
  int sumsInShort() {
    return five ? 4 : 8;
  }

  @Override
  Minimum minimum() {
    return Minimum.SUBTRACTED;
  }

  @Override
  int weights(Simd s, int step, Vec to) {
    int k = nibbles(s, five ? 4 : 0, step, to);
    if (five) {
      FormatQ5.fifthBit(s, k, to);
    }
    return k;
  }

  @Override
  void factors(Simd s) {
    s.a.vpmovzxbd(s.factor, mem(SUB));
    s.a.vcvtdq2ps(s.factor, s.factor);
    s.a.vcvtph2ps(s.temp, mem(RECORD));
    s.a.vmulps(s.factor, s.factor, s.temp);
    s.a.vpmovzxbd(s.minimum, mem(SUB, 8 * s.rows));
    s.a.vcvtdq2ps(s.minimum, s.minimum);
    s.a.vcvtph2ps(s.temp, mem(RECORD, 2 * s.rows));
    s.a.vmulps(s.minimum, s.minimum, s.temp);
  }

  @Override
  void pack(PackLoop p) {
    Assembler a = p.a;
    p.transpose(0);
    p.twoHalves(ymm0, 0);
    // The twelve bytes: scales 0–3 and minima 0–3 with two high bits of 4–7, then low nibbles.
    a.vpand(ymm8, ymm1, p.every(0x3f));
    a.vpand(ymm9, ymm2, p.every(0x3f));
    a.vpsrlw(ymm1, ymm1, 2);
    a.vpand(ymm1, ymm1, p.every(0x30));
    a.vpsrlw(ymm2, ymm2, 2);
    a.vpand(ymm2, ymm2, p.every(0x30));
    a.vpand(ymm10, ymm3, p.every(0x0f));
    a.vpor(ymm10, ymm10, ymm1);
    a.vpsrlw(ymm3, ymm3, 4);
    a.vpand(ymm3, ymm3, p.every(0x0f));
    a.vpor(ymm11, ymm3, ymm2);
    p.bytes(ymm8, 4);
    p.bytes(ymm10, 8);
    p.bytes(ymm9, 12);
    p.bytes(ymm11, 16);
    if (five) {
      p.planes(16, header, quants);
    }
    for (int pair = 0; pair < 4; pair++) {
      p.transposeEight((five ? 48 : 16) + 32 * pair);
      for (int j = 0; j < 4; j++) {
        int at = header + 2 * pair * quants + (five ? 4 : 0) + 4 * j;
        p.storeNibbles(ymm(8 + j), ymm(j), at, at + quants);
      }
    }
  }

  @Override
  void restore(MemorySegment packed, long record, int rows, int row, Block block) {
    block.copy(packed, record + 2L * row, 2, 0);
    block.copy(packed, record + 2L * (rows + row), 2, 2);
    for (int j = 0; j < 4; j++) {
      int scale = Block.u8(packed, record + (4L + j) * rows + row);
      int scale4 = Block.u8(packed, record + (8L + j) * rows + row);
      int min = Block.u8(packed, record + (12L + j) * rows + row);
      int min4 = Block.u8(packed, record + (16L + j) * rows + row);
      block.set(4 + j, scale | scale4 >> 4 << 6);
      block.set(8 + j, min | min4 >> 4 << 6);
      block.set(12 + j, scale4 & 15 | (min4 & 15) << 4);
    }
    for (int c = 0; c < 256; c++) {
      int g = c / 32;
      int i = c % 32;
      long quant = record + (header + (long) g * quants) * rows;
      if (five) {
        int bits = Block.lane(packed, quant, row);
        block.or(16 + i, (bits >>> 8 * (i % 4) + i / 4 & 1) << g);
        quant += 4L * rows;
      }
      int nibble = Block.nibble(packed, quant, rows, row, i);
      block.or((five ? 48 : 16) + 32 * (g / 2) + i, nibble << 4 * (g & 1));
    }
  }
}
