package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Lanes.LE;
import static io.tiefsee.kernel.vector.QuantFormat.UNIT;
import static io.tiefsee.kernel.vector.Rows16.I;
import static io.tiefsee.kernel.vector.Rows16.L;
import static io.tiefsee.kernel.vector.Rows16.S;
import static io.tiefsee.kernel.vector.Rows16.plain;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Integer sums of chains for one token, straight from packed weights, as {@link Spread} explains.
 * Two registers of rows share each activation.
 *
 * <p>Sums go to [chains of a chunk][{@link #CHAIN}], rows in order, for two groups of rows: int16
 * sums of low and high shorts side by side or, where quants have eight bits, int32 sums.
 */
final class DirectSums {
  /** Room for the sums of a chain: four tokens, two groups. */
  static final int CHAIN = 4 * Panel.ROWS;

  /** Makes the sum of two products in a low short positive, as a number without sign. */
  static final int BIAS = 0x8000;

  private static final VectorOperators.Binary SHL = VectorOperators.LSHL;
  private static final VectorOperators.Binary SHR = VectorOperators.LSHR;
  private static final VectorOperators.Binary SAR = VectorOperators.ASHR;

  private DirectSums() {}

  /**
   * Sums of {@code chains} chains.
   *
   * @param g codes of the first group
   * @param h codes of the second
   * @param t token
   * @param c first column
   */
  static void add(
      QuantFormat format, long g, long h, int chains, Spread x, int t, int c, int[] to) {
    int chain = c / format.chainColumns();
    int[] m = x.pairs();
    int at = x.pairsAt(t) + chain * x.slotsPerChain();
    int[] starts = x.starts();
    int start = x.startsAt(t) + chain * (format.bits() == 8 ? format.units() : 1);
    int[] s = format.shifts();
    for (int r = 0; r < Panel.ROWS; r += 2 * L) {
      long p = Panel.row(g, h, r);
      long q = Panel.row(g, h, r + L);
      switch (format.bits()) {
        case 2 -> twos(p, q, chains, m, at, starts, start, to, r);
        case 3 -> threes(p, q, chains, m, at, starts, start, to, r);
        case 4 -> four(p, q, chains, s[1], s[2], s[3], m, at, starts, start, to, r);
        case 5 -> five(p, q, chains, s[1], s[2], s[3], m, at, starts, start, to, r);
        case 6 -> six(p, q, chains, s[1], s[2], s[3], m, at, starts, start, to, r);
        default -> bytes(p, q, chains, m, at, starts, start, to, r);
      }
    }
  }

  // Three, four and five units a chain; the compiler unrolls each as a whole.

  private static void six(
      long p,
      long q,
      int n,
      int s1,
      int s2,
      int s3,
      int[] m,
      int at,
      int[] b,
      int i,
      int[] to,
      int o) {
    fields(p, q, n, 3, s1, s2, s3, m, at, b, i, to, o);
  }

  private static void four(
      long p,
      long q,
      int n,
      int s1,
      int s2,
      int s3,
      int[] m,
      int at,
      int[] b,
      int i,
      int[] to,
      int o) {
    fields(p, q, n, 4, s1, s2, s3, m, at, b, i, to, o);
  }

  private static void five(
      long p,
      long q,
      int n,
      int s1,
      int s2,
      int s3,
      int[] m,
      int at,
      int[] b,
      int i,
      int[] to,
      int o) {
    fields(p, q, n, 5, s1, s2, s3, m, at, b, i, to, o);
  }

  /** Four fields a short, the first at bit 0, the others at {@code s1}, {@code s2}, {@code s3}. */
  private static void fields(
      long p,
      long q,
      int chains,
      int units,
      int s1,
      int s2,
      int s3,
      int[] m,
      int at,
      int[] starts,
      int start,
      int[] to,
      int o) {
    p = plain(p);
    q = plain(q);
    for (int c = 0; c < chains; c++) {
      ShortVector a = IntVector.broadcast(I, starts[start + c]).reinterpretAsShorts();
      ShortVector b = a;
      for (int u = units * c; u < units * c + units; u++) {
        ShortVector v = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * u, LE);
        ShortVector w = ShortVector.fromMemorySegment(S, ALL, q + (long) UNIT * u, LE);
        ShortVector y = IntVector.broadcast(I, m[at + 4 * u]).reinterpretAsShorts();
        a = a.add(v.mul(y));
        b = b.add(w.mul(y));
        y = IntVector.broadcast(I, m[at + 4 * u + 1]).reinterpretAsShorts();
        a = a.add(v.lanewise(SHR, s1).mul(y));
        b = b.add(w.lanewise(SHR, s1).mul(y));
        y = IntVector.broadcast(I, m[at + 4 * u + 2]).reinterpretAsShorts();
        a = a.add(v.lanewise(SHR, s2).mul(y));
        b = b.add(w.lanewise(SHR, s2).mul(y));
        y = IntVector.broadcast(I, m[at + 4 * u + 3]).reinterpretAsShorts();
        a = a.add(v.lanewise(SHR, s3).mul(y));
        b = b.add(w.lanewise(SHR, s3).mul(y));
      }
      a.reinterpretAsInts().intoArray(to, o + CHAIN * c);
      b.reinterpretAsInts().intoArray(to, o + CHAIN * c + L);
    }
  }

  /** A unit of eight fields a chain. */
  private static void twos(
      long p, long q, int chains, int[] m, int at, int[] starts, int start, int[] to, int o) {
    p = plain(p);
    q = plain(q);
    for (int c = 0; c < chains; c++) {
      ShortVector v = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * c, LE);
      ShortVector w = ShortVector.fromMemorySegment(S, ALL, q + (long) UNIT * c, LE);
      ShortVector a = IntVector.broadcast(I, starts[start + c]).reinterpretAsShorts();
      ShortVector b = a;
      for (int j = 8 * c; j < 8 * c + 8; j++) {
        ShortVector y = IntVector.broadcast(I, m[at + j]).reinterpretAsShorts();
        a = a.add(v.mul(y));
        b = b.add(w.mul(y));
        v = v.lanewise(SHR, 2);
        w = w.lanewise(SHR, 2);
      }
      a.reinterpretAsInts().intoArray(to, o + CHAIN * c);
      b.reinterpretAsInts().intoArray(to, o + CHAIN * c + L);
    }
  }

  /** Three units of five fields and a bit, whose low and high shorts have sums of their own. */
  private static void threes(
      long p, long q, int chains, int[] m, int at, int[] starts, int start, int[] to, int o) {
    p = plain(p);
    q = plain(q);
    for (int c = 0; c < chains; c++) {
      ShortVector a = IntVector.broadcast(I, starts[start + c]).reinterpretAsShorts();
      ShortVector b = a;
      for (int u = 3 * c; u < 3 * c + 3; u++) {
        ShortVector v = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * u, LE);
        ShortVector w = ShortVector.fromMemorySegment(S, ALL, q + (long) UNIT * u, LE);
        for (int j = 6 * u; j < 6 * u + 6; j++) {
          ShortVector y = IntVector.broadcast(I, m[at + j]).reinterpretAsShorts();
          a = a.add(v.mul(y));
          b = b.add(w.mul(y));
          v = v.lanewise(SHR, 3);
          w = w.lanewise(SHR, 3);
        }
      }
      a.reinterpretAsInts().intoArray(to, o + CHAIN * c);
      b.reinterpretAsInts().intoArray(to, o + CHAIN * c + L);
    }
  }

  /** Two bytes a short. */
  private static void bytes(
      long p, long q, int chains, int[] m, int at, int[] starts, int start, int[] to, int o) {
    p = plain(p);
    q = plain(q);
    ShortVector bias = IntVector.broadcast(I, BIAS).reinterpretAsShorts();
    for (int c = 0; c < chains; c++) {
      IntVector a = IntVector.zero(I);
      IntVector aHigh = a;
      IntVector b = a;
      IntVector bHigh = a;
      for (int u = 8 * c; u < 8 * c + 8; u++) {
        ShortVector v = ShortVector.fromMemorySegment(S, ALL, p + (long) UNIT * u, LE);
        ShortVector w = ShortVector.fromMemorySegment(S, ALL, q + (long) UNIT * u, LE);
        ShortVector s = IntVector.broadcast(I, starts[start + u]).reinterpretAsShorts().add(bias);
        ShortVector y = IntVector.broadcast(I, m[at + 2 * u]).reinterpretAsShorts();
        ShortVector z = IntVector.broadcast(I, m[at + 2 * u + 1]).reinterpretAsShorts();
        IntVector two = s.add(v.mul(y)).add(v.lanewise(SHR, 8).mul(z)).reinterpretAsInts();
        a = a.add(two);
        aHigh = aHigh.add(two.lanewise(SAR, 16));
        two = s.add(w.mul(y)).add(w.lanewise(SHR, 8).mul(z)).reinterpretAsInts();
        b = b.add(two);
        bHigh = bHigh.add(two.lanewise(SAR, 16));
      }
      a.sub(aHigh.lanewise(SHL, 16)).sub(8 * BIAS).add(aHigh).intoArray(to, o + CHAIN * c);
      b.sub(bHigh.lanewise(SHL, 16)).sub(8 * BIAS).add(bHigh).intoArray(to, o + CHAIN * c + L);
    }
  }
}
