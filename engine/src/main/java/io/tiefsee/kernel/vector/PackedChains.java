package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Panel.LINE;
import static io.tiefsee.kernel.vector.QuantFormat.UNIT;
import static io.tiefsee.kernel.vector.Rows16.BYTES;
import static io.tiefsee.kernel.vector.Rows16.S;
import static io.tiefsee.kernel.vector.Rows16.shorts;

import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The int16 sums of {@link QuantTile} for one token, straight from packed weights, for two groups
 * of sixteen rows at a time, which share the activations.
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
      case 6 -> differences(x, from, extra, cols, 2, 1);
      default -> {}
    }
    if (bits == 3) {
      differences(x, from, extra, cols, 1, 4);
    }
    int n = columnsPerSum(format);
    int center = bits == 8 ? 8 : bits == 6 ? 2 : format.center();
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
   * Sums of the chains of a chunk of two groups, one at every fourth {@link Panel#LINE}, as {@link
   * QuantTile} has them; those of the second group come after those of the first.
   *
   * @param g address of the chunk in the first group
   * @param h address of the chunk in the second
   * @param subs how many times 32 columns
   * @param c first column
   */
  void run(QuantFormat format, long g, long h, int slice, int subs, int c, short[] to) {
    int n = columnsPerSum(format);
    for (int sub = 0; sub < subs; sub++) {
      long p = g + format.codes(sub) + (long) slice * BYTES;
      long q = h + format.codes(sub) + (long) slice * BYTES;
      int column = c + 32 * sub;
      int at = STEP * format.chains() * sub;
      if (format.planes() == 2) {
        start(column / n, to, at);
        clear(to, at + STEP);
        eightBits(p, q, main, column, to, at);
        continue;
      }
      if (format.bits() == 6) {
        sixBits(p, q, 8 * UNIT, column, to, at);
        sixBits(p + 4 * UNIT, q + 4 * UNIT, 6 * UNIT, column + 16, to, at + 2 * STEP);
        continue;
      }
      for (int k = 0; k < 32 / n; k++) {
        start((column + n * k) / n, to, at + STEP * k);
      }
      switch (format.bits()) {
        case 2 -> {
          twoBits(p, q, 2, main, column, to, at);
          twoBits(p + 2 * UNIT, q + 2 * UNIT, 2, main, column + 16, to, at + STEP);
        }
        case 3 -> {
          twoBits(p, q, 2, main, column, to, at);
          oneBits(p + 4 * UNIT, q + 4 * UNIT, extra, column, to, at);
          twoBits(p + 2 * UNIT, q + 2 * UNIT, 2, main, column + 16, to, at + STEP);
          oneBits(p + 5 * UNIT, q + 5 * UNIT, extra, column + 16, to, at + STEP);
        }
        case 4 -> fourBits(p, q, 8, main, column, to, at);
        default -> {
          fourBits(p, q, 4, main, column, to, at);
          oneBits(p + 8 * UNIT, q + 8 * UNIT, extra, column, to, at);
          fourBits(p + 4 * UNIT, q + 4 * UNIT, 4, main, column + 16, to, at + STEP);
          oneBits(p + 9 * UNIT, q + 9 * UNIT, extra, column + 16, to, at + STEP);
        }
      }
    }
  }

  /** Here six bits are two planes, four bits and two, over 16 columns. */
  private static int columnsPerSum(QuantFormat format) {
    return format.bits() == 6 ? 16 : format.columnsPerSum();
  }

  /** How far the second of a pair of chains is to be shifted left. */
  static int shift(QuantFormat format) {
    return format.planes() == 2 || format.bits() == 6 ? 4 : 0;
  }

  private void start(int chain, short[] to, int at) {
    ShortVector v = ShortVector.broadcast(S, (short) -centers[chain]);
    v.intoArray(to, at);
    v.intoArray(to, at + LINE);
  }

  private static void clear(short[] to, int at) {
    ShortVector.zero(S).intoArray(to, at);
    ShortVector.zero(S).intoArray(to, at + LINE);
  }

  /** Σ nibble · x, then Σ (two bits − 2) · x; {@code two} is the way to the two bits. */
  private void sixBits(long p, long q, int two, int c, short[] to, int at) {
    clear(to, at);
    start(c / 16, to, at + STEP);
    fourBits(p, q, 4, main, c, to, at);
    twoBits(p + two, q + two, 2, extra, c, to, at + STEP);
  }

  private static void fourBits(long p, long q, int units, short[] x, int c, short[] to, int at) {
    ShortVector a = ShortVector.fromArray(S, to, at);
    ShortVector b = ShortVector.fromArray(S, to, at + LINE);
    ShortVector d = ShortVector.zero(S);
    ShortVector e = d;
    for (int k = 0; k < units; k++) {
      ShortVector v = shorts(p + (long) k * UNIT);
      ShortVector w = shorts(q + (long) k * UNIT);
      int j = c + 4 * k;
      ShortVector f = ShortVector.broadcast(S, x[j]);
      a = a.add(v.mul(f));
      b = b.add(w.mul(f));
      f = ShortVector.broadcast(S, x[j + 1]);
      d = d.add(v.lanewise(SHR, 4).mul(f));
      e = e.add(w.lanewise(SHR, 4).mul(f));
      f = ShortVector.broadcast(S, x[j + 2]);
      a = a.add(v.lanewise(SHR, 8).mul(f));
      b = b.add(w.lanewise(SHR, 8).mul(f));
      f = ShortVector.broadcast(S, x[j + 3]);
      d = d.add(v.lanewise(SHR, 12).mul(f));
      e = e.add(w.lanewise(SHR, 12).mul(f));
    }
    a.add(d).intoArray(to, at);
    b.add(e).intoArray(to, at + LINE);
  }

  private static void twoBits(long p, long q, int units, short[] x, int c, short[] to, int at) {
    ShortVector a = ShortVector.fromArray(S, to, at);
    ShortVector b = ShortVector.fromArray(S, to, at + LINE);
    for (int k = 0; k < units; k++) {
      ShortVector v = shorts(p + (long) k * UNIT);
      ShortVector w = shorts(q + (long) k * UNIT);
      for (int j = c + 8 * k; j < c + 8 * k + 8; j++) {
        ShortVector f = ShortVector.broadcast(S, x[j]);
        a = a.add(v.mul(f));
        b = b.add(w.mul(f));
        v = v.lanewise(SHR, 2);
        w = w.lanewise(SHR, 2);
      }
    }
    a.intoArray(to, at);
    b.intoArray(to, at + LINE);
  }

  private static void oneBits(long p, long q, short[] x, int c, short[] to, int at) {
    ShortVector a = ShortVector.fromArray(S, to, at);
    ShortVector b = ShortVector.fromArray(S, to, at + LINE);
    ShortVector v = shorts(p);
    ShortVector w = shorts(q);
    for (int j = c; j < c + 16; j++) {
      ShortVector f = ShortVector.broadcast(S, x[j]);
      a = a.add(v.mul(f));
      b = b.add(w.mul(f));
      v = v.lanewise(SHR, 1);
      w = w.lanewise(SHR, 1);
    }
    a.intoArray(to, at);
    b.intoArray(to, at + LINE);
  }

  /** q + 8 = 16 · high + low: two chains, as in the planes of a {@link Panel}. */
  private static void eightBits(long p, long q, short[] x, int c, short[] to, int at) {
    for (int o = 0; o < 2; o++) {
      long from = o == 0 ? p : q;
      ShortVector l = ShortVector.fromArray(S, to, at + LINE * o);
      ShortVector h = ShortVector.fromArray(S, to, at + LINE * o + STEP);
      for (int k = 0; k < 16; k++) {
        ShortVector v = shorts(from + (long) k * UNIT);
        ShortVector f = ShortVector.broadcast(S, x[c + 2 * k]);
        ShortVector u = v.lanewise(SHL, 8).lanewise(SAR, 8).add((short) 8);
        l = l.add(u.and((short) 15).mul(f));
        h = h.add(u.lanewise(SAR, 4).mul(f));
        f = ShortVector.broadcast(S, x[c + 2 * k + 1]);
        u = v.lanewise(SAR, 8).add((short) 8);
        l = l.add(u.and((short) 15).mul(f));
        h = h.add(u.lanewise(SAR, 4).mul(f));
      }
      l.intoArray(to, at + LINE * o);
      h.intoArray(to, at + LINE * o + STEP);
    }
  }
}
