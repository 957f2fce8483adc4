package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/** Q4_0: d · (nibble − 8); a record is d (f16) and the nibbles. */
final class FormatQ40 extends PackedFormat {
  FormatQ40() {
    super(QuantType.Q4_0, 2, 2, 16);
  }

  @Override
  int sumsInShort() {
    return 8;
  }

  @Override
  int offset(boolean vnni) {
    return 8;
  }

  @Override
  int weights(Simd s, int step, Vec to) {
    return nibbles(s, 0, step, to);
  }

  @Override
  void factors(Simd s) {
    s.a.vcvtph2ps(s.factor, mem(RECORD));
  }

  @Override
  void pack(PackLoop p) {
    p.halves(0, 0);
    p.transpose(2);
    p.storeFour(2);
  }

  @Override
  void restore(MemorySegment packed, long record, int rows, int row, Block block) {
    block.copy(packed, record + 2L * row, 2, 0);
    block.copyNibbles(packed, record + 2L * rows, rows, row, 2);
  }
}
