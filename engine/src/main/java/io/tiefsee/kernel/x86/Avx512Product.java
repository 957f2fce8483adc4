package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.kernel.x86.PackedFormat.Minimum;

/**
 * Products with AVX-512 and VNNI: {@code vpdpbusd} multiplies u8 weights with s8 activations, which
 * it broadcasts itself, and adds four to an int32. Signed weights come 128 too large, which the sum
 * of the activations makes good.
 *
 * <p>Registers: zmm0–7 and zmm8–15 sums of the first and second 16 columns, or of all 32 if the
 * format has no fine scales; zmm16–23 the results; the others are temporary or belong to the
 * format.
 */
final class Avx512Product extends ProductLoop {
  private static final int ROWS = 16;

  private static final Vec WEIGHTS = zmm26;

  /** Scales of the second half. */
  private static final Vec SECOND = zmm28;

  Avx512Product(PackedFormat format) {
    super(format, ROWS);
  }

  private static Vec sums(int t, int half) {
    return zmm(8 * half + t);
  }

  private static Vec result(int t) {
    return zmm(16 + t);
  }

  @Override
  void start(int tokens) {
    for (int t = 0; t < tokens; t++) {
      a.vpxord(result(t), result(t), result(t));
    }
    s.load(s.nibble, s.everyByte(15));
    format.constants(s);
  }

  @Override
  void block(int tokens) {
    fetchAhead(tokens);
    for (int t = 0; t < tokens; t++) {
      clear(t, tokens);
    }
    for (int step = 0; step < 8; step++) {
      int k = format.weights(s, step, WEIGHTS);
      int half = format.fine() ? k / 4 : 0;
      for (int t = 0; t < tokens; t++) {
        a.vpdpbusd(sums(t, half), WEIGHTS, quants(t, k).bcst());
      }
    }
    if (format.fine()) {
      addFineBlock(tokens);
    } else {
      addBlock(tokens);
    }
  }

  /** Starts the sums of a token: at zero, or at what makes good the offset of the weights. */
  private void clear(int t, int tokens) {
    Vec first = sums(t, 0);
    Vec second = sums(t, 1);
    if (!format.fine()) {
      if (format.offset(true) != 0) {
        a.vpbroadcastd(first, xSum(t, tokens));
      } else {
        a.vpxord(first, first, first);
      }
    } else if (format.minimum() != Minimum.NONE) {
      a.vpxord(first, first, first);
      a.vpxord(second, second, second);
    } else {
      int offset = -(1 << format.offsetBits());
      a.vpbroadcastd(second, xSum(t, tokens));
      a.vpmaddwd(first, second, s.everyInt(offset & 0xffff));
      a.vpmaddwd(second, second, s.everyInt(offset << 16));
    }
  }

  /** y += scale of x · factor · sum, and the part of the minimum. */
  private void addBlock(int tokens) {
    Minimum minimum = format.minimum();
    format.factors(s);
    for (int t = 0; t < tokens; t++) {
      Vec sum = sums(t, 0);
      a.vcvtdq2ps(sum, sum);
      a.vmulps(sum, sum, s.factor);
      a.vfmadd231ps(result(t), sum, xScale(t, tokens).bcst());
      if (minimum == Minimum.ADDED) {
        a.vfmadd231ps(result(t), s.minimum, xSum(t, tokens).bcst());
      } else if (minimum == Minimum.SUBTRACTED) {
        a.vfnmadd231ps(result(t), s.minimum, xSum(t, tokens).bcst());
      }
    }
  }

  /** As {@link #addBlock} with a scale, and perhaps a minimum, for each 16 columns. */
  private void addFineBlock(int tokens) {
    Vec pairs = s.keep;
    format.scales16(s, 0, WEIGHTS);
    format.scales16(s, 1, SECOND);
    boolean minima = format.minimum() != Minimum.NONE;
    if (minima) {
      format.minima16(s, pairs);
    }
    format.factors(s);
    for (Vec scales : new Vec[] {WEIGHTS, SECOND}) {
      a.vpsrad(scales, scales, 16);
      a.vcvtdq2ps(scales, scales);
      a.vmulps(scales, scales, s.factor);
    }
    for (int t = 0; t < tokens; t++) {
      Vec sum = sums(t, 0);
      Vec second = sums(t, 1);
      a.vcvtdq2ps(sum, sum);
      a.vcvtdq2ps(second, second);
      a.vmulps(sum, sum, WEIGHTS);
      a.vfmadd231ps(sum, second, SECOND);
      if (minima) {
        a.vpbroadcastd(s.temp, xSum(t, tokens));
        a.vpmaddwd(s.temp, s.temp, pairs);
        a.vcvtdq2ps(s.temp, s.temp);
        a.vfnmadd231ps(sum, s.temp, s.minimum);
      }
      a.vfmadd231ps(result(t), sum, xScale(t, tokens).bcst());
    }
  }

  @Override
  void store(int tokens) {
    Label part = a.label();
    Label end = a.label();
    a.cmp(rsi, ROWS);
    a.jl(part);
    for (int t = 0; t < tokens; t++) {
      a.vmovups(y(t), result(t));
    }
    a.jmp(end);
    a.bind(part);
    a.mov(rbp, -1);
    a.bzhi(ebp, ebp, esi);
    a.kmovw(k1, ebp);
    for (int t = 0; t < tokens; t++) {
      a.vmovups(y(t).k(k1), result(t));
    }
    a.bind(end);
  }
}
