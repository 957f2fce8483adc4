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
class Avx512Product extends ProductLoop {
  private static final int GROUP = 16;

  /** Weights; in the end of a block of fine scales, the factors of the first half. */
  static final Vec WEIGHTS = zmm26;

  /** Factors of the second half. */
  static final Vec SECOND = zmm28;

  Avx512Product(PackedFormat format) {
    super(format, GROUP);
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
    blockFactors();
    for (int t = 0; t < tokens; t++) {
      add(result(t), sums(t, 0), sums(t, 1), sums(t, 0), sums(t, 1), t, tokens);
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

  /**
   * The factors of a block: in {@link Simd#factor} and {@link Simd#minimum}; or, if scales are
   * fine, in WEIGHTS and SECOND, the minima as pairs of int16 in {@link Simd#keep}.
   */
  final void blockFactors() {
    if (!format.fine()) {
      format.factors(s);
      return;
    }
    format.scales16(s, 0, WEIGHTS);
    format.scales16(s, 1, SECOND);
    if (format.minimum() != Minimum.NONE) {
      format.minima16(s, s.keep);
    }
    format.factors(s);
    for (Vec scales : new Vec[] {WEIGHTS, SECOND}) {
      a.vpsrad(scales, scales, 16);
      a.vcvtdq2ps(scales, scales);
      a.vmulps(scales, scales, s.factor);
    }
  }

  /**
   * result += scale of x · factor · sum, and the part of the minimum.
   *
   * @param first sums of the block, or of its first half if scales are fine
   * @param second sums of the second half
   * @param value free, as {@code other} is
   */
  final void add(
      Vec result, Operand first, Operand second, Vec value, Vec other, int t, int tokens) {
    Minimum minimum = format.minimum();
    a.vcvtdq2ps(value, first);
    if (format.fine()) {
      a.vcvtdq2ps(other, second);
      a.vmulps(value, value, WEIGHTS);
      a.vfmadd231ps(value, other, SECOND);
      if (minimum != Minimum.NONE) {
        a.vpbroadcastd(s.temp, xSum(t, tokens));
        a.vpmaddwd(s.temp, s.temp, s.keep);
        a.vcvtdq2ps(s.temp, s.temp);
        a.vfnmadd231ps(value, s.temp, s.minimum);
      }
      a.vfmadd231ps(result, value, xScale(t, tokens).bcst());
      return;
    }
    a.vmulps(value, value, s.factor);
    a.vfmadd231ps(result, value, xScale(t, tokens).bcst());
    if (minimum == Minimum.ADDED) {
      a.vfmadd231ps(result, s.minimum, xSum(t, tokens).bcst());
    } else if (minimum == Minimum.SUBTRACTED) {
      a.vfnmadd231ps(result, s.minimum, xSum(t, tokens).bcst());
    }
  }

  @Override
  void store(int tokens) {
    Label part = a.label();
    Label end = a.label();
    a.cmp(rsi, GROUP);
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
