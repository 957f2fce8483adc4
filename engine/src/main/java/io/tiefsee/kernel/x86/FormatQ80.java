package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/** Q8_0: d · q; a record is d (f16) and eight vectors of quants. */
final class FormatQ80 extends PackedFormat {
  FormatQ80() {
    super(QuantType.Q8_0, 2, 2, 32);
  }

  @Override
  int sumsInShort() {
    return 1;
  }

  @Override
  boolean signed() {
    return true;
  }

  @Override
  int offset(boolean vnni) {
    return vnni ? 128 : 0;
  }

  @Override
  int weights(Simd s, int step, Vec to) {
    s.load(to, mem(QUANTS, 4 * step * s.rows));
    if (s.vnni()) {
      s.xor(to, to, s.everyByte(128));
    }
    return step;
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
    p.transpose(18);
    p.storeFour(18);
  }

  @Override
  void restore(MemorySegment packed, long record, int rows, int row, Block block) {
    block.copy(packed, record + 2L * row, 2, 0);
    block.copyNibbles(packed, record + 2L * rows, rows, row, 2);
    block.copyNibbles(packed, record + 18L * rows, rows, row, 18);
  }
}
