package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Panel.LINE;
import static io.tiefsee.kernel.vector.QuantFormat.UNIT;
import static io.tiefsee.kernel.vector.Rows16.BYTES;
import static io.tiefsee.kernel.vector.Rows16.S;
import static io.tiefsee.kernel.vector.Rows16.shorts;

import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The int16 sums of {@link QuantTile} for one token, straight from packed weights.
 *
 * <p>Let a short hold fields f₀ … of b bits, and uⱼ be the short shifted right by j·b. Then fⱼ = uⱼ
 * − 2ᵇ·uⱼ₊₁, so Σ fⱼ·xⱼ = Σ uⱼ·(xⱼ − 2ᵇ·xⱼ₋₁): with the differences of the activations made
 * beforehand no field needs a mask. All of it is arithmetic modulo 2¹⁶, and so is taking the center
 * from the codes at the end; only the sum itself must fit. An object belongs to one thread.
 */
final class PackedChains {
  private static final VectorOperators.Binary SHL = VectorOperators.LSHL;
  private static final VectorOperators.Binary SHR = VectorOperators.LSHR;
  private static final VectorOperators.Binary SAR = VectorOperators.ASHR;

  /** Differences for the fields of four bits; the quants themselves for eight. */
  private short[] main = {};

  /** Differences for the fields of one or two bits, times what they count. */
  private short[] extra = {};

  /** Sums of eight quants, times the center. */
  private short[] centers = {};

  /** Prepares the quants of one token. */
  void take(QuantFormat format, short[] x, int from, int cols) {
    if (main.length < cols) {
      main = new short[cols];
      extra = new short[cols];
      centers = new short[cols / 8];
    }
    int bits = format.bits();
    if (bits == 8) {
      System.arraycopy(x, from, main, 0, cols);
    } else if (bits >= 4) {
      differences(x, from, main, cols, 4, 1);
    }
    switch (bits) {
      case 2, 3 -> differences(x, from, main, cols, 2, 1);
      case 5 -> differences(x, from, extra, cols, 1, 16);
      case 6 -> differences(x, from, extra, cols, 2, 16);
      default -> {}
    }
    if (bits == 3) {
      differences(x, from, extra, cols, 1, 4);
    }
    int center = bits == 8 ? 8 : format.center();
    for (int i = 0; i < cols / 8; i++) {
      int sum = 0;
      for (int c = 0; c < 8; c++) {
        sum += x[from + 8 * i + c];
      }
      centers[i] = (short) (center * sum);
    }
  }

  private static void differences(short[] x, int from, short[] to, int cols, int bits, int factor) {
    int fields = 16 / bits;
    for (int c = 0; c < cols; c++) {
      int before = c % fields == 0 ? 0 : x[from + c - 1] << bits;
      to[c] = (short) (factor * (x[from + c] - before));
    }
  }

  /**
   * Sums over 32 columns, chain by chain at every fourth {@link Panel#LINE}, as {@link QuantTile}
   * has them.
   *
   * @param p address of the codes
   * @param c column
   * @return the place after the last chain
   */
  int run(QuantFormat format, long p, int slice, int c, short[] to, int at) {
    long q = p + (long) slice * BYTES;
    int end = at + format.chains() * 4 * LINE;
    int next = at + 4 * LINE;
    switch (format.bits()) {
      case 2 -> {
        twoBits(q, 2, main, c).sub(center(c, 2)).intoArray(to, at);
        twoBits(q + 2 * UNIT, 2, main, c + 16).sub(center(c + 16, 2)).intoArray(to, next);
      }
      case 3 -> {
        threeBits(q, q + 4 * UNIT, c, to, at);
        threeBits(q + 2 * UNIT, q + 5 * UNIT, c + 16, to, next);
      }
      case 4 -> fourBits(q, 8, main, c).sub(center(c, 4)).intoArray(to, at);
      case 5 -> {
        fiveBits(q, q + 8 * UNIT, c, to, at);
        fiveBits(q + 4 * UNIT, q + 9 * UNIT, c + 16, to, next);
      }
      case 6 -> {
        for (int i = 0; i < 4; i++) {
          sixBits(q + 2 * UNIT * i, q + (8 + i) * UNIT, c + 8 * i, to, at + 4 * LINE * i);
        }
      }
      default -> eightBits(q, c, to, at);
    }
    return end;
  }

  private short center(int c, int eights) {
    int sum = 0;
    for (int i = 0; i < eights; i++) {
      sum += centers[c / 8 + i];
    }
    return (short) sum;
  }

  private void threeBits(long two, long one, int c, short[] to, int at) {
    ShortVector a = twoBits(two, 2, main, c);
    oneBits(one, extra, c).add(a).sub(center(c, 2)).intoArray(to, at);
  }

  private void fiveBits(long four, long one, int c, short[] to, int at) {
    ShortVector a = fourBits(four, 4, main, c);
    oneBits(one, extra, c).add(a).sub(center(c, 2)).intoArray(to, at);
  }

  private void sixBits(long four, long two, int c, short[] to, int at) {
    ShortVector a = fourBits(four, 2, main, c);
    twoBits(two, 1, extra, c).add(a).sub(center(c, 1)).intoArray(to, at);
  }

  private static ShortVector fourBits(long p, int units, short[] x, int c) {
    ShortVector a = ShortVector.zero(S);
    ShortVector b = a;
    for (int k = 0; k < units; k++) {
      ShortVector v = shorts(p + (long) k * UNIT);
      int j = c + 4 * k;
      a = a.add(v.mul(ShortVector.broadcast(S, x[j])));
      b = b.add(v.lanewise(SHR, 4).mul(ShortVector.broadcast(S, x[j + 1])));
      a = a.add(v.lanewise(SHR, 8).mul(ShortVector.broadcast(S, x[j + 2])));
      b = b.add(v.lanewise(SHR, 12).mul(ShortVector.broadcast(S, x[j + 3])));
    }
    return a.add(b);
  }

  private static ShortVector twoBits(long p, int units, short[] x, int c) {
    ShortVector a = ShortVector.zero(S);
    ShortVector b = a;
    for (int k = 0; k < units; k++) {
      ShortVector v = shorts(p + (long) k * UNIT);
      int j = c + 8 * k;
      a = a.add(v.mul(ShortVector.broadcast(S, x[j])));
      b = b.add(v.lanewise(SHR, 2).mul(ShortVector.broadcast(S, x[j + 1])));
      a = a.add(v.lanewise(SHR, 4).mul(ShortVector.broadcast(S, x[j + 2])));
      b = b.add(v.lanewise(SHR, 6).mul(ShortVector.broadcast(S, x[j + 3])));
      a = a.add(v.lanewise(SHR, 8).mul(ShortVector.broadcast(S, x[j + 4])));
      b = b.add(v.lanewise(SHR, 10).mul(ShortVector.broadcast(S, x[j + 5])));
      a = a.add(v.lanewise(SHR, 12).mul(ShortVector.broadcast(S, x[j + 6])));
      b = b.add(v.lanewise(SHR, 14).mul(ShortVector.broadcast(S, x[j + 7])));
    }
    return a.add(b);
  }

  private static ShortVector oneBits(long p, short[] x, int c) {
    ShortVector a = ShortVector.zero(S);
    ShortVector b = a;
    ShortVector v = shorts(p);
    for (int j = c; j < c + 16; j += 2) {
      a = a.add(v.mul(ShortVector.broadcast(S, x[j])));
      v = v.lanewise(SHR, 1);
      b = b.add(v.mul(ShortVector.broadcast(S, x[j + 1])));
      v = v.lanewise(SHR, 1);
    }
    return a.add(b);
  }

  /** q + 8 = 16 · high + low: two chains, as in the planes of a {@link Panel}. */
  private void eightBits(long p, int c, short[] to, int at) {
    ShortVector l = ShortVector.zero(S);
    ShortVector h = l;
    for (int k = 0; k < 16; k++) {
      ShortVector v = shorts(p + (long) k * UNIT);
      ShortVector x = ShortVector.broadcast(S, main[c + 2 * k]);
      ShortVector u = v.lanewise(SHL, 8).lanewise(SAR, 8).add((short) 8);
      l = l.add(u.and((short) 15).mul(x));
      h = h.add(u.lanewise(SAR, 4).mul(x));
      x = ShortVector.broadcast(S, main[c + 2 * k + 1]);
      u = v.lanewise(SAR, 8).add((short) 8);
      l = l.add(u.and((short) 15).mul(x));
      h = h.add(u.lanewise(SAR, 4).mul(x));
    }
    l.sub(center(c, 4)).intoArray(to, at);
    h.intoArray(to, at + 4 * LINE);
  }
}
