package io.tiefsee.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Activations of [rows, cols] (a row a token), row-major and off-heap. The type is {@link
 * QuantType#F32} or {@link QuantType#Q8_ROW}; in the latter a row is
 *
 * <pre>int8 quants[cols] | f32 scales[cols/32] | int16 sums[cols/16]</pre>
 *
 * where x ≈ scale · quant and a sum is that of 16 neighbouring quants (what formats with a minimum
 * or an offset need). Rows start at multiples of 64 bytes relative to the start in both types only
 * if cols allow it; {@link #rowBytes()} is the distance of two rows.
 *
 * <p>A Tensor is a view: mutable contents, fixed shape, not thread-safe by itself (kernels write
 * disjoint parts).
 */
public final class Tensor {
  private final QuantType type;
  private final int rows;
  private final int cols;
  private final MemorySegment data;

  private Tensor(QuantType type, int rows, int cols, MemorySegment data) {
    this.type = type;
    this.rows = rows;
    this.cols = cols;
    this.data = data;
  }

  /** An f32 tensor over {@code data}, which holds at least rows × cols floats. */
  public static Tensor of(int rows, int cols, MemorySegment data) {
    return of(QuantType.F32, rows, cols, data);
  }

  public static Tensor of(QuantType type, int rows, int cols, MemorySegment data) {
    return new Tensor(type, rows, cols, data.asSlice(0, rowBytes(type, cols) * rows));
  }

  public static Tensor allocate(Arena arena, int rows, int cols) {
    return allocate(arena, QuantType.F32, rows, cols);
  }

  public static Tensor allocate(Arena arena, QuantType type, int rows, int cols) {
    long bytes = Math.max(1, rowBytes(type, cols) * rows);
    return of(type, rows, cols, arena.allocate(bytes, 64));
  }

  /** An f32 tensor with a copy of {@code values} ([rows, cols]). */
  public static Tensor copyOf(Arena arena, int rows, int cols, float... values) {
    Tensor t = allocate(arena, rows, cols);
    MemorySegment.copy(values, 0, t.data, JAVA_FLOAT, 0, rows * cols);
    return t;
  }

  /** Bytes from one row to the next. */
  public static long rowBytes(QuantType type, int cols) {
    return switch (type) {
      case F32 -> 4L * cols;
      case Q8_ROW -> (QuantType.Q8_ROW.bytes(cols) + 63) & -64L;
      default -> throw new IllegalArgumentException("activations cannot be " + type);
    };
  }

  public QuantType type() {
    return type;
  }

  public int rows() {
    return rows;
  }

  public int cols() {
    return cols;
  }

  public MemorySegment data() {
    return data;
  }

  public long address() {
    return data.address();
  }

  public long rowBytes() {
    return rowBytes(type, cols);
  }

  public long rowOffset(int row) {
    return rowBytes() * row;
  }

  /** Q8_ROW: offset of the scales within a row. */
  public long scalesOffset() {
    return cols;
  }

  /** Q8_ROW: offset of the int16 sums within a row. */
  public long sumsOffset() {
    return cols + 4L * (cols / 32);
  }

  public float get(int row, int col) {
    return data.get(JAVA_FLOAT, 4L * ((long) row * cols + col));
  }

  public void set(int row, int col, float value) {
    data.set(JAVA_FLOAT, 4L * ((long) row * cols + col), value);
  }

  /** Rows [from, to), sharing the memory. */
  public Tensor rows(int from, int to) {
    return new Tensor(
        type, to - from, cols, data.asSlice(rowOffset(from), rowBytes() * (to - from)));
  }

  /** The same numbers as [rows, cols]; f32 only. */
  public Tensor reshape(int newRows, int newCols) {
    if ((long) newRows * newCols != (long) rows * cols || type != QuantType.F32) {
      throw new IllegalArgumentException(
          "[" + rows + ", " + cols + "] cannot become [" + newRows + ", " + newCols + "]");
    }
    return new Tensor(type, newRows, newCols, data);
  }

  /** All values of an f32 tensor, row-major. */
  public float[] toArray() {
    return data.asSlice(0, 4L * rows * cols).toArray(JAVA_FLOAT);
  }

  public void fill(float value) {
    if (value == 0f) {
      data.fill((byte) 0);
      return;
    }
    for (long i = 0, n = (long) rows * cols; i < n; i++) {
      data.setAtIndex(JAVA_FLOAT, i, value);
    }
  }

  public void copyFrom(Tensor other) {
    MemorySegment.copy(other.data, JAVA_BYTE, 0, data, JAVA_BYTE, 0, rowBytes() * rows);
  }

  @Override
  public String toString() {
    return type + "[" + rows + ", " + cols + "]";
  }
}
