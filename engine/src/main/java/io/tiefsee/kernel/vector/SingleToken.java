package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Lanes.LE;
import static io.tiefsee.kernel.vector.Panel.ROWS;
import static io.tiefsee.kernel.vector.PanelSums.CHAIN;
import static io.tiefsee.kernel.vector.QuantFormat.UNIT;
import static io.tiefsee.kernel.vector.Rows16.F;
import static io.tiefsee.kernel.vector.Rows16.I;
import static io.tiefsee.kernel.vector.Rows16.L;
import static io.tiefsee.kernel.vector.Rows16.S;
import static io.tiefsee.kernel.vector.Rows16.plain;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Products for one token, straight from packed weights, as {@link Spread} explains. Two registers
 * of rows share each activation. What is added up, and in which order, is what {@link PanelSums}
 * and {@link Scaling} add up for four tokens.
 */
final class SingleToken {
  /** Makes the sum of two products in a low short positive, as a number without sign. */
  static final int BIAS = 0x8000;

  private static final VectorOperators.Binary SHL = VectorOperators.LSHL;
  private static final VectorOperators.Binary SHR = VectorOperators.LSHR;
  private static final VectorOperators.Binary SAR = VectorOperators.ASHR;
  private static final VectorOperators.Conversion<Integer, Float> I2F = VectorOperators.I2F;

  private SingleToken() {}

  /**
   * y[t] += the product of a chunk.
   *
   * @param panel with the scales and minima of the chunk
   * @param g codes of the first group
   * @param h codes of the second
   * @param subs how many times 32 columns
   * @param t token
   * @param c first column
   * @param sums room for the sums of the chunk
   * @param y sums of all tokens, 32 floats each
   */
  static void add(
      QuantFormat format,
      Panel panel,
      long g,
      long h,
      int subs,
      Spread x,
      int t,
      int c,
      int[] sums,
      float[] y) {
    int chain = c / format.chainColumns();
    int chains = 32 * subs / format.chainColumns();
    int m = x.pairsAt(t) + chain * x.slotsPerChain();
    int i = x.startsAt(t) + chain * (format.bits() == 8 ? format.units() : 1);
    int s = x.scalesAt(t) + c / 32;
    int b = x.sumsAt(t) + chain;
    for (int r = 0; r < ROWS; r += 2 * L) {
      long p = Panel.row(g, h, r);
      long q = Panel.row(g, h, r + L);
      int at = ROWS * t + r;
      switch (format.bits()) {
        case 2, 3 -> small(format, p, q, chains, x, m, i, sums, r);
        case 4, 5, 6 -> fields(format, p, q, chains, panel, x, m, i, s, b, r, y, at);
        default -> bytes(p, q, chains, panel.scales, x, m, i, s, r, y, at);
      }
    }
    if (format.bits() < 4) {
      Scaling.add(format, panel, subs, sums, 0, x, t, c, y);
    }
  }

  /**
   * Four fields a short, the first at bit 0. Scaled at once, by the steps of {@link Scaling}.
   *
   * @param at where the pairs begin
   * @param start where the starts begin
   * @param scale where the scales of the activations begin
   * @param sum where their sums begin
   * @param r first row
   * @param o where the sums of this row are in y
   */
  private static void fields(
      QuantFormat format,
      long p,
      long q,
      int chains,
      Panel panel,
      Spread x,
      int at,
      int start,
      int scale,
      int sum,
      int r,
      float[] y,
      int o) {
    p = plain(p);
    q = plain(q);
    final int units = format.units();
    final int s1 = format.shift(1);
    final int s2 = format.shift(2);
    final int s3 = format.shift(3);
    final int twoAScale = format.scalesShift();
    final boolean hasMin = format.hasMin();
    int[] m = x.pairs();
    int[] starts = x.starts();
    float[] scales = x.scales();
    float[] offsets = x.sums();
    float[] lines = panel.scales;
    float[] minima = panel.minima;
    FloatVector f = FloatVector.fromArray(F, y, o);
    FloatVector g = FloatVector.fromArray(F, y, o + L);
    FloatVector fMin = FloatVector.zero(F);
    FloatVector gMin = fMin;
    ShortVector a = ShortVector.zero(S);
    ShortVector b = a;
    int c = 0;
    int k = 0;
    for (int u = 0; u < units * chains; u++) {
      if (k == 0) {
        a = IntVector.broadcast(I, starts[start + c]).reinterpretAsShorts();
        b = a;
      }
      ShortVector v = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * u, LE);
      ShortVector w = ShortVector.fromMemorySegment(S, ALL, q + (long) UNIT * u, LE);
      ShortVector z = IntVector.broadcast(I, m[at + 4 * u]).reinterpretAsShorts();
      a = a.add(v.mul(z));
      b = b.add(w.mul(z));
      z = IntVector.broadcast(I, m[at + 4 * u + 1]).reinterpretAsShorts();
      a = a.add(v.lanewise(SHR, s1).mul(z));
      b = b.add(w.lanewise(SHR, s1).mul(z));
      z = IntVector.broadcast(I, m[at + 4 * u + 2]).reinterpretAsShorts();
      a = a.add(v.lanewise(SHR, s2).mul(z));
      b = b.add(w.lanewise(SHR, s2).mul(z));
      z = IntVector.broadcast(I, m[at + 4 * u + 3]).reinterpretAsShorts();
      a = a.add(v.lanewise(SHR, s3).mul(z));
      b = b.add(w.lanewise(SHR, s3).mul(z));
      if (++k < units) {
        continue;
      }
      k = 0;
      int line = ROWS * c + r;
      FloatVector d = FloatVector.broadcast(F, scales[scale + (c >> twoAScale)]);
      IntVector i = a.reinterpretAsInts();
      i = i.lanewise(SHL, 16).lanewise(SAR, 16).add(i.lanewise(SAR, 16));
      FloatVector n = ((FloatVector) i.convert(I2F, 0)).mul(d);
      f = n.fma(FloatVector.fromArray(F, lines, line), f);
      i = b.reinterpretAsInts();
      i = i.lanewise(SHL, 16).lanewise(SAR, 16).add(i.lanewise(SAR, 16));
      n = ((FloatVector) i.convert(I2F, 0)).mul(d);
      g = n.fma(FloatVector.fromArray(F, lines, line + L), g);
      if (hasMin) {
        d = FloatVector.broadcast(F, offsets[sum + c]);
        fMin = FloatVector.fromArray(F, minima, line).fma(d, fMin);
        gMin = FloatVector.fromArray(F, minima, line + L).fma(d, gMin);
      }
      c++;
    }
    if (hasMin) {
      f = f.add(fMin);
      g = g.add(gMin);
    }
    f.intoArray(y, o);
    g.intoArray(y, o + L);
  }

  /** Eight fields a short, or five and a bit; the sums of low and high shorts side by side. */
  private static void small(
      QuantFormat format,
      long p,
      long q,
      int chains,
      Spread x,
      int at,
      int start,
      int[] to,
      int o) {
    p = plain(p);
    q = plain(q);
    int[] m = x.pairs();
    int[] starts = x.starts();
    final int units = format.units();
    final int n = format.shiftCount();
    final int bits = format.bits();
    for (int c = 0; c < chains; c++) {
      ShortVector a = IntVector.broadcast(I, starts[start + c]).reinterpretAsShorts();
      ShortVector b = a;
      for (int u = units * c; u < units * c + units; u++) {
        ShortVector v = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * u, LE);
        ShortVector w = ShortVector.fromMemorySegment(S, ALL, q + (long) UNIT * u, LE);
        for (int j = n * u; j < n * u + n; j++) {
          ShortVector y = IntVector.broadcast(I, m[at + j]).reinterpretAsShorts();
          a = a.add(v.mul(y));
          b = b.add(w.mul(y));
          v = v.lanewise(SHR, bits);
          w = w.lanewise(SHR, bits);
        }
      }
      a.reinterpretAsInts().intoArray(to, o + CHAIN * c);
      b.reinterpretAsInts().intoArray(to, o + CHAIN * c + L);
    }
  }

  /** Two bytes a short, scaled at once. */
  private static void bytes(
      long p,
      long q,
      int chains,
      float[] lines,
      Spread x,
      int at,
      int start,
      int scale,
      int r,
      float[] y,
      int o) {
    p = plain(p);
    q = plain(q);
    int[] m = x.pairs();
    int[] starts = x.starts();
    float[] scales = x.scales();
    ShortVector bias = IntVector.broadcast(I, BIAS).reinterpretAsShorts();
    FloatVector f = FloatVector.fromArray(F, y, o);
    FloatVector g = FloatVector.fromArray(F, y, o + L);
    IntVector a = IntVector.zero(I);
    IntVector aHigh = a;
    IntVector b = a;
    IntVector bHigh = a;
    for (int u = 0; u < 8 * chains; u++) {
      ShortVector v = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * u, LE);
      ShortVector w = ShortVector.fromMemorySegment(S, ALL, q + (long) UNIT * u, LE);
      ShortVector s = IntVector.broadcast(I, starts[start + u]).reinterpretAsShorts().add(bias);
      ShortVector k = IntVector.broadcast(I, m[at + 2 * u]).reinterpretAsShorts();
      ShortVector z = IntVector.broadcast(I, m[at + 2 * u + 1]).reinterpretAsShorts();
      IntVector two = s.add(v.mul(k)).add(v.lanewise(SHR, 8).mul(z)).reinterpretAsInts();
      a = a.add(two);
      aHigh = aHigh.add(two.lanewise(SAR, 16));
      two = s.add(w.mul(k)).add(w.lanewise(SHR, 8).mul(z)).reinterpretAsInts();
      b = b.add(two);
      bHigh = bHigh.add(two.lanewise(SAR, 16));
      if (u % 8 < 7) {
        continue;
      }
      int c = u / 8;
      int line = ROWS * c + r;
      FloatVector d = FloatVector.broadcast(F, scales[scale + c]);
      a = a.sub(aHigh.lanewise(SHL, 16)).sub(8 * BIAS).add(aHigh);
      f = ((FloatVector) a.convert(I2F, 0)).mul(d).fma(FloatVector.fromArray(F, lines, line), f);
      b = b.sub(bHigh.lanewise(SHL, 16)).sub(8 * BIAS).add(bHigh);
      g =
          ((FloatVector) b.convert(I2F, 0))
              .mul(d)
              .fma(FloatVector.fromArray(F, lines, line + L), g);
      a = IntVector.zero(I);
      aHigh = a;
      b = a;
      bHigh = a;
    }
    f.intoArray(y, o);
    g.intoArray(y, o + L);
  }
}
