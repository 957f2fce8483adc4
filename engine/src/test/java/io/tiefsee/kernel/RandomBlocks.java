package io.tiefsee.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Weight matrices of any format with random quants and finite scales. */
final class RandomBlocks {
  /** Which scales the blocks get. */
  enum Scales {
    /** Normal numbers around 1/100, either sign. */
    ORDINARY,
    /** Zero, subnormal, negative and huge ones; many blocks have all bits of their quants set. */
    EXTREME
  }

  private RandomBlocks() {}

  static Matrix matrix(
      Arena arena, QuantType type, int rows, int cols, Scales scales, SplittableRandom random) {
    long bytes = type.bytes(cols) * rows;
    // Files align tensors to less than a register, so reference data starts at an odd place.
    MemorySegment data = arena.allocate(bytes + 64, 64).asSlice(4, bytes);
    for (long at = 0; at < bytes; at += type.blockBytes()) {
      MemorySegment block = data.asSlice(at, type.blockBytes());
      boolean full = scales == Scales.EXTREME && random.nextInt(3) == 0;
      for (int i = 0; i < block.byteSize(); i++) {
        block.set(JAVA_BYTE, i, (byte) (full ? 0xff : random.nextInt(256)));
      }
      scale(type, block, scales, random);
    }
    if (type != QuantType.FP8_E4M3) {
      return Matrix.of(type.name(), type, rows, cols, data);
    }
    int blocks = Math.ceilDiv(rows, 128) * Math.ceilDiv(cols, 128);
    MemorySegment factors = arena.allocate(4L * blocks, 64);
    for (int i = 0; i < blocks; i++) {
      factors.setAtIndex(JAVA_FLOAT, i, random.nextFloat());
    }
    return new Matrix(type.name(), type, Layout.ROWS, rows, cols, data, factors);
  }

  private static void scale(
      QuantType type, MemorySegment block, Scales scales, SplittableRandom random) {
    switch (type) {
      case F32 ->
          block.set(
              JAVA_FLOAT_UNALIGNED,
              0,
              Float.float16ToFloat(half(scales, random)) * (1 + random.nextFloat()));
      case F16 -> half(block, 0, scales, random);
      case BF16 -> {
        float v = Float.float16ToFloat(half(scales, random));
        block.set(JAVA_SHORT_UNALIGNED, 0, (short) (Float.floatToRawIntBits(v) >>> 16));
      }
      case FP8_E4M3 -> {
        if ((block.get(JAVA_BYTE, 0) & 0x7f) == 0x7f) {
          block.set(JAVA_BYTE, 0, (byte) 0x7e);
        }
      }
      case Q2_K -> {
        half(block, 80, scales, random);
        half(block, 82, scales, random);
      }
      case Q3_K -> half(block, 108, scales, random);
      case Q6_K -> half(block, 208, scales, random);
      case Q4_1, Q5_1, Q4_K, Q5_K -> {
        half(block, 0, scales, random);
        half(block, 2, scales, random);
      }
      case TQ1_0 -> half(block, 52, scales, random);
      case TQ2_0 -> half(block, 64, scales, random);
      case IQ1_M -> {
        // The scale is spread over the top four bits of four shorts.
        short d = half(scales, random);
        for (int i = 0; i < 4; i++) {
          int low = block.get(JAVA_BYTE, 49 + 2 * i) & 0x0f;
          block.set(JAVA_BYTE, 49 + 2 * i, (byte) (low | (d >> (4 * i) & 0x0f) << 4));
        }
      }
      case MXFP4 -> block.set(JAVA_BYTE, 0, (byte) (scales == Scales.ORDINARY ? 120 : 140));
      case NVFP4 -> {
        for (int i = 0; i < 4; i++) {
          block.set(JAVA_BYTE, i, (byte) random.nextInt(0x7f));
        }
      }
      default -> half(block, 0, scales, random);
    }
  }

  private static void half(MemorySegment block, long at, Scales scales, SplittableRandom random) {
    block.set(JAVA_SHORT_UNALIGNED, at, half(scales, random));
  }

  private static short half(Scales scales, SplittableRandom random) {
    float v = (0.005f + 0.01f * random.nextFloat()) * (random.nextBoolean() ? 1 : -1);
    if (scales == Scales.EXTREME) {
      v =
          switch (random.nextInt(6)) {
            case 0 -> 0f;
            case 1 -> -0f;
            case 2 -> 0x1p-24f * (1 + random.nextInt(1000));
            case 3 -> -0x1p-24f;
            case 4 -> 60000f;
            default -> v;
          };
    }
    return Float.floatToFloat16(v);
  }
}
