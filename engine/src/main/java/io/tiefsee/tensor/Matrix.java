package io.tiefsee.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A weight matrix of [rows, cols] in one {@link QuantType}, immutable, usually off-heap (a mapped
 * file or an arena). It owns its scales. Tensors of three dimensions (the experts of a layer) are
 * matrices of experts × rows rows; {@link #rows(int, int)} is the view of one of them.
 *
 * @param name the tensor's name in the file, for messages
 * @param type storage of the elements
 * @param layout order of the blocks
 * @param rows number of rows (outputs of a matmul)
 * @param cols number of columns (inputs of a matmul)
 * @param data the blocks; its size is {@code rowBytes() * rows}, rows rounded up to whole groups
 * @param scales FP8: f32 [ceil(rows/128), ceil(cols/128)], the factor of each block; else empty
 * @param adapter a change that the model's operations add to products with these weights; kernels,
 *     which see the stored numbers only, do not know it
 */
public record Matrix(
    String name,
    QuantType type,
    Layout layout,
    int rows,
    int cols,
    MemorySegment data,
    MemorySegment scales,
    Optional<LowRank> adapter) {

  public Matrix {
    long need = type.bytes(cols) * paddedRows(layout, rows);
    if (layout == Layout.ROWS && data.byteSize() < need) {
      throw new BadInput(
          "tensor "
              + name
              + " needs "
              + need
              + " bytes, but only "
              + data.byteSize()
              + " are there");
    }
  }

  /** A matrix without adapter. */
  public Matrix(
      String name,
      QuantType type,
      Layout layout,
      int rows,
      int cols,
      MemorySegment data,
      MemorySegment scales) {
    this(name, type, layout, rows, cols, data, scales, Optional.empty());
  }

  public static Matrix of(String name, QuantType type, int rows, int cols, MemorySegment data) {
    return new Matrix(name, type, Layout.ROWS, rows, cols, data, MemorySegment.NULL);
  }

  /**
   * The same weights with a change.
   *
   * @throws BadInput if the shapes do not fit
   */
  public Matrix withAdapter(LowRank change) {
    if (change.down().cols() != cols || change.up().rows() != rows) {
      throw new BadInput(
          "the adapter of %s is for [%d, %d], but the model's matrix is [%d, %d]"
              .formatted(name, change.up().rows(), change.down().cols(), rows, cols));
    }
    return new Matrix(name, type, layout, rows, cols, data, scales, Optional.of(change));
  }

  /** Bytes of one row in layout {@link Layout#ROWS}. */
  public long rowBytes() {
    return type.bytes(cols);
  }

  public long elements() {
    return (long) rows * cols;
  }

  /** Bytes that one pass over the matrix reads. */
  public long bytes() {
    return data.byteSize() + scales.byteSize();
  }

  /** Address of the first byte of row {@code r} in layout {@link Layout#ROWS}. */
  public long rowOffset(int r) {
    return rowBytes() * r;
  }

  /**
   * Rows [from, to) as a matrix of its own that shares the memory.
   *
   * @throws IllegalArgumentException if {@code from} does not start a group of the layout (or a
   *     block of FP8 scales)
   */
  public Matrix rows(int from, int to) {
    boolean fp8 = type == QuantType.FP8_E4M3;
    if (from % layout.group() != 0 || (fp8 && from % QuantType.FP8_BLOCK != 0)) {
      throw new IllegalArgumentException(name + ": a view cannot start at row " + from);
    }
    long groupRowBytes = data.byteSize() / paddedRows(layout, rows);
    MemorySegment part =
        data.asSlice(groupRowBytes * from, groupRowBytes * paddedRows(layout, to - from));
    MemorySegment partScales = scales;
    if (fp8) {
      long line = 4L * Math.ceilDiv(cols, QuantType.FP8_BLOCK);
      int first = from / QuantType.FP8_BLOCK;
      partScales =
          scales.asSlice(line * first, line * (Math.ceilDiv(to, QuantType.FP8_BLOCK) - first));
    }
    return new Matrix(name, type, layout, to - from, cols, part, partScales);
  }

  private static long paddedRows(Layout layout, int rows) {
    return (long) Math.ceilDiv(rows, layout.group()) * layout.group();
  }
}
