package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/** Q4_1: d · nibble + m; a record is d and m (f16) and the nibbles. */
final class FormatQ41 extends PackedFormat {
  FormatQ41() {
    super(QuantType.Q4_1, 4, 4, 16);
  }

  @Override
  int sumsInShort() {
    return 8;
  }

  @Override
  Minimum minimum() {
    return Minimum.ADDED;
  }

  @Override
  int weights(Simd s, int step, Vec to) {
    return nibbles(s, 0, step, to);
  }

  @Override
  void factors(Simd s) {
    s.a.vcvtph2ps(s.factor, mem(RECORD));
    s.a.vcvtph2ps(s.minimum, mem(RECORD, 2 * s.rows));
  }

  @Override
  void pack(PackLoop p) {
    p.halves(0, 0);
    p.halves(2, 2);
    p.transpose(4);
    p.storeFour(4);
  }

  @Override
  void restore(MemorySegment packed, long record, int rows, int row, Block block) {
    block.copy(packed, record + 2L * row, 2, 0);
    block.copy(packed, record + 2L * (rows + row), 2, 2);
    block.copyNibbles(packed, record + 4L * rows, rows, row, 4);
  }
}
