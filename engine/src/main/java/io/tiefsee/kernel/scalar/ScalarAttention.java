package io.tiefsee.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Attention one number at a time, in double precision.
 *
 * @param cache F32, F16 or Q8_0
 */
record ScalarAttention(QuantType cache) implements AttentionKernel {
  @Override
  public Isa isa() {
    return Isa.SCALAR;
  }

  @Override
  public void store(KvLayer kv, Tensor k, Tensor v, int[] slots, int t0, int t1) {
    for (int t = t0; t < t1; t++) {
      for (int h = 0; h < kv.kvHeads(); h++) {
        long from = k.rowOffset(t) + 4L * h * kv.kDim();
        encode(k.data(), from, kv.keys(), kv.keyOffset(slots[t], h), kv.kDim());
        if (!kv.shared()) {
          from = v.rowOffset(t) + 4L * h * kv.vDim();
          encode(v.data(), from, kv.values(), kv.valueOffset(slots[t], h), kv.vDim());
        }
      }
    }
  }

  @Override
  public void run(Task task, int i0, int i1, int thread) {
    int kvHeads = task.kv().kvHeads();
    int share = task.heads() / kvHeads;
    for (int i = i0; i < i1; i++) {
      for (int h = 0; h < share; h++) {
        head(task, i / kvHeads, i % kvHeads, i % kvHeads * share + h);
      }
    }
  }

  private void head(Task task, int token, int kvHead, int head) {
    KvLayer kv = task.kv();
    int kDim = kv.kDim();
    int vDim = kv.vDim();
    MemorySegment row = Scratch.floats(0, Math.max(kDim, vDim));
    MemorySegment sums = Scratch.bytes(1, 8L * vDim);
    sums.asSlice(0, 8L * vDim).fill((byte) 0);
    MemorySegment q = task.q().data();
    long qAt = task.q().rowOffset(token) + 4L * head * kDim;
    int[] table = task.pages()[task.sequence()[token]];
    double max = Double.NEGATIVE_INFINITY;
    double total = 0;
    for (int p = 0; p <= task.positions()[token]; p++) {
      int slot = table[p / KvLayer.PAGE] * KvLayer.PAGE + p % KvLayer.PAGE;
      decode(kv.keys(), kv.keyOffset(slot, kvHead), row, kDim);
      double score = 0;
      for (int c = 0; c < kDim; c++) {
        score += (double) q.get(JAVA_FLOAT, qAt + 4L * c) * row.getAtIndex(JAVA_FLOAT, c);
      }
      score *= task.scale();
      double newMax = Math.max(max, score);
      double keep = Math.exp(max - newMax);
      double weight = Math.exp(score - newMax);
      max = newMax;
      total = total * keep + weight;
      decode(kv.values(), kv.valueOffset(slot, kvHead), row, vDim);
      for (int c = 0; c < vDim; c++) {
        double sum = sums.getAtIndex(JAVA_DOUBLE, c);
        sum = sum * keep + weight * row.getAtIndex(JAVA_FLOAT, c);
        sums.setAtIndex(JAVA_DOUBLE, c, sum);
      }
    }
    for (int c = 0; c < vDim; c++) {
      double sum = sums.getAtIndex(JAVA_DOUBLE, c);
      task.out().set(token, head * vDim + c, (float) (sum / total));
    }
  }

  /** Writes {@code n} floats as a cache row; Q8_0 rounds ties to even. */
  private void encode(MemorySegment x, long from, MemorySegment y, long to, int n) {
    switch (cache) {
      case F32 -> MemorySegment.copy(x, from, y, to, 4L * n);
      case F16 -> {
        for (int c = 0; c < n; c++) {
          float v = x.get(JAVA_FLOAT, from + 4L * c);
          y.set(JAVA_SHORT_UNALIGNED, to + 2L * c, Float.floatToFloat16(v));
        }
      }
      case Q8_0 -> {
        for (int b = 0; b < n / 32; b++) {
          encodeBlock(x, from + 128L * b, y, to + 34L * b);
        }
      }
      default -> throw new IllegalStateException("a cache cannot be " + cache);
    }
  }

  private static void encodeBlock(MemorySegment x, long from, MemorySegment y, long to) {
    float max = 0;
    for (int c = 0; c < 32; c++) {
      max = Math.max(max, Math.abs(x.get(JAVA_FLOAT, from + 4L * c)));
    }
    float scale = max / 127f;
    boolean zero = scale < Float.MIN_NORMAL;
    y.set(JAVA_SHORT_UNALIGNED, to, zero ? 0 : Float.floatToFloat16(scale));
    for (int c = 0; c < 32; c++) {
      float v = x.get(JAVA_FLOAT, from + 4L * c);
      y.set(JAVA_BYTE, to + 2 + c, zero ? 0 : (byte) Math.rint(v / scale));
    }
  }

  private void decode(MemorySegment x, long from, MemorySegment y, int n) {
    for (int c = 0; c < n; c++) {
      float v =
          switch (cache) {
            case F32 -> x.get(JAVA_FLOAT_UNALIGNED, from + 4L * c);
            case F16 -> Float.float16ToFloat(x.get(JAVA_SHORT_UNALIGNED, from + 2L * c));
            default -> {
              long block = from + 34L * (c / 32);
              float scale = Float.float16ToFloat(x.get(JAVA_SHORT_UNALIGNED, block));
              yield scale * x.get(JAVA_BYTE, block + 2 + c % 32);
            }
          };
      y.setAtIndex(JAVA_FLOAT, c, v);
    }
  }
}
