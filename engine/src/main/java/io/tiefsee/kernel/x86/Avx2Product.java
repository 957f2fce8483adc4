package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.kernel.x86.PackedFormat.Minimum;

/**
 * Products with AVX2: {@code vpmaddubsw} multiplies u8 weights with s8 activations and adds pairs
 * to int16, as many of these are added as are sure to fit, {@code vpmaddwd} makes int32 of them.
 * Signed weights go in as |w| and sign(w)·x.
 *
 * <p>Registers, for a tile of four: ymm0–3 the results, ymm4–7 sums of int16, ymm8–11 of int32.
 */
final class Avx2Product extends ProductLoop {
  private static final int TILE = 4;
  private static final Vec ABSOLUTE = ymm4;
  private final Mem ones;

  Avx2Product(PackedFormat format) {
    super(format, 8, TILE);
    ones = s.everyInt(0x10001);
  }

  private static Vec result(int t) {
    return ymm(t);
  }

  private static Vec shorts(int t) {
    return ymm(4 + t);
  }

  private Vec ints(int t) {
    return format.sumsInShort() == 8 ? shorts(t) : ymm(8 + t);
  }

  @Override
  void start(int tokens) {
    for (int t = 0; t < tokens; t++) {
      a.vxorps(result(t), result(t), result(t));
    }
    a.vmovdqu(s.nibble, s.everyByte(15));
    format.constants(s);
  }

  @Override
  void block(int tokens) {
    if (tokens == 1) {
      prefetch();
    }
    boolean fresh = true;
    if (format.fine()) {
      fresh = fineScales(tokens);
    }
    int run = format.sumsInShort();
    for (int step = 0; step < 8; step++) {
      int k = format.weights(s, step);
      if (format.signed()) {
        a.vpabsb(ABSOLUTE, s.w);
        for (int t = 0; t < tokens; t++) {
          a.vpbroadcastd(s.temp, quants(t, k));
          a.vpsignb(s.temp, s.temp, s.w);
          a.vpmaddubsw(s.temp, ABSOLUTE, s.temp);
          widen(t, s.temp, step, fresh && step == 0);
        }
        continue;
      }
      boolean first = step % run == 0;
      boolean last = step % run == run - 1;
      for (int t = 0; t < tokens; t++) {
        a.vpbroadcastd(s.temp, quants(t, k));
        a.vpmaddubsw(first ? shorts(t) : s.temp, s.w, s.temp);
        if (!first) {
          a.vpaddw(shorts(t), shorts(t), s.temp);
        }
        if (last) {
          widen(t, shorts(t), step, fresh && step == run - 1);
        }
      }
    }
    format.factors(s);
    for (int t = 0; t < tokens; t++) {
      addBlock(t);
    }
  }

  /** Adds pairs of int16, with the scale of 16 columns if the format has those, to the int32. */
  private void widen(int t, Vec sums, int step, boolean first) {
    Mem factor = format.fine() ? spill(step / 4) : ones;
    a.vpmaddwd(first ? ints(t) : sums, sums, factor);
    if (!first) {
      a.vpaddd(ints(t), ints(t), sums);
    }
  }

  /** y += scale of x · factor · sum, and the part of the minimum. */
  private void addBlock(int t) {
    Minimum minimum = format.minimum(false);
    a.vcvtdq2ps(ints(t), ints(t));
    a.vmulps(ints(t), ints(t), s.w);
    if (format.fine() && minimum != Minimum.NONE) {
      a.vpbroadcastd(s.temp, xSum(t));
      a.vpmaddwd(s.temp, s.temp, spill(2));
      a.vcvtdq2ps(s.temp, s.temp);
      a.vfnmadd231ps(ints(t), s.temp, s.keep);
    }
    a.vbroadcastss(s.temp, xScale(t));
    a.vfmadd231ps(result(t), ints(t), s.temp);
    if (format.fine() || minimum == Minimum.NONE) {
      return;
    }
    a.vbroadcastss(s.temp, xSum(t));
    if (minimum == Minimum.ADDED) {
      a.vfmadd231ps(result(t), s.keep, s.temp);
    } else {
      a.vfnmadd231ps(result(t), s.keep, s.temp);
    }
  }

  /**
   * Spills the scales of both halves as int16, and pairs of what multiplies the sums of the halves.
   *
   * @return whether the int32 sums are still to be started
   */
  private boolean fineScales(int tokens) {
    format.scales16(s, 1);
    a.vmovdqu(spill(1), s.w);
    a.vmovdqa(s.keep, s.w);
    format.scales16(s, 0);
    a.vmovdqu(spill(0), s.w);
    if (format.minimum(false) != Minimum.NONE) {
      format.minima16(s);
      a.vmovdqu(spill(2), s.w);
      return true;
    }
    a.vpblendw(s.w, s.w, s.keep, 0xAA);
    a.vpsllw(s.w, s.w, format.offsetBits());
    for (int t = 0; t < tokens; t++) {
      a.vpbroadcastd(s.temp, xSum(t));
      a.vpxor(ints(t), ints(t), ints(t));
      a.vpmaddwd(s.temp, s.temp, s.w);
      a.vpsubd(ints(t), ints(t), s.temp);
    }
    return false;
  }

  private void prefetch() {
    int bytes = format.recordBytes() * 8 / format.blocks;
    for (int at = 0; at < bytes; at += 64) {
      a.prefetcht0(mem(PackedFormat.QUANTS, PREFETCH + at));
    }
  }

  private static final int PREFETCH = Integer.getInteger("x.pf", 1536);

  @Override
  void store(int tokens) {
    Label part = a.label();
    Label end = a.label();
    a.cmp(rsi, 8);
    a.jl(part);
    for (int t = 0; t < tokens; t++) {
      a.vmovups(y(t), result(t));
    }
    a.jmp(end);
    a.bind(part);
    a.lea(rbp, mem(a.ints(-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0), 32));
    a.shl(rsi, 2);
    a.sub(rbp, rsi);
    a.vmovdqu(s.temp, mem(rbp));
    for (int t = 0; t < tokens; t++) {
      a.vmaskmovps(y(t), s.temp, result(t));
    }
    a.bind(end);
  }
}
