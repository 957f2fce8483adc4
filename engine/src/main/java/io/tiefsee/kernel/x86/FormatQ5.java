package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/**
 * Q5_0, d · (q − 16), and Q5_1, d · q + m: a record is d (and m), the fifth bits and the nibbles.
 * The fifth bits of a row are a lane: bit k of its byte i is that of column 4k + i.
 */
final class FormatQ5 extends PackedFormat {
  private final boolean min;

  FormatQ5(QuantType type) {
    super(type, type == QuantType.Q5_1 ? 4 : 2, type == QuantType.Q5_1 ? 4 : 2, 20);
    min = type == QuantType.Q5_1;
  }

  @Override
  int sumsInShort() {
    return 4;
  }

  @Override
  Minimum minimum() {
    return min ? Minimum.ADDED : Minimum.NONE;
  }

  @Override
  int offset(boolean vnni) {
    return min ? 0 : 16;
  }

  @Override
  int weights(Simd s, int step, Vec to) {
    int k = nibbles(s, 4, step, to);
    fifthBit(s, k, to);
    return k;
  }

  /** Adds the fifth bits, which lie at the start of the block's quants, to nibbles. */
  static void fifthBit(Simd s, int k, Vec to) {
    s.load(s.temp, mem(QUANTS));
    if (k < 4) {
      s.a.vpsllw(s.temp, s.temp, 4 - k);
    } else if (k > 4) {
      s.a.vpsrlw(s.temp, s.temp, k - 4);
    }
    s.and(s.temp, s.temp, s.everyByte(16));
    s.or(to, to, s.temp);
  }

  @Override
  void factors(Simd s) {
    s.a.vcvtph2ps(s.factor, mem(RECORD));
    if (min) {
      s.a.vcvtph2ps(s.minimum, mem(RECORD, 2 * s.rows));
    }
  }

  @Override
  void pack(PackLoop p) {
    p.halves(0, 0);
    if (min) {
      p.halves(2, 2);
    }
    p.lanes(header);
    p.spreadBits();
    p.a.vmovdqu(p.out(header, 4), ymm1);
    p.transpose(header + 4);
    p.storeFour(header + 4);
  }

  @Override
  void restore(MemorySegment packed, long record, int rows, int row, Block block) {
    block.copy(packed, record + 2L * row, 2, 0);
    if (min) {
      block.copy(packed, record + 2L * (rows + row), 2, 2);
    }
    long quants = record + (long) header * rows;
    block.setInt(header, gatherBits(Block.lane(packed, quants, row)));
    block.copyNibbles(packed, quants + 4L * rows, rows, row, header + 4);
  }

  /** Bit c is that of column c: bit c/4 of byte c%4. */
  static int gatherBits(int lane) {
    int bits = 0;
    for (int c = 0; c < 32; c++) {
      bits |= (lane >>> 8 * (c % 4) + c / 4 & 1) << c;
    }
    return bits;
  }
}
