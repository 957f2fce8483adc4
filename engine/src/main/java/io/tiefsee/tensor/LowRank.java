package io.tiefsee.tensor;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A low-rank change of a matrix W of [rows, cols]: W + scale · up · down (Hu et al., 2021). Both
 * factors are f32 in layout {@link Layout#ROWS}.
 *
 * @param down [rank, cols]; PEFT calls it A
 * @param up [rows, rank]; PEFT calls it B
 * @param scale factor of their product
 */
public record LowRank(Matrix down, Matrix up, float scale) {
  public LowRank {
    if (down.rows() != up.cols()) {
      throw new IllegalArgumentException(
          down.name() + ": the factors have the ranks " + down.rows() + " and " + up.cols());
    }
  }

  public int rank() {
    return down.rows();
  }

  /**
   * Both changes as one: its rank is the sum of the two.
   *
   * @param arena owns the new factors
   */
  public LowRank plus(LowRank other, Arena arena) {
    int rank = rank() + other.rank();
    int cols = down.cols();
    int rows = up.rows();
    MemorySegment d = NativeMemory.allocate(arena, 4L * rank * cols);
    MemorySegment u = NativeMemory.allocate(arena, 4L * rows * rank);
    MemorySegment.copy(down.data(), 0, d, 0, 4L * rank() * cols);
    MemorySegment.copy(other.down.data(), 0, d, 4L * rank() * cols, 4L * other.rank() * cols);
    for (int r = 0; r < rows; r++) {
      scaledRow(this, r, u, (long) r * rank);
      scaledRow(other, r, u, (long) r * rank + rank());
    }
    return new LowRank(
        Matrix.of(down.name(), QuantType.F32, rank, cols, d),
        Matrix.of(up.name(), QuantType.F32, rows, rank, u),
        1);
  }

  private static void scaledRow(LowRank a, int row, MemorySegment to, long at) {
    for (int k = 0; k < a.rank(); k++) {
      float value = a.up.data().getAtIndex(JAVA_FLOAT, (long) row * a.rank() + k);
      to.setAtIndex(JAVA_FLOAT, at + k, a.scale * value);
    }
  }

  /** Adds row {@code row} of the change, as f32, to {@code values}, [cols]. */
  public void addRow(int row, float[] values) {
    for (int k = 0; k < rank(); k++) {
      float factor = scale * up.data().getAtIndex(JAVA_FLOAT, (long) row * rank() + k);
      long at = (long) k * values.length;
      for (int c = 0; c < values.length; c++) {
        values[c] += factor * down.data().getAtIndex(JAVA_FLOAT, at + c);
      }
    }
  }
}
