package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Panel.LINE;
import static io.tiefsee.kernel.vector.Rows16.F;
import static io.tiefsee.kernel.vector.Rows16.ROWS;
import static io.tiefsee.kernel.vector.Rows16.S;
import static io.tiefsee.kernel.vector.Rows16.SLICES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A {@link Panel} times int8 activations, in two steps. First products are added up as int16 over
 * as many columns as cannot overflow, for four tokens at a time or, straight from the packed
 * weights, for one ({@link PackedChains}); then each token's int16 sums are widened, scaled in f32
 * and added to the sums of the token in ascending order of columns. Integer sums are exact and the
 * second step knows one token only, so the number of tokens changes nothing. The sums of a token
 * are sixteen floats, the rows in order.
 *
 * <p>The loops run over heap arrays, where the compiler proves all indices good before it enters a
 * loop, and methods are small: past some 50 vector operations it stops inlining and allocates
 * instead. An object belongs to one thread.
 */
final class QuantTile {
  /** The int16 sums of four tokens, chain by chain; a chunk has up to 32 chains. */
  private final short[] sums = new short[32 * 4 * LINE];

  /**
   * Adds the products of one chunk of a group with the tokens that go by four to their sums.
   *
   * @param group address of the chunk
   * @param panel with the scales of the chunk; its quants are filled here
   * @param subs how many times 32 columns
   * @param c first column
   * @param y sums, {@link Panel#LINE} a token
   */
  void multiplyByFour(
      QuantFormat format, long group, Panel panel, int subs, int c, Spread x, float[] y) {
    int fours = x.fours(format);
    if (fours == 0) {
      return;
    }
    panel.fillQuants(format, group, subs);
    int shift = format.planes() == 2 ? 4 : 0;
    for (int i = 0; i < SLICES; i++) {
      for (int t = 0; t < fours; t += 4) {
        chains(format, panel.quants, i, subs, x.quants(), x.at(t) + c, x.cols());
        for (int j = 0; j < 4 && t + j < x.tokens(); j++) {
          int first = (x.at(t + j) + c) / 32;
          scale(format, panel, i, subs, j, shift, x.scales(), first, y, LINE * (t + j));
        }
      }
    }
  }

  /** The same with the other tokens, for a chunk of two groups. */
  void multiplyByOne(
      QuantFormat format,
      long group,
      long second,
      Panel panel,
      Panel secondPanel,
      int subs,
      int c,
      Spread x,
      float[] y,
      float[] secondY) {
    int fours = x.fours(format);
    int shift = PackedChains.shift(format);
    for (int i = 0; i < SLICES; i++) {
      for (int t = fours; t < x.tokens(); t++) {
        x.one(t - fours).run(format, group, second, i, subs, c, sums);
        int first = (x.at(t) + c) / 32;
        scale(format, panel, i, subs, 0, shift, x.scales(), first, y, LINE * t);
        scale(format, secondPanel, i, subs, 1, shift, x.scales(), first, secondY, LINE * t);
      }
    }
  }

  /** Adds the minima, after the products. */
  static void addMinima(QuantFormat format, Panel panel, int subs, int c, Spread x, float[] y) {
    if (!format.hasMin()) {
      return;
    }
    for (int t = 0; t < x.tokens(); t++) {
      for (int o = 0; o < LINE; o += ROWS) {
        minima(panel.minima, 2 * subs, x.halves(), (x.at(t) + c) / 16, y, LINE * t, o);
      }
    }
  }

  private void chains(
      QuantFormat format, short[] w, int slice, int subs, short[] x, int xAt, int xs) {
    int n = format.columnsPerSum();
    int planes = format.planes();
    int at = slice * S.length();
    int to = 0;
    for (int c = 0; c < 32 * subs; c += n) {
      for (int plane = 0; plane < planes; plane++) {
        int from = at + LINE * c + Panel.PLANE * plane;
        switch (n) {
          case 8 -> chain4Of8(w, from, x, xAt + c, xs, sums, to);
          case 16 -> chain4Of16(w, from, x, xAt + c, xs, sums, to);
          default -> chain4(w, from, x, xAt + c, xs, 32, sums, to);
        }
        to += 4 * LINE;
      }
    }
  }

  // Methods of their own, so that the compiler knows the number of rounds and unrolls them.

  private static void chain4Of8(short[] w, int at, short[] x, int x0, int xs, short[] to, int o) {
    chain4(w, at, x, x0, xs, 8, to, o);
  }

  private static void chain4Of16(short[] w, int at, short[] x, int x0, int xs, short[] to, int o) {
    chain4(w, at, x, x0, xs, 16, to, o);
  }

  /** int16 sums over {@code n} columns for four tokens. */
  private static void chain4(
      short[] w, int at, short[] x, int x0, int xs, int n, short[] to, int o) {
    int x1 = x0 + xs;
    int x2 = x1 + xs;
    int x3 = x2 + xs;
    ShortVector a = ShortVector.zero(S);
    ShortVector b = a;
    ShortVector c = a;
    ShortVector d = a;
    for (int k = 0; k < n; k++) {
      ShortVector v = ShortVector.fromArray(S, w, at + LINE * k);
      a = a.add(v.mul(ShortVector.broadcast(S, x[x0 + k])));
      b = b.add(v.mul(ShortVector.broadcast(S, x[x1 + k])));
      c = c.add(v.mul(ShortVector.broadcast(S, x[x2 + k])));
      d = d.add(v.mul(ShortVector.broadcast(S, x[x3 + k])));
    }
    a.intoArray(to, o);
    b.intoArray(to, o + LINE);
    c.intoArray(to, o + 2 * LINE);
    d.intoArray(to, o + 3 * LINE);
  }

  /**
   * The int16 sums of token {@code j} of four, scaled, go to the sums at {@code y}. Where two
   * chains share a scale, the second is shifted left.
   */
  private void scale(
      QuantFormat format,
      Panel panel,
      int slice,
      int subs,
      int j,
      int shift,
      float[] scales,
      int first,
      float[] y,
      int at) {
    // How many sums with a scale of their own, and where the next scale is.
    int n = format.scaleColumns() == 16 ? 2 * subs : subs;
    int step = format.scaleColumns() == 16 ? LINE : 2 * LINE;
    int perScale = format.scaleColumns() == 16 ? 1 : 0;
    int o = slice * ROWS;
    if (format.columnsPerSum() * format.planes() == format.scaleColumns()) {
      single(sums, LINE * j, n, panel.scales, o, step, scales, first, perScale, y, at + o);
    } else {
      pairs(sums, LINE * j, shift, n, panel.scales, o, step, scales, first, perScale, y, at + o);
    }
  }

  private static void single(
      short[] sums,
      int from,
      int n,
      float[] lines,
      int line,
      int step,
      float[] scales,
      int first,
      int perScale,
      float[] y,
      int at) {
    FloatVector l = FloatVector.fromArray(F, y, at);
    FloatVector h = FloatVector.fromArray(F, y, at + 8);
    for (int i = 0; i < n; i++) {
      IntVector v = ShortVector.fromArray(S, sums, from + 4 * LINE * i).reinterpretAsInts();
      FloatVector q = FloatVector.broadcast(F, scales[first + (i >> perScale)]);
      IntVector high = v.lanewise(VectorOperators.ASHR, 16);
      IntVector low = v.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
      FloatVector lowF = (FloatVector) low.convert(VectorOperators.I2F, 0);
      FloatVector highF = (FloatVector) high.convert(VectorOperators.I2F, 0);
      l = lowF.mul(q).fma(FloatVector.fromArray(F, lines, line + step * i), l);
      h = highF.mul(q).fma(FloatVector.fromArray(F, lines, line + step * i + 8), h);
    }
    l.intoArray(y, at);
    h.intoArray(y, at + 8);
  }

  /** As {@link #single} of the sum of two chains, the second shifted left. */
  private static void pairs(
      short[] sums,
      int from,
      int shift,
      int n,
      float[] lines,
      int line,
      int step,
      float[] scales,
      int first,
      int perScale,
      float[] y,
      int at) {
    FloatVector l = FloatVector.fromArray(F, y, at);
    FloatVector h = FloatVector.fromArray(F, y, at + 8);
    for (int i = 0; i < n; i++) {
      int p = from + 8 * LINE * i;
      IntVector v = ShortVector.fromArray(S, sums, p).reinterpretAsInts();
      IntVector u = ShortVector.fromArray(S, sums, p + 4 * LINE).reinterpretAsInts();
      FloatVector q = FloatVector.broadcast(F, scales[first + (i >> perScale)]);
      IntVector high =
          v.lanewise(VectorOperators.ASHR, 16)
              .add(u.lanewise(VectorOperators.ASHR, 16).lanewise(VectorOperators.LSHL, shift));
      v = v.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
      u = u.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
      IntVector low = v.add(u.lanewise(VectorOperators.LSHL, shift));
      FloatVector lowF = (FloatVector) low.convert(VectorOperators.I2F, 0);
      FloatVector highF = (FloatVector) high.convert(VectorOperators.I2F, 0);
      l = lowF.mul(q).fma(FloatVector.fromArray(F, lines, line + step * i), l);
      h = highF.mul(q).fma(FloatVector.fromArray(F, lines, line + step * i + 8), h);
    }
    l.intoArray(y, at);
    h.intoArray(y, at + 8);
  }

  /** y += minima · halves, for {@link Rows16#ROWS} rows from {@code o}. */
  private static void minima(
      float[] lines, int n, float[] halves, int first, float[] y, int at, int o) {
    FloatVector a = FloatVector.fromArray(F, y, at + o);
    for (int i = 0; i < n; i++) {
      FloatVector m = FloatVector.fromArray(F, lines, LINE * i + o);
      a = m.fma(FloatVector.broadcast(F, halves[first + i]), a);
    }
    a.intoArray(y, at + o);
  }
}
