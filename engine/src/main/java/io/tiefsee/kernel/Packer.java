package io.tiefsee.kernel;

import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/** Reorders the rows of a matrix for a kernel when a model is loaded, and reads them back. */
public interface Packer {
  QuantType type();

  Layout layout();

  /** Bytes that a packed matrix of [rows, cols] takes; rows are padded to whole groups. */
  long packedBytes(int rows, int cols);

  /**
   * Packs groups [g0, g1) of {@code w}; group g is rows g·group to (g+1)·group. Missing rows of the
   * last group become zero rows. Groups are independent: threads may share the work.
   *
   * @param w in layout {@link Layout#ROWS}; its data may hold fewer rows than the whole matrix only
   *     if they start at a group boundary
   * @param packed the whole packed matrix, {@link #packedBytes} long, 64-byte aligned
   */
  void pack(Matrix w, MemorySegment packed, int g0, int g1);

  /** Dequantises row {@code row} of a packed matrix into {@code y} (cols floats). */
  void unpackRow(Matrix w, int row, MemorySegment y);
}
