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
  /** From the sums of a chain to those of the next: {@link QuantTile} has room for four tokens. */
  private static final int STEP = 4 * LINE;

  private static final VectorOperators.Binary SHL = VectorOperators.LSHL;
  private static final VectorOperators.Binary SHR = VectorOperators.LSHR;
  private static final VectorOperators.Binary SAR = VectorOperators.ASHR;

  /** Differences for the fields of four bits; the quants themselves for eight. */
  private short[] main = {};

  /** Differences for the fields of one or two bits, times what they count. */
  private short[] extra = {};

  /** What the center adds to each chain. */
  private short[] centers = {};

  /** Prepares the quants of one token. */
  void take(QuantFormat format, short[] x, int from, int cols) {
    if (main.length < cols) {
      main = new short[cols];
      extra = new short[cols];
      centers = new short[Math.ceilDiv(cols, 8)];
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
    int n = format.columnsPerSum();
    for (int i = 0; i < cols / n; i++) {
      int sum = 0;
      for (int c = n * i; c < n * i + n; c++) {
        sum += x[from + c];
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
   * Sums of the chains of a chunk, one at every fourth {@link Panel#LINE}, as {@link QuantTile} has
   * them.
   *
   * @param group address of the chunk
   * @param subs how many times 32 columns
   * @param c first column
   */
  void run(QuantFormat format, long group, int slice, int subs, int c, short[] to) {
    int chain = c / format.columnsPerSum();
    int each = format.chains();
    for (int sub = 0; sub < subs; sub++) {
      long p = group + format.codes(sub) + (long) slice * BYTES;
      int column = c + 32 * sub;
      int at = STEP * each * sub;
      int i = chain + each * sub;
      switch (format.bits()) {
        case 2 -> {
          twoBits(p, column, i, to, at);
          twoBits(p + 2 * UNIT, column + 16, i + 1, to, at + STEP);
        }
        case 3 -> {
          threeBits(p, p + 4 * UNIT, column, i, to, at);
          threeBits(p + 2 * UNIT, p + 5 * UNIT, column + 16, i + 1, to, at + STEP);
        }
        case 4 -> fourBits(p, column, i, to, at);
        case 5 -> {
          fiveBits(p, p + 8 * UNIT, column, i, to, at);
          fiveBits(p + 4 * UNIT, p + 9 * UNIT, column + 16, i + 1, to, at + STEP);
        }
        case 6 -> {
          for (int k = 0; k < 4; k++) {
            long two = p + (8 + k) * UNIT;
            sixBits(p + 2 * UNIT * k, two, column + 8 * k, i + k, to, at + STEP * k);
          }
        }
        default -> eightBits(p, column, chain + sub, to, at);
      }
    }
  }

  private void twoBits(long two, int c, int chain, short[] to, int at) {
    twoBits(two, 2, main, c).sub(centers[chain]).intoArray(to, at);
  }

  private void threeBits(long two, long one, int c, int chain, short[] to, int at) {
    ShortVector a = twoBits(two, 2, main, c);
    oneBits(one, extra, c).add(a).sub(centers[chain]).intoArray(to, at);
  }

  private void fourBits(long four, int c, int chain, short[] to, int at) {
    fourBits(four, 8, main, c).sub(centers[chain]).intoArray(to, at);
  }

  private void fiveBits(long four, long one, int c, int chain, short[] to, int at) {
    ShortVector a = fourBits(four, 4, main, c);
    oneBits(one, extra, c).add(a).sub(centers[chain]).intoArray(to, at);
  }

  private void sixBits(long four, long two, int c, int chain, short[] to, int at) {
    ShortVector a = fourBits(four, 2, main, c);
    twoBits(two, 1, extra, c).add(a).sub(centers[chain]).intoArray(to, at);
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
  private void eightBits(long p, int c, int chain, short[] to, int at) {
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
    l.sub(centers[chain]).intoArray(to, at);
    h.intoArray(to, at + STEP);
  }
}
