package io.tiefsee.kernel;

/**
 * General product of f32 matrices that lie in memory in any direction: what the gradients of a
 * matrix product need (dX = dY·W, dW = dYᵀ·X). Stateless and thread-safe.
 */
public interface GemmKernel {
  /** The instruction set that really runs. */
  Isa isa();

  /**
   * c[i][j] = Σk a[i][k]·b[k][j], or c += … where {@code add} is set. Rows of b and c are
   * contiguous; a may be transposed. Addresses are of f32 numbers, strides are in bytes; who makes
   * a task vouches for the memory.
   *
   * @param a address of [m, k]
   * @param aRow distance of a[i][k] and a[i+1][k]
   * @param aCol distance of a[i][k] and a[i][k+1]
   * @param b address of [k, n]
   * @param bRow distance of two rows of b
   * @param c address of [m, n]
   * @param cRow distance of two rows of c
   * @param m rows of c
   * @param n columns of c
   * @param k length of the sums
   * @param add c is added to, not overwritten
   */
  record Task(
      long a,
      long aRow,
      long aCol,
      long b,
      long bRow,
      long c,
      long cRow,
      int m,
      int n,
      int k,
      boolean add) {}

  /**
   * Computes rows [i0, i1) of c. Each number is one chain of fused multiply-adds, k ascending, that
   * starts from c or from 0; so it depends neither on the split into ranges nor on the width of a
   * vector.
   */
  void run(Task task, int i0, int i1);
}
