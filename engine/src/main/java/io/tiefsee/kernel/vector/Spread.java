package io.tiefsee.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Int8 activations of some tokens in the form that {@link SingleToken} and {@link PanelSums} want:
 * for each line of a chain an int that holds two of them, as the lanes of the weights do. Reused
 * from call to call; belongs to one thread.
 *
 * <p>Tokens that go alone meet packed weights. Let a short hold fields f₀, f₁ … and uⱼ be the short
 * shifted right to where fⱼ begins, at bit sⱼ. Then fⱼ = uⱼ − 2ᵈ·uⱼ₊₁ with d = sⱼ₊₁ − sⱼ, so Σ
 * fⱼ·xⱼ = Σ uⱼ·(xⱼ − 2ᵈ·xⱼ₋₁), with d = sⱼ − sⱼ₋₁ now: with these differences made beforehand no
 * field needs a mask. All of it is arithmetic modulo 2¹⁶; only the sum itself must fit.
 */
final class Spread {
  private QuantFormat format = QuantFormat.all().iterator().next();
  private Slots slots = Slots.of(format);
  private int tokens;
  private int cols;
  private byte[] quants = {};
  private int[] values = {};
  private int[] pairs = {};
  private int[] starts = {};
  private float[] scales = {};
  private float[] sums = {};

  /**
   * What the activations of a chain are multiplied with to become the differences of its slots, the
   * shifted shorts, unit by unit.
   */
  private record Slots(int[] line, int[] factor, int[] before, int[] less) {
    static Slots of(QuantFormat format) {
      int shifts = format.shiftCount();
      int n = format.units() * shifts;
      Slots slots = new Slots(new int[n], new int[n], new int[n], new int[n]);
      for (int i = 0; i < n; i++) {
        int j = i % shifts;
        slots.fill(format, i, i / shifts, format.shift(j));
        if (j > 0) {
          slots.before[i] = slots.line[i - 1];
          slots.less[i] = slots.factor[i - 1] << format.shift(j) - format.shift(j - 1);
        }
      }
      return slots;
    }

    private void fill(QuantFormat format, int slot, int unit, int shift) {
      for (QuantFormat.Field f : format.fields()) {
        if (f.unit() == unit && f.at() <= shift && shift < f.at() + f.width()) {
          line[slot] = f.line();
          factor[slot] = 1 << f.from() + shift - f.at();
        }
      }
    }
  }

  /** Takes tokens [t0, t0 + tokens) of {@code x}, a Q8_ROW tensor. */
  void take(QuantFormat format, Tensor x, int t0, int count) {
    if (format != this.format) {
      this.format = format;
      slots = Slots.of(format);
    }
    tokens = count;
    cols = x.cols();
    int rows = Math.max(tokens, fours());
    grow(rows);
    for (int t = 0; t < rows; t++) {
      if (t < tokens) {
        long row = x.rowOffset(t0 + t);
        MemorySegment.copy(x.data(), JAVA_BYTE, row, quants, 0, cols);
        scales(x.data(), row + x.scalesOffset(), row + x.sumsOffset(), t);
      } else {
        Arrays.fill(quants, 0, cols, (byte) 0);
      }
      if (t < fours()) {
        lines(pairsAt(t - t % 4) + t % 4);
      } else {
        values();
        differences(pairsAt(t));
        starts(startsAt(t));
      }
    }
  }

  private void grow(int rows) {
    if (quants.length < cols) {
      quants = new byte[cols];
      values = new int[cols / 2];
    }
    if (pairs.length < rows * pairsStride()) {
      pairs = new int[rows * pairsStride()];
    }
    if (starts.length < rows * cols / 4) {
      starts = new int[rows * cols / 4];
      sums = new float[rows * cols / 16];
      scales = new float[rows * cols / 32];
    }
  }

  /** Lane pairs, line by line, those of four tokens side by side. */
  private void lines(int to) {
    int half = format.lines();
    for (int c = 0; c < cols; c += 2 * half) {
      for (int k = 0; k < half; k++) {
        pairs[to + 2 * c + 4 * k] = quants[c + half + k] << 16 | quants[c + k] & 0xffff;
      }
    }
  }

  /** The same as numbers, high · 2¹⁶ + low, with which one can reckon. */
  private void values() {
    int half = format.lines();
    for (int c = 0; c < cols; c += 2 * half) {
      for (int k = 0; k < half; k++) {
        values[c / 2 + k] = (quants[c + half + k] << 16) + quants[c + k];
      }
    }
  }

  /** A number high · 2¹⁶ + low, where low fits an int16, as lanes. */
  private static int lanes(int value) {
    return value + ((value & 0x8000) << 1);
  }

  private void differences(int to) {
    Slots s = slots;
    int n = s.line.length;
    int half = format.lines();
    for (int c = 0; c < cols / 2; c += half) {
      for (int i = 0; i < n; i++) {
        int v = values[c + s.line[i]] * s.factor[i] - values[c + s.before[i]] * s.less[i];
        pairs[to + i] = lanes(v);
      }
      to += n;
    }
  }

  /** What centered codes add to the sums of chains, or of units of bytes. */
  private void starts(int to) {
    int lines = startLines();
    for (int c = 0; c < cols / 2; c += lines) {
      int sum = 0;
      for (int k = 0; k < lines; k++) {
        sum += values[c + k];
      }
      starts[to + c / lines] = lanes(-format.center() * sum);
    }
  }

  private int startLines() {
    return format.bits() == 8 ? 2 : format.lines();
  }

  private void scales(MemorySegment x, long scalesAt, long sumsAt, int t) {
    for (int b = 0; b < cols / 32; b++) {
      float scale = x.get(JAVA_FLOAT, scalesAt + 4L * b);
      int low = x.get(JAVA_SHORT, sumsAt + 4L * b);
      int high = x.get(JAVA_SHORT, sumsAt + 4L * b + 2);
      scales[cols / 32 * t + b] = scale;
      if (format.scaleColumns() == 16) {
        int at = sumsAt(t) + 2 * b;
        sums[at] = scale * low;
        sums[at + 1] = scale * high;
      } else {
        sums[sumsAt(t) + b] = scale * (low + high);
      }
    }
  }

  int tokens() {
    return tokens;
  }

  int cols() {
    return cols;
  }

  /** Tokens that are worked on by four; the others alone, if the format can do that. */
  int fours() {
    return format.isTable() ? (tokens + 3) & -4 : tokens & -4;
  }

  private int pairsStride() {
    return cols / format.chainColumns() * Math.max(format.lines(), slots.line.length);
  }

  /**
   * Where the pairs of a token begin, those of slots, or those of lines of it and the next three.
   */
  int pairsAt(int t) {
    return pairsStride() * t;
  }

  /** Where the starts of a token begin. */
  int startsAt(int t) {
    return cols / 2 / startLines() * t;
  }

  /** Where the scales of a token begin. */
  int scalesAt(int t) {
    return cols / 32 * t;
  }

  /** Where the sums of a token begin. */
  int sumsAt(int t) {
    return cols / format.scaleColumns() * t;
  }

  int[] pairs() {
    return pairs;
  }

  /** Of tokens that go alone: lane pairs, one a chain, or one a unit of bytes. */
  int[] starts() {
    return starts;
  }

  /** A scale per 32 columns. */
  float[] scales() {
    return scales;
  }

  /** Scale · sum of quants, per scale of the weights. */
  float[] sums() {
    return sums;
  }

  /** Pairs of a chain of tokens that go alone; of others there are as many as lines. */
  int slotsPerChain() {
    return slots.line.length;
  }
}
