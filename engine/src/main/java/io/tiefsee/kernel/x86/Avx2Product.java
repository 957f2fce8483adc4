package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.kernel.x86.PackedFormat.Minimum;

/**
 * Products with AVX2: {@code vpmaddubsw} multiplies u8 weights with s8 activations and adds pairs
 * to int16, as many of these are added as are sure to fit, {@code vpmaddwd} makes int32 of them.
 * Signed weights go in as |w| and sign(w)·x.
 *
 * <p>Registers: from ymm0 on a sum of int16 or int32 for each token of the tile; results follow if
 * the tile has four tokens at most, else they are in memory. ymm8–11 are weights of up to four
 * steps, ymm12–15 are temporary or belong to the format.
 */
final class Avx2Product extends ProductLoop {
  /** Largest tile whose results stay in registers. */
  private static final int SMALL = 4;

  private static final Vec ABSOLUTE = ymm9;
  private static final Vec PAIRS = ymm12;
  private final Mem ones;

  Avx2Product(PackedFormat format) {
    super(format, 8);
    ones = s.everyInt(0x10001);
  }

  private static Vec sums(int t) {
    return ymm(t);
  }

  private static Vec result(int t, int tokens) {
    return ymm(tokens + t);
  }

  private static Vec weights(int i) {
    return ymm(8 + i);
  }

  @Override
  void start(int tokens) {
    if (tokens > SMALL) {
      a.vxorps(ymm0, ymm0, ymm0);
    }
    for (int t = 0; t < tokens; t++) {
      if (tokens > SMALL) {
        a.vmovaps(sum(t), ymm0);
      } else {
        a.vxorps(result(t, tokens), result(t, tokens), result(t, tokens));
      }
    }
    a.vmovdqu(s.nibble, s.everyByte(15));
    format.constants(s);
  }

  @Override
  void block(int tokens) {
    fetchAhead(tokens);
    boolean fresh = true;
    if (format.fine()) {
      fresh = fineScales(tokens);
    }
    int steps = Math.min(4, format.sumsInShort());
    int[] k = new int[steps];
    for (int step = 0; step < 8; step += steps) {
      for (int i = 0; i < steps; i++) {
        k[i] = format.weights(s, step + i, weights(i));
      }
      if (format.signed()) {
        a.vpabsb(ABSOLUTE, weights(0));
      }
      for (int t = 0; t < tokens; t++) {
        if (format.signed()) {
          a.vpbroadcastd(PAIRS, quants(t, k[0]));
          a.vpsignb(PAIRS, PAIRS, weights(0));
          a.vpmaddubsw(PAIRS, ABSOLUTE, PAIRS);
          widen(t, step, fresh);
        } else if (format.sumsInShort() == 8) {
          multiply(sums(t), t, k, step == 0);
        } else {
          multiply(PAIRS, t, k, true);
          widen(t, step, fresh);
        }
      }
      fresh = false;
    }
    format.factors(s);
    for (int t = 0; t < tokens; t++) {
      addBlock(t, tokens);
    }
  }

  /** Adds the products of some steps to int16 sums. */
  private void multiply(Vec to, int t, int[] k, boolean first) {
    for (int i = 0; i < k.length; i++) {
      boolean start = first && i == 0;
      Vec product = start ? to : s.temp;
      a.vpbroadcastd(s.temp, quants(t, k[i]));
      a.vpmaddubsw(product, weights(i), s.temp);
      if (!start) {
        a.vpaddw(to, to, product);
      }
    }
  }

  /** Adds pairs of int16, with the scale of 16 columns if the format has those, to the int32. */
  private void widen(int t, int step, boolean first) {
    a.vpmaddwd(first ? sums(t) : PAIRS, PAIRS, format.fine() ? spill(step / 4) : ones);
    if (!first) {
      a.vpaddd(sums(t), sums(t), PAIRS);
    }
  }

  /** y += scale of x · factor · sum, and the part of the minimum. */
  private void addBlock(int t, int tokens) {
    Minimum minimum = format.minimum();
    Vec sum = sums(t);
    if (format.sumsInShort() == 8) {
      a.vpmaddwd(sum, sum, ones);
    }
    if (format.offset(false) != 0) {
      a.vpbroadcastd(s.temp, xSum(t, tokens));
      a.vpaddd(sum, sum, s.temp);
    }
    a.vcvtdq2ps(sum, sum);
    a.vmulps(sum, sum, s.factor);
    if (format.fine() && minimum != Minimum.NONE) {
      a.vpbroadcastd(s.temp, xSum(t, tokens));
      a.vpmaddwd(s.temp, s.temp, spill(2));
      a.vcvtdq2ps(s.temp, s.temp);
      a.vfnmadd231ps(sum, s.temp, s.minimum);
    }
    a.vbroadcastss(s.temp, xScale(t, tokens));
    Vec result = tokens > SMALL ? sum : result(t, tokens);
    if (tokens > SMALL) {
      a.vfmadd213ps(sum, s.temp, sum(t));
    } else {
      a.vfmadd231ps(result, sum, s.temp);
    }
    if (!format.fine() && minimum != Minimum.NONE) {
      a.vbroadcastss(s.temp, xSum(t, tokens));
      if (minimum == Minimum.ADDED) {
        a.vfmadd231ps(result, s.minimum, s.temp);
      } else {
        a.vfnmadd231ps(result, s.minimum, s.temp);
      }
    }
    if (tokens > SMALL) {
      a.vmovaps(sum(t), result);
    }
  }

  /**
   * Spills the scales of both halves as int16, and pairs of what multiplies the sums of the halves.
   *
   * @return whether the int32 sums are still to be started
   */
  private boolean fineScales(int tokens) {
    Vec first = weights(0);
    Vec second = weights(1);
    format.scales16(s, 0, first);
    a.vmovdqa(spill(0), first);
    format.scales16(s, 1, second);
    a.vmovdqa(spill(1), second);
    if (format.minimum() != Minimum.NONE) {
      format.minima16(s, first);
      a.vmovdqa(spill(2), first);
      return true;
    }
    a.vpblendw(first, first, second, 0xAA);
    a.vpsllw(first, first, format.offsetBits());
    a.vpxor(second, second, second);
    a.vpsubw(first, second, first);
    for (int t = 0; t < tokens; t++) {
      a.vpbroadcastd(s.temp, xSum(t, tokens));
      a.vpmaddwd(sums(t), s.temp, first);
    }
    return false;
  }

  @Override
  void store(int tokens) {
    if (tokens > SMALL) {
      for (int t = 0; t < tokens; t++) {
        a.vmovaps(ymm(t), sum(t));
      }
    }
    Label part = a.label();
    Label end = a.label();
    a.cmp(rsi, 8);
    a.jl(part);
    for (int t = 0; t < tokens; t++) {
      a.vmovups(y(t), tokens > SMALL ? ymm(t) : result(t, tokens));
    }
    a.jmp(end);
    a.bind(part);
    a.lea(rbp, mem(a.ints(-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0), 32));
    a.shl(rsi, 2);
    a.sub(rbp, rsi);
    a.vmovdqu(s.temp, mem(rbp));
    for (int t = 0; t < tokens; t++) {
      a.vmaskmovps(y(t), s.temp, tokens > SMALL ? ymm(t) : result(t, tokens));
    }
    a.bind(end);
  }
}
