package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Packer;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A small product against plain arithmetic, for kernels that few of the machines run that the
 * project is tested on. It takes about a millisecond of a start.
 */
final class SelfCheck {
  private static final int COLS = 256;

  /** Tiles of eight tokens, or two of sixteen and most of one, and one of each smaller size. */
  private static final int TOKENS = 47;

  private static final int FEW_TOKENS = 5;

  /** Far above rounding, far below any slip. */
  private static final double TOLERANCE = 1e-4;

  private SelfCheck() {}

  static boolean passes(MatmulKernel kernel, Packer packer) {
    int rows = kernel.layout().group();
    try (Arena arena = Arena.ofConfined()) {
      byte[] random = new byte[(int) kernel.weights().bytes(COLS) * rows];
      long state = 1;
      for (int i = 0; i < random.length; i++) {
        state = state * 6364136223846793005L + 1442695040888963407L;
        random[i] = (byte) (state >>> 56);
      }
      MemorySegment blocks = arena.allocateFrom(JAVA_BYTE, random);
      Matrix plain = Matrix.of("self-check", kernel.weights(), rows, COLS, blocks);
      MemorySegment packed = arena.allocate(packer.packedBytes(rows, COLS), 64);
      packer.pack(plain, packed, 0, 1);
      Matrix w =
          new Matrix(
              "self-check",
              kernel.weights(),
              kernel.layout(),
              rows,
              COLS,
              packed,
              MemorySegment.NULL);
      Tensor x = activations(arena);
      Tensor y = Tensor.allocate(arena, TOKENS + FEW_TOKENS, rows);
      kernel.run(w, x, y.rows(0, TOKENS), 0, rows);
      kernel.run(w, x.rows(0, FEW_TOKENS), y.rows(TOKENS, TOKENS + FEW_TOKENS), 0, rows);
      return agrees(plain, x, y);
    }
  }

  /** The same row for all tokens. */
  private static Tensor activations(Arena arena) {
    Tensor x = Tensor.allocate(arena, 1, COLS);
    for (int c = 0; c < COLS; c++) {
      x.set(0, c, (c * 37 % 101 - 50) / 64f);
    }
    Tensor all = Tensor.allocate(arena, QuantType.Q8_ROW, TOKENS, COLS);
    Scalar.table().ops().quantize(x, all, 0, 1);
    for (int t = 1; t < TOKENS; t++) {
      MemorySegment.copy(all.data(), 0, all.data(), all.rowOffset(t), all.rowBytes());
    }
    return all;
  }

  private static boolean agrees(Matrix w, Tensor x, Tensor y) {
    float[] row = new float[COLS];
    byte[] values = x.data().asSlice(0, COLS).toArray(JAVA_BYTE);
    float[] scales = x.data().asSlice(x.scalesOffset(), 4 * COLS / 32).toArray(JAVA_FLOAT);
    for (int r = 0; r < w.rows(); r++) {
      Dequantize.row(w, r, MemorySegment.ofArray(row));
      double sum = 0;
      double size = 0;
      for (int c = 0; c < COLS; c++) {
        double product = (double) row[c] * scales[c / 32] * values[c];
        sum += product;
        size += Math.abs(product);
      }
      // Random scales may be infinite or no numbers; the other rows suffice.
      if (!Double.isFinite(sum)) {
        continue;
      }
      for (int t = 0; t < y.rows(); t++) {
        if (y.get(t, r) != y.get(0, r) || Math.abs(y.get(t, r) - sum) > TOLERANCE * size) {
          return false;
        }
      }
    }
    return true;
  }
}
