package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Lanes.LE;
import static io.tiefsee.kernel.vector.Rows16.S;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Int8 activations of some tokens in the form that {@link QuantTile} wants: quants as int16, which
 * one instruction broadcasts. Reused from call to call; belongs to one thread.
 */
final class Spread {
  private final PackedChains[] ones = {
    new PackedChains(), new PackedChains(), new PackedChains(), new PackedChains()
  };
  private int tokens;
  private int cols;
  private short[] quants = {};
  private float[] scales = {};
  private float[] halves = {};

  /** Takes tokens [t0, t0 + tokens) of {@code x}, a Q8_ROW tensor. */
  void take(QuantFormat format, Tensor x, int t0, int count) {
    tokens = count;
    cols = x.cols();
    int n = Math.max(tokens, fours(format)) * cols;
    if (quants.length < n) {
      quants = new short[n];
      scales = new float[n / 32];
      halves = new float[n / 16];
    }
    for (int t = 0; t < tokens; t++) {
      long row = x.rowOffset(t0 + t);
      spread(x.address() + row, quants, cols * t, cols);
      scales(x.data(), row + x.scalesOffset(), row + x.sumsOffset(), cols / 32 * t);
    }
    for (int t = fours(format); t < tokens; t++) {
      ones[t - fours(format)].take(format, quants, at(t), cols);
    }
  }

  private static void spread(long from, short[] to, int at, int n) {
    for (int c = 0; c < n; c += 16) {
      ByteVector b = ByteVector.fromMemorySegment(ByteVector.SPECIES_128, ALL, from + c, LE);
      ((ShortVector) b.convertShape(VectorOperators.B2S, S, 0)).intoArray(to, at + c);
      if (S.length() == 8) {
        ((ShortVector) b.convertShape(VectorOperators.B2S, S, 1)).intoArray(to, at + c + 8);
      }
    }
  }

  private void scales(MemorySegment x, long scalesAt, long sumsAt, int first) {
    for (int b = 0; b < cols / 32; b++) {
      float scale = x.get(JAVA_FLOAT, scalesAt + 4L * b);
      scales[first + b] = scale;
      halves[2 * (first + b)] = scale * x.get(JAVA_SHORT, sumsAt + 4L * b);
      halves[2 * (first + b) + 1] = scale * x.get(JAVA_SHORT, sumsAt + 4L * b + 2);
    }
  }

  int tokens() {
    return tokens;
  }

  int cols() {
    return cols;
  }

  /** Tokens that are worked on by four; the others by one, if the format can do that. */
  int fours(QuantFormat format) {
    return format.isTable() ? (tokens + 3) & -4 : tokens & -4;
  }

  /** The chains of a token past {@link #fours}. */
  PackedChains one(int i) {
    return ones[i];
  }

  /** Where the quants of a token begin; its scales begin at a 32nd of it, its halves at a 16th. */
  int at(int t) {
    return cols * t;
  }

  short[] quants() {
    return quants;
  }

  /** A scale per 32 columns. */
  float[] scales() {
    return scales;
  }

  /** Scale · sum of 16 quants, per 16 columns. */
  float[] halves() {
    return halves;
  }
}
