package io.tiefsee.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.format.TensorData;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.kernel.scalar.Quantize;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Normally distributed weights of any type, as fast as a disk writes: one chunk of random blocks a
 * (type, deviation) is made and then repeated. Its length is a prime number of blocks, so that the
 * rows of a matrix begin at different places of it. Not thread-safe.
 */
final class RandomWeights {
  private static final int CHUNK_ELEMENTS = 1 << 18;

  /** Types that {@link Quantize} cannot make, whose blocks begin with an f16 factor of all else. */
  private static final Set<QuantType> SCALE_FIRST =
      EnumSet.of(
          QuantType.IQ1_S,
          QuantType.IQ2_XXS,
          QuantType.IQ2_XS,
          QuantType.IQ2_S,
          QuantType.IQ3_XXS,
          QuantType.IQ3_S,
          QuantType.IQ4_XS);

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private record Kind(QuantType type, float deviation) {}

  private final Arena arena;
  private final SplittableRandom random;
  private final Map<Kind, MemorySegment> chunks = new HashMap<>();

  /**
   * @param arena owns the chunks
   */
  RandomWeights(Arena arena, long seed) {
    this.arena = arena;
    this.random = new SplittableRandom(seed);
  }

  static boolean supports(QuantType type) {
    return Quantize.supports(type) || SCALE_FIRST.contains(type);
  }

  /** {@code elements} numbers of mean 0. */
  TensorData normal(QuantType type, long elements, double deviation) {
    long bytes = type.bytes(elements);
    MemorySegment chunk = chunks.computeIfAbsent(new Kind(type, (float) deviation), this::chunk);
    long start = random.nextLong(chunk.byteSize() / type.blockBytes()) * type.blockBytes();
    return sink -> {
      long at = start;
      for (long left = bytes; left > 0; ) {
        long n = Math.min(left, chunk.byteSize() - at);
        sink.write(chunk.asSlice(at, n));
        left -= n;
        at = 0;
      }
    };
  }

  /** {@code elements} times the same f32. */
  TensorData constant(int elements, float value) {
    MemorySegment all = arena.allocate(4L * elements, 64);
    for (int i = 0; i < elements; i++) {
      all.setAtIndex(JAVA_FLOAT, i, value);
    }
    return sink -> sink.write(all);
  }

  private MemorySegment chunk(Kind kind) {
    QuantType type = kind.type;
    int blocks =
        BigInteger.valueOf(CHUNK_ELEMENTS / type.blockElements()).nextProbablePrime().intValue();
    int elements = blocks * type.blockElements();
    MemorySegment chunk = arena.allocate(type.bytes(elements), 64);
    if (Quantize.supports(type)) {
      float[] x = new float[elements];
      for (int i = 0; i < elements; i++) {
        x[i] = (float) random.nextGaussian(0, kind.deviation);
      }
      Quantize.blocks(type, x, 0, elements, chunk, 0);
    } else if (SCALE_FIRST.contains(type)) {
      scaled(kind, blocks, chunk);
    } else {
      throw new BadInput("random weights of type " + type + " cannot be made");
    }
    return chunk;
  }

  /** Random bits, then the one scale that gives them the wanted deviation. */
  private void scaled(Kind kind, int blocks, MemorySegment chunk) {
    QuantType type = kind.type;
    for (long i = 0; i < chunk.byteSize(); i++) {
      chunk.set(JAVA_BYTE, i, (byte) random.nextInt(256));
    }
    scale(type, blocks, chunk, 1);
    float[] y = new float[type.blockElements()];
    double squares = 0;
    int sample = Math.min(blocks, 100);
    Matrix m = Matrix.of("chunk", type, blocks, type.blockElements(), chunk);
    for (int b = 0; b < sample; b++) {
      Dequantize.row(m, b, MemorySegment.ofArray(y));
      for (float v : y) {
        squares += (double) v * v;
      }
    }
    scale(type, blocks, chunk, kind.deviation / Math.sqrt(squares / sample / y.length));
  }

  private static void scale(QuantType type, int blocks, MemorySegment chunk, double scale) {
    for (int b = 0; b < blocks; b++) {
      chunk.set(SHORT, (long) b * type.blockBytes(), Float.floatToFloat16((float) scale));
    }
  }
}
