package io.tiefsee.kernel;

import io.tiefsee.tensor.Tensor;

/**
 * What happens to each row (token) by itself, between the matrix products. Rows [r0, r1) only, so
 * threads can share the rows; the result of a row does not depend on the others.
 */
public interface RowOps {
  Isa isa();

  /**
   * Root mean square norm (Zhang and Sennrich, 2019): y = x · (mean(x²) + eps)^-½ · weight.
   *
   * @param x [rows, cols]
   * @param weight [1, cols]
   * @param y [rows, cols], may be x
   */
  void rmsNorm(Tensor x, Tensor weight, float eps, Tensor y, int r0, int r1);

  /**
   * SwiGLU (Shazeer, 2020): y = gate · sigmoid(gate) · up.
   *
   * @param gate [rows, cols]
   * @param up [rows, cols]
   * @param y [rows, cols], may be gate
   */
  void swiglu(Tensor gate, Tensor up, Tensor y, int r0, int r1);

  /** y += x, both [rows, cols]. */
  void add(Tensor x, Tensor y, int r0, int r1);

  /** y[t] += bias for every row; bias is [1, cols]. */
  void addBias(Tensor bias, Tensor y, int r0, int r1);

  /**
   * y[yRow] += factor · x[xRow]; the weighted sum of experts.
   *
   * @param x [·, cols]
   * @param y [·, cols]
   */
  void addScaled(Tensor x, int xRow, float factor, Tensor y, int yRow);

  /**
   * Rotary position embedding (Su et al., 2021) on {@code heads} vectors in each row of x, in
   * place. Head h of row r starts at column {@code offset + h · stride}; its first {@code 2 · half}
   * numbers rotate. cos and sin are those of the row's position.
   *
   * @param x [rows, ·]
   * @param cos [·, half], row = position of the token
   * @param sin [·, half]
   * @param positions position of each row of x
   * @param adjacent true: pairs (0,1), (2,3), …; false: pairs (i, i+half)
   */
  void rope(
      Tensor x,
      int offset,
      int heads,
      int stride,
      int half,
      Tensor cos,
      Tensor sin,
      int[] positions,
      boolean adjacent,
      int r0,
      int r1);

  /**
   * Exponentials of one row: y[i] = exp(x[row][i] − shift), for numbers up to {@code shift}; what
   * is some 88 below becomes 0.
   *
   * @param x [rows, cols]
   * @param y [1, cols]
   */
  void exp(Tensor x, int row, float shift, Tensor y);

  /**
   * Rounds rows to int8: scale = max|x| / 127 over 32 columns, quant = round(x / scale), ties to
   * even.
   *
   * @param x [rows, cols] f32, cols a multiple of 32
   * @param q [rows, cols] Q8_ROW
   */
  void quantize(Tensor x, Tensor q, int r0, int r1);
}
