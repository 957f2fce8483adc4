package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.util.List;

/**
 * What a file says of one tensor.
 *
 * @param name as in the file
 * @param type storage of the elements
 * @param shape outermost dimension first (GGUF writes it the other way round); empty for a scalar
 * @param bytes size of the data, without the scales of FP8
 */
public record TensorInfo(String name, QuantType type, List<Long> shape, long bytes) {
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /**
   * Computes the size from the shape, outermost dimension first.
   *
   * @throws BadInput if a dimension is zero, rows do not fill whole blocks, or the tensor is larger
   *     than a matrix can be
   */
  public static TensorInfo of(String name, QuantType type, List<Long> shape) {
    long rows = 1;
    long cols = shape.isEmpty() ? 1 : shape.getLast();
    boolean fits = cols >= 1 && cols <= Integer.MAX_VALUE;
    for (int i = 0; i < shape.size() - 1 && fits; i++) {
      long n = shape.get(i);
      fits = n >= 1 && n <= Integer.MAX_VALUE / rows;
      rows *= n;
    }
    if (!fits) {
      throw new BadInput("tensor " + Quote.of(name) + " has the impossible shape " + shape);
    }
    if (cols % type.blockElements() != 0) {
      throw new BadInput(
          "tensor "
              + Quote.of(name)
              + " has rows of "
              + cols
              + " numbers, which do not fill whole "
              + type
              + " blocks of "
              + type.blockElements());
    }
    long rowBytes = type.bytes(cols);
    if (rowBytes > Long.MAX_VALUE / rows) {
      throw new BadInput("tensor " + Quote.of(name) + " has the impossible shape " + shape);
    }
    return new TensorInfo(name, type, shape, rowBytes * rows);
  }

  /** The innermost dimension: columns of the matrix. */
  public int cols() {
    return shape.isEmpty() ? 1 : Math.toIntExact(shape.getLast());
  }

  /** The product of all other dimensions: rows of the matrix. */
  public int rows() {
    long rows = 1;
    for (int i = 0; i < shape.size() - 1; i++) {
      rows = Math.multiplyExact(rows, shape.get(i));
    }
    return Math.toIntExact(rows);
  }
}
