package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Panel.LINE;
import static io.tiefsee.kernel.vector.QuantFormat.UNIT;
import static io.tiefsee.kernel.vector.Rows16.BYTES;
import static io.tiefsee.kernel.vector.Rows16.F;
import static io.tiefsee.kernel.vector.Rows16.I;
import static io.tiefsee.kernel.vector.Rows16.ROWS;
import static io.tiefsee.kernel.vector.Rows16.S;
import static io.tiefsee.kernel.vector.Rows16.SLICES;
import static io.tiefsee.kernel.vector.Rows16.floats;
import static io.tiefsee.kernel.vector.Rows16.high;
import static io.tiefsee.kernel.vector.Rows16.ints;
import static io.tiefsee.kernel.vector.Rows16.low;
import static io.tiefsee.kernel.vector.Rows16.shorts;
import static io.tiefsee.kernel.vector.Rows16.store;
import static io.tiefsee.kernel.vector.Rows16.toFloat;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * A {@link Panel} times int8 activations. Products are added up as int16 over as many columns as
 * cannot overflow, then widened; each 32 columns are scaled in f32 and added to the sums of the
 * token in ascending order, so the number of tokens that are worked on together changes nothing.
 *
 * <p>Activations come as {@link #spread} writes them: each quant twice as int16 in an int, which
 * one instruction broadcasts. The sums of a token are sixteen floats, the rows in order.
 */
final class QuantTile {
  private QuantTile() {}

  /** Quants [from, from + n) as int16 pairs. */
  static void spread(long quants, long to, int n) {
    for (int c = 0; c < n; c++) {
      int q = ALL.get(JAVA_BYTE, quants + c);
      ALL.set(JAVA_INT, to + 4L * c, q & 0xffff | q << 16);
    }
  }

  private static ShortVector quant(long at) {
    return IntVector.broadcast(I, ALL.get(JAVA_INT, at)).reinterpretAsShorts();
  }

  /**
   * Adds the products with {@code tokens} tokens to their sums.
   *
   * @param subs how many times 32 columns
   * @param x spread quants of the first token, {@code xStride} bytes a token
   * @param q the tokens' scales, {@code qStride} bytes a token
   * @param sumsOffset from the scales to the sums of 16 quants
   * @param work 512 bytes
   * @param y sums, 64 bytes a token
   */
  static void multiply(
      QuantFormat format,
      long panel,
      int subs,
      long x,
      long xStride,
      long q,
      long qStride,
      long sumsOffset,
      int tokens,
      long work,
      long y) {
    int t = 0;
    for (; t <= tokens - 4; t += 4) {
      products4(
          format,
          panel,
          subs,
          x + xStride * t,
          xStride,
          q + qStride * t,
          qStride,
          work,
          y + LINE * t);
    }
    for (; t < tokens; t++) {
      products1(format, panel, subs, x + xStride * t, q + qStride * t, y + LINE * t);
    }
    if (format.hasMin()) {
      boolean halves = format.bits() == 2;
      for (t = 0; t < tokens; t++) {
        long scales = q + qStride * t;
        minima(panel + Panel.MINIMA, subs, halves, scales, scales + sumsOffset, y + LINE * t);
      }
    }
  }

  private static void products4(
      QuantFormat format,
      long panel,
      int subs,
      long x,
      long xs,
      long q,
      long qs,
      long work,
      long y) {
    for (int sub = 0; sub < subs; sub++) {
      for (int i = 0; i < SLICES; i++) {
        long w = panel + 32L * UNIT * sub + i * BYTES;
        long xt = x + 128L * sub;
        long qt = q + 4L * sub;
        long line = panel + Panel.SCALES + 2 * LINE * sub + 4L * ROWS * i;
        long to = y + 4L * ROWS * i;
        switch (format.bits()) {
          case 4 -> {
            if (format.center() == 0) {
              pairs4(w, xt, xs, work);
              scale4Ints(work, line, qt, qs, to);
            } else {
              chain4(w, xt, xs, 32, work);
              scale4(work, line, qt, qs, to);
            }
          }
          case 2, 3, 5 -> {
            long second = format.bits() == 5 ? line : line + LINE;
            chain4(w, xt, xs, 16, work);
            scale4(work, line, qt, qs, to);
            chain4(w + 16 * UNIT, xt + 64, xs, 16, work);
            scale4(work, second, qt, qs, to);
          }
          case 6 -> {
            chain4(w, xt, xs, 8, work);
            chain4(w + 8 * UNIT, xt + 32, xs, 8, work + 128);
            scale4Twice(work, line, qt, qs, to);
            chain4(w + 16 * UNIT, xt + 64, xs, 8, work);
            chain4(w + 24 * UNIT, xt + 96, xs, 8, work + 128);
            scale4Twice(work, line + LINE, qt, qs, to);
          }
          default -> {
            pairs4(w, xt, xs, work);
            scale4Ints(work, line, qt, qs, to);
          }
        }
      }
    }
  }

  /** int16 sums over {@code n} columns for four tokens. */
  private static void chain4(long w, long x, long xs, int n, long to) {
    ShortVector a = ShortVector.zero(S);
    ShortVector b = a;
    ShortVector c = a;
    ShortVector d = a;
    for (int k = 0; k < n; k++) {
      ShortVector v = shorts(w + UNIT * k);
      long at = x + 4L * k;
      a = a.add(v.mul(quant(at)));
      b = b.add(v.mul(quant(at + xs)));
      c = c.add(v.mul(quant(at + 2 * xs)));
      d = d.add(v.mul(quant(at + 3 * xs)));
    }
    store(a, to);
    store(b, to + 32);
    store(c, to + 64);
    store(d, to + 96);
  }

  private static void scale4(long sums, long line, long q, long qs, long y) {
    for (int t = 0; t < 4; t++) {
      IntVector v = ints(sums + 32 * t);
      scale(low(v), high(v), line, Lanes.get(q + qs * t), y + LINE * t);
    }
  }

  private static void scale4Twice(long sums, long line, long q, long qs, long y) {
    for (int t = 0; t < 4; t++) {
      IntVector v = ints(sums + 32 * t);
      IntVector u = ints(sums + 128 + 32 * t);
      IntVector l = low(v).add(low(u));
      scale(l, high(v).add(high(u)), line, Lanes.get(q + qs * t), y + LINE * t);
    }
  }

  private static void scale4Ints(long sums, long line, long q, long qs, long y) {
    for (int t = 0; t < 4; t++) {
      IntVector l = ints(sums + 64 * t);
      scale(l, ints(sums + 64 * t + 32), line, Lanes.get(q + qs * t), y + LINE * t);
    }
  }

  /** y += scales · (sums · the token's scale), for the rows of one slice. */
  private static void scale(IntVector low, IntVector high, long line, float q, long y) {
    store(toFloat(low).mul(q).fma(floats(line), floats(y)), y);
    store(toFloat(high).mul(q).fma(floats(line + 32), floats(y + 32)), y + 32);
  }

  /** Quants of eight bits: only two products fit, so sums over 32 columns are ints. */
  private static void pairs4(long w, long x, long xs, long to) {
    IntVector al = IntVector.zero(I);
    IntVector ah = al;
    IntVector bl = al;
    IntVector bh = al;
    IntVector cl = al;
    IntVector ch = al;
    IntVector dl = al;
    IntVector dh = al;
    for (int k = 0; k < 32; k += 2) {
      ShortVector v = shorts(w + UNIT * k);
      ShortVector u = shorts(w + UNIT * k + UNIT);
      IntVector p = pair(v, u, x + 4L * k);
      al = al.add(low(p));
      ah = ah.add(high(p));
      p = pair(v, u, x + xs + 4L * k);
      bl = bl.add(low(p));
      bh = bh.add(high(p));
      p = pair(v, u, x + 2 * xs + 4L * k);
      cl = cl.add(low(p));
      ch = ch.add(high(p));
      p = pair(v, u, x + 3 * xs + 4L * k);
      dl = dl.add(low(p));
      dh = dh.add(high(p));
    }
    al.intoMemorySegment(ALL, to, Lanes.LE);
    ah.intoMemorySegment(ALL, to + 32, Lanes.LE);
    bl.intoMemorySegment(ALL, to + 64, Lanes.LE);
    bh.intoMemorySegment(ALL, to + 96, Lanes.LE);
    cl.intoMemorySegment(ALL, to + 128, Lanes.LE);
    ch.intoMemorySegment(ALL, to + 160, Lanes.LE);
    dl.intoMemorySegment(ALL, to + 192, Lanes.LE);
    dh.intoMemorySegment(ALL, to + 224, Lanes.LE);
  }

  private static IntVector pair(ShortVector v, ShortVector u, long x) {
    return v.mul(quant(x)).add(u.mul(quant(x + 4))).reinterpretAsInts();
  }

  private static void products1(QuantFormat format, long panel, int subs, long x, long q, long y) {
    for (int sub = 0; sub < subs; sub++) {
      for (int i = 0; i < SLICES; i++) {
        long w = panel + 32L * UNIT * sub + i * BYTES;
        long xt = x + 128L * sub;
        float s = Lanes.get(q + 4L * sub);
        long line = panel + Panel.SCALES + 2 * LINE * sub + 4L * ROWS * i;
        long to = y + 4L * ROWS * i;
        switch (format.bits()) {
          case 4 -> {
            if (format.center() == 0) {
              pairs1(w, xt, line, s, to);
            } else {
              IntVector v = chain1(w, xt, 32);
              scale(low(v), high(v), line, s, to);
            }
          }
          case 2, 3, 5 -> {
            long second = format.bits() == 5 ? line : line + LINE;
            IntVector v = chain1(w, xt, 16);
            scale(low(v), high(v), line, s, to);
            v = chain1(w + 16 * UNIT, xt + 64, 16);
            scale(low(v), high(v), second, s, to);
          }
          case 6 -> {
            twice1(w, xt, line, s, to);
            twice1(w + 16 * UNIT, xt + 64, line + LINE, s, to);
          }
          default -> pairs1(w, xt, line, s, to);
        }
      }
    }
  }

  private static IntVector chain1(long w, long x, int n) {
    ShortVector a = ShortVector.zero(S);
    for (int k = 0; k < n; k++) {
      a = a.add(shorts(w + UNIT * k).mul(quant(x + 4L * k)));
    }
    return a.reinterpretAsInts();
  }

  private static void twice1(long w, long x, long line, float s, long y) {
    IntVector v = chain1(w, x, 8);
    IntVector u = chain1(w + 8 * UNIT, x + 32, 8);
    scale(low(v).add(low(u)), high(v).add(high(u)), line, s, y);
  }

  private static void pairs1(long w, long x, long line, float s, long y) {
    IntVector l = IntVector.zero(I);
    IntVector h = l;
    for (int k = 0; k < 32; k += 2) {
      IntVector p = pair(shorts(w + UNIT * k), shorts(w + UNIT * k + UNIT), x + 4L * k);
      l = l.add(low(p));
      h = h.add(high(p));
    }
    scale(l, h, line, s, y);
  }

  /** y += minima · (the token's scale · the sum of its quants). */
  private static void minima(long lines, int subs, boolean halves, long scales, long sums, long y) {
    for (int i = 0; i < SLICES; i++) {
      long to = y + 4L * ROWS * i;
      FloatVector l = floats(to);
      FloatVector h = floats(to + 32);
      for (int sub = 0; sub < subs; sub++) {
        long line = lines + 2 * LINE * sub + 4L * ROWS * i;
        float s = Lanes.get(scales + 4L * sub);
        int first = ALL.get(JAVA_SHORT_UNALIGNED, sums + 4L * sub);
        int second = ALL.get(JAVA_SHORT_UNALIGNED, sums + 4L * sub + 2);
        FloatVector f = FloatVector.broadcast(F, s * (halves ? first : first + second));
        l = floats(line).fma(f, l);
        h = floats(line + 32).fma(f, h);
        if (halves) {
          f = FloatVector.broadcast(F, s * second);
          l = floats(line + LINE).fma(f, l);
          h = floats(line + LINE + 32).fma(f, h);
        }
      }
      store(l, to);
      store(h, to + 32);
    }
  }
}
