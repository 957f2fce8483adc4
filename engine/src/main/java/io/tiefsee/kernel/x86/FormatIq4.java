package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/**
 * IQ4_NL, d · code[nibble], and IQ4_XS, d · (scale − 32) · code[nibble] with a scale of 6 bits for
 * each block. A record is d (f16), eight scales (bytes; IQ4_XS) and the nibbles of each block.
 */
final class FormatIq4 extends PackedFormat {
  private static final byte[] CODE = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private final boolean scaled;

  FormatIq4(QuantType type) {
    super(type, 2, type == QuantType.IQ4_XS ? 10 : 2, 16);
    scaled = type == QuantType.IQ4_XS;
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
  void constants(Simd s) {
    byte[] code = CODE.clone();
    if (s.vnni()) {
      for (int i = 0; i < 16; i++) {
        code[i] += (byte) 128;
      }
    }
    s.load(s.table, s.repeated(code));
  }

  @Override
  int weights(Simd s, int step, Vec to) {
    int k = nibbles(s, 0, step, to);
    s.a.vpshufb(to, s.table, to);
    return k;
  }

  @Override
  void factors(Simd s) {
    if (scaled) {
      s.a.vpmovzxbd(s.factor, mem(SUB));
      s.a.vpsubd(s.factor, s.factor, s.everyInt(32));
      s.a.vcvtdq2ps(s.factor, s.factor);
      s.a.vcvtph2ps(s.temp, mem(RECORD));
      s.a.vmulps(s.factor, s.factor, s.temp);
    } else {
      s.a.vcvtph2ps(s.factor, mem(RECORD));
    }
  }

  @Override
  void pack(PackLoop p) {
    p.halves(0, 0);
    if (scaled) {
      packScales(p);
    }
    for (int b = 0; b < blocks; b++) {
      p.transpose((scaled ? 8 : 2) + 16 * b);
      p.storeFour(header + quants * b);
    }
  }

  /** In the file: two high bits of each scale in 16 bits, then four bytes of low nibbles. */
  private void packScales(PackLoop p) {
    Assembler a = p.a;
    p.transpose(0);
    for (int part = 0; part < 2; part++) {
      // Scales 4·part and on become the bytes of a lane.
      int low = 2 * part;
      int high = 2 + part;
      a.vpshufb(ymm8, ymm1, p.shuffle(low, low, low + 1, low + 1));
      a.vpsrlw(ymm9, ymm8, 4);
      a.vpand(ymm8, ymm8, p.everyLane(0x000f000f));
      a.vpand(ymm9, ymm9, p.everyLane(0x0f000f00));
      a.vpor(ymm8, ymm8, ymm9);
      a.vpshufb(ymm9, ymm0, p.shuffle(high, high, high, high));
      for (int i = 0; i < 4; i++) {
        if (i < 2) {
          a.vpsllw(ymm10, ymm9, 4 - 2 * i);
        } else {
          a.vpsrlw(ymm10, ymm9, 2 * i - 4);
        }
        a.vpand(ymm10, ymm10, p.everyLane(0x30 << 8 * i));
        a.vpor(ymm8, ymm8, ymm10);
      }
      p.bytes(ymm8, sub + 4 * part);
    }
  }

  @Override
  void restore(MemorySegment packed, long record, int rows, int row, Block block) {
    block.copy(packed, record + 2L * row, 2, 0);
    for (int b = 0; b < blocks; b++) {
      long quant = record + (header + (long) b * quants) * rows;
      block.copyNibbles(packed, quant, rows, row, (scaled ? 8 : 2) + 16 * b);
      if (scaled) {
        int scale = Block.u8(packed, record + ((long) sub + b) * rows + row);
        block.or(2 + b / 4, scale >> 4 << b % 4 * 2);
        block.or(4 + b / 2, (scale & 15) << b % 2 * 4);
      }
    }
  }
}
