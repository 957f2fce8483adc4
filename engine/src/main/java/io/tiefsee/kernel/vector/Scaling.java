package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Panel.ROWS;
import static io.tiefsee.kernel.vector.PanelSums.CHAIN;
import static io.tiefsee.kernel.vector.Rows16.F;
import static io.tiefsee.kernel.vector.Rows16.I;
import static io.tiefsee.kernel.vector.Rows16.L;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Integer sums of a chunk times the scales of weights and activations, added up in f32. */
final class Scaling {
  private static final VectorOperators.Binary SHL = VectorOperators.LSHL;
  private static final VectorOperators.Binary SAR = VectorOperators.ASHR;
  private static final VectorOperators.Conversion<Integer, Float> I2F = VectorOperators.I2F;

  private Scaling() {}

  /**
   * y[t] += scales · sums + minima · sums of activations, 32 rows, scale by scale.
   *
   * @param subs how many times 32 columns
   * @param sums those of {@link PanelSums} or {@link SingleToken}
   * @param from where the sums of the first row of the token are
   * @param c first column
   * @param y sums of all tokens, 32 floats each
   */
  static void add(
      QuantFormat format,
      Panel panel,
      int subs,
      int[] sums,
      int from,
      Spread x,
      int t,
      int c,
      float[] y) {
    int n = 32 * subs / format.chainColumns();
    int shift = format.scalesShift();
    int q = x.scalesAt(t) + c / 32;
    int b = x.sumsAt(t) + c / format.scaleColumns();
    float[] scales = x.scales();
    for (int r = 0; r < ROWS; r += L) {
      int at = ROWS * t + r;
      if (format.isWide()) {
        ints(panel.scales, r, n, sums, from + r, scales, q, y, at);
      } else if (format.isSplit()) {
        halves(panel.scales, r, n, sums, from + r, scales, q, y, at);
      } else if (format.hasMin()) {
        float[] offsets = x.sums();
        minima(panel, r, n, sums, from + r, scales, q, shift, offsets, b, y, at);
      } else {
        shorts(panel.scales, r, n, sums, from + r, scales, q, shift, y, at);
      }
    }
  }

  private static void ints(
      float[] lines, int r, int n, int[] sums, int from, float[] scales, int q, float[] y, int at) {
    FloatVector a = FloatVector.fromArray(F, y, at);
    for (int i = 0; i < n; i++) {
      IntVector s = IntVector.fromArray(I, sums, from + CHAIN * i);
      FloatVector f = ((FloatVector) s.convert(I2F, 0)).mul(scales[q + i]);
      a = f.fma(FloatVector.fromArray(F, lines, ROWS * i + r), a);
    }
    a.intoArray(y, at);
  }

  /** Low and high shorts together make a sum. */
  private static void shorts(
      float[] lines,
      int r,
      int n,
      int[] sums,
      int from,
      float[] scales,
      int q,
      int shift,
      float[] y,
      int at) {
    FloatVector a = FloatVector.fromArray(F, y, at);
    for (int i = 0; i < n; i++) {
      IntVector s = IntVector.fromArray(I, sums, from + CHAIN * i);
      s = s.lanewise(SHL, 16).lanewise(SAR, 16).add(s.lanewise(SAR, 16));
      FloatVector f = ((FloatVector) s.convert(I2F, 0)).mul(scales[q + (i >> shift)]);
      a = f.fma(FloatVector.fromArray(F, lines, ROWS * i + r), a);
    }
    a.intoArray(y, at);
  }

  private static void minima(
      Panel panel,
      int r,
      int n,
      int[] sums,
      int from,
      float[] scales,
      int q,
      int shift,
      float[] offsets,
      int b,
      float[] y,
      int at) {
    float[] lines = panel.scales;
    float[] minima = panel.minima;
    FloatVector a = FloatVector.fromArray(F, y, at);
    FloatVector d = FloatVector.zero(F);
    for (int i = 0; i < n; i++) {
      IntVector s = IntVector.fromArray(I, sums, from + CHAIN * i);
      s = s.lanewise(SHL, 16).lanewise(SAR, 16).add(s.lanewise(SAR, 16));
      FloatVector f = ((FloatVector) s.convert(I2F, 0)).mul(scales[q + (i >> shift)]);
      a = f.fma(FloatVector.fromArray(F, lines, ROWS * i + r), a);
      FloatVector m = FloatVector.fromArray(F, minima, ROWS * i + r);
      d = m.fma(FloatVector.broadcast(F, offsets[b + i]), d);
    }
    a.add(d).intoArray(y, at);
  }

  /** Low and high shorts are sums of two scales. */
  private static void halves(
      float[] lines, int r, int n, int[] sums, int from, float[] scales, int q, float[] y, int at) {
    FloatVector a = FloatVector.fromArray(F, y, at);
    for (int i = 0; i < n; i++) {
      IntVector v = IntVector.fromArray(I, sums, from + CHAIN * i);
      IntVector s = v.lanewise(SHL, 16).lanewise(SAR, 16);
      FloatVector f = ((FloatVector) s.convert(I2F, 0)).mul(scales[q + i]);
      a = f.fma(FloatVector.fromArray(F, lines, 2 * ROWS * i + r), a);
      s = v.lanewise(SAR, 16);
      f = ((FloatVector) s.convert(I2F, 0)).mul(scales[q + i]);
      a = f.fma(FloatVector.fromArray(F, lines, 2 * ROWS * i + ROWS + r), a);
    }
    a.intoArray(y, at);
  }
}
