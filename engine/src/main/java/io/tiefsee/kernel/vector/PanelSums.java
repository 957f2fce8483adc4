package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Panel.LINE;
import static io.tiefsee.kernel.vector.Panel.ROWS;
import static io.tiefsee.kernel.vector.Rows16.I;
import static io.tiefsee.kernel.vector.Rows16.L;
import static io.tiefsee.kernel.vector.Rows16.S;
import static io.tiefsee.kernel.vector.SingleToken.BIAS;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Integer sums of chains of a {@link Panel} for four tokens: [chains of a chunk][4 tokens][32
 * rows], int16 sums of low and high shorts side by side or, where quants have eight bits, int32
 * sums. Two registers of rows share each activation; only so does the compiler broadcast it from
 * memory.
 */
final class PanelSums {
  /** Room for the sums of a chain. */
  static final int CHAIN = 4 * ROWS;

  private static final VectorOperators.Binary SHL = VectorOperators.LSHL;
  private static final VectorOperators.Binary SAR = VectorOperators.ASHR;

  private PanelSums() {}

  /**
   * Sums of {@code chains} chains for tokens [t, t + 4).
   *
   * @param c first column
   */
  static void add(QuantFormat format, Panel panel, int chains, Spread x, int t, int c, int[] to) {
    int at = x.pairsAt(t) + 2 * c;
    for (int r = 0; r < ROWS; r += 2 * L) {
      if (format.isWide()) {
        wide(panel.quants, 2 * r, chains, x.pairs(), at, to, r);
        wide(panel.quants, 2 * r, chains, x.pairs(), at + 2, to, r + 2 * ROWS);
      } else {
        narrow(panel.quants, 2 * r, format.lines(), chains, x.pairs(), at, to, r);
      }
    }
  }

  /** int16 sums over {@code lines} lines a chain. */
  private static void narrow(
      short[] w, int from, int lines, int chains, int[] x, int at, int[] to, int o) {
    ShortVector a = ShortVector.zero(S);
    ShortVector b = a;
    ShortVector c = a;
    ShortVector d = a;
    ShortVector e = a;
    ShortVector f = a;
    ShortVector g = a;
    ShortVector h = a;
    int p = o;
    int left = lines;
    for (int k = 0; k < lines * chains; k++) {
      ShortVector v = ShortVector.fromArray(S, w, from + LINE * k);
      ShortVector u = ShortVector.fromArray(S, w, from + LINE * k + 2 * L);
      int m = at + 4 * k;
      ShortVector y = IntVector.broadcast(I, x[m]).reinterpretAsShorts();
      a = a.add(v.mul(y));
      b = b.add(u.mul(y));
      y = IntVector.broadcast(I, x[m + 1]).reinterpretAsShorts();
      c = c.add(v.mul(y));
      d = d.add(u.mul(y));
      y = IntVector.broadcast(I, x[m + 2]).reinterpretAsShorts();
      e = e.add(v.mul(y));
      f = f.add(u.mul(y));
      y = IntVector.broadcast(I, x[m + 3]).reinterpretAsShorts();
      g = g.add(v.mul(y));
      h = h.add(u.mul(y));
      if (--left > 0) {
        continue;
      }
      a.reinterpretAsInts().intoArray(to, p);
      b.reinterpretAsInts().intoArray(to, p + L);
      c.reinterpretAsInts().intoArray(to, p + ROWS);
      d.reinterpretAsInts().intoArray(to, p + ROWS + L);
      e.reinterpretAsInts().intoArray(to, p + 2 * ROWS);
      f.reinterpretAsInts().intoArray(to, p + 2 * ROWS + L);
      g.reinterpretAsInts().intoArray(to, p + 3 * ROWS);
      h.reinterpretAsInts().intoArray(to, p + 3 * ROWS + L);
      a = ShortVector.zero(S);
      b = a;
      c = a;
      d = a;
      e = a;
      f = a;
      g = a;
      h = a;
      p += CHAIN;
      left = lines;
    }
  }

  /** Quants of eight bits, two tokens of the four: two products, then int32. */
  private static void wide(short[] w, int from, int chains, int[] x, int at, int[] to, int o) {
    ShortVector bias = IntVector.broadcast(I, BIAS).reinterpretAsShorts();
    IntVector a = IntVector.zero(I);
    IntVector aHigh = a;
    IntVector b = a;
    IntVector bHigh = a;
    IntVector c = a;
    IntVector cHigh = a;
    IntVector d = a;
    IntVector dHigh = a;
    for (int k = 0; k < 16 * chains; k += 2) {
      int m = at + 4 * k;
      ShortVector v = ShortVector.fromArray(S, w, from + LINE * k);
      ShortVector u = ShortVector.fromArray(S, w, from + LINE * k + LINE);
      ShortVector vB = ShortVector.fromArray(S, w, from + LINE * k + 2 * L);
      ShortVector uB = ShortVector.fromArray(S, w, from + LINE * k + LINE + 2 * L);
      ShortVector y = IntVector.broadcast(I, x[m]).reinterpretAsShorts();
      ShortVector z = IntVector.broadcast(I, x[m + 4]).reinterpretAsShorts();
      IntVector two = v.mul(y).add(bias).add(u.mul(z)).reinterpretAsInts();
      a = a.add(two);
      aHigh = aHigh.add(two.lanewise(SAR, 16));
      two = vB.mul(y).add(bias).add(uB.mul(z)).reinterpretAsInts();
      b = b.add(two);
      bHigh = bHigh.add(two.lanewise(SAR, 16));
      y = IntVector.broadcast(I, x[m + 1]).reinterpretAsShorts();
      z = IntVector.broadcast(I, x[m + 5]).reinterpretAsShorts();
      two = v.mul(y).add(bias).add(u.mul(z)).reinterpretAsInts();
      c = c.add(two);
      cHigh = cHigh.add(two.lanewise(SAR, 16));
      two = vB.mul(y).add(bias).add(uB.mul(z)).reinterpretAsInts();
      d = d.add(two);
      dHigh = dHigh.add(two.lanewise(SAR, 16));
      if (k % 16 < 14) {
        continue;
      }
      int p = o + CHAIN * (k / 16);
      a.sub(aHigh.lanewise(SHL, 16)).sub(8 * BIAS).add(aHigh).intoArray(to, p);
      b.sub(bHigh.lanewise(SHL, 16)).sub(8 * BIAS).add(bHigh).intoArray(to, p + L);
      c.sub(cHigh.lanewise(SHL, 16)).sub(8 * BIAS).add(cHigh).intoArray(to, p + ROWS);
      d.sub(dHigh.lanewise(SHL, 16)).sub(8 * BIAS).add(dHigh).intoArray(to, p + ROWS + L);
      a = IntVector.zero(I);
      aHigh = a;
      b = a;
      bHigh = a;
      c = a;
      cHigh = a;
      d = a;
      dHigh = a;
    }
  }
}
