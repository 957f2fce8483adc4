package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.ALL;
import static io.tiefsee.kernel.vector.Lanes.L;
import static io.tiefsee.kernel.vector.Lanes.set;
import static io.tiefsee.kernel.vector.Lanes.store;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import jdk.incubator.vector.ByteVector;

/** Runs of numbers in narrow formats to f32, exactly. */
final class Widen {
  private Widen() {}

  /** {@code n} halves at {@code from} to floats at {@code to}. */
  static void f16(long from, long to, int n) {
    int end = n - n % L;
    for (int i = 0; i < end; i += L) {
      store(Lanes.loadF16(from + 2L * i), to + 4L * i);
    }
    for (int i = end; i < n; i++) {
      set(to + 4L * i, Float.float16ToFloat(ALL.get(JAVA_SHORT_UNALIGNED, from + 2L * i)));
    }
  }

  static void bf16(long from, long to, int n) {
    int end = n - n % L;
    for (int i = 0; i < end; i += L) {
      store(Lanes.loadBf16(from + 2L * i), to + 4L * i);
    }
    for (int i = end; i < n; i++) {
      int bits = ALL.get(JAVA_SHORT_UNALIGNED, from + 2L * i) << 16;
      set(to + 4L * i, Float.intBitsToFloat(bits));
    }
  }

  /** {@code n} numbers in ggml Q8_0 blocks of 32: an f16 scale, then the quants. */
  static void q8(long from, long to, int n) {
    for (int b = 0; b < n / 32; b++) {
      long block = from + 34L * b;
      float scale = Float.float16ToFloat(ALL.get(JAVA_SHORT_UNALIGNED, block));
      q8Block(block + 2, scale, to + 128L * b);
    }
  }

  private static void q8Block(long from, float scale, long to) {
    if (L == 4) {
      for (int i = 0; i < 32; i += 8) {
        ByteVector b = Lanes.loadBytes(from + i);
        store(Lanes.widen(b, 0).mul(scale), to + 4L * i);
        store(Lanes.widen(b, 1).mul(scale), to + 4L * i + 16);
      }
    } else {
      for (int i = 0; i < 32; i += L) {
        store(Lanes.widen(Lanes.loadBytes(from + i), 0).mul(scale), to + 4L * i);
      }
    }
  }
}
