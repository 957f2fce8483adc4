package io.tiefsee.tensor;

/**
 * In which order a {@link Matrix} keeps its blocks. Files hold {@link #ROWS}; a kernel may ask for
 * rows to be interleaved when the model is loaded, so that one vector register holds the same
 * columns of several rows and no horizontal addition is needed.
 */
public enum Layout {
  /** Row after row, as in the file. */
  ROWS(1),
  /** Groups of eight rows, as the AVX2 kernels want them. */
  AVX2_8(8),
  /** Groups of sixteen rows, as the AVX-512 kernels want them. */
  AVX512_16(16),
  /** Groups of sixteen rows, one lane a row, as the Vector API kernels want them. */
  VECTOR_16(16);

  private final int group;

  Layout(int group) {
    this.group = group;
  }

  /** Rows that lie together; the last group of a matrix is padded with zero rows. */
  public int group() {
    return group;
  }
}
