package io.tiefsee.kernel.vector;

import static io.tiefsee.kernel.vector.Lanes.F;
import static io.tiefsee.kernel.vector.Lanes.L;
import static io.tiefsee.kernel.vector.Lanes.get;
import static io.tiefsee.kernel.vector.Lanes.load;
import static io.tiefsee.kernel.vector.Lanes.set;
import static io.tiefsee.kernel.vector.Lanes.store;

import io.tiefsee.kernel.GemmKernel;
import io.tiefsee.kernel.Isa;
import jdk.incubator.vector.FloatVector;

/**
 * A lane a column of c; a tile of c stays in registers while k runs. k goes in blocks, so that the
 * part of b that a tile reads stays in the first-level cache; a block goes on from what c holds,
 * which leaves the chain of each number as it is.
 */
final class VectorGemm implements GemmKernel {
  private static final int K_BLOCK = 256;

  @Override
  public Isa isa() {
    return Isa.VECTOR;
  }

  @Override
  public void run(Task t, int i0, int i1) {
    for (int k0 = 0; k0 < Math.max(1, t.k()); k0 += K_BLOCK) {
      int k = Math.min(K_BLOCK, t.k() - k0);
      block(t, i0, i1, t.a() + t.aCol() * k0, t.b() + t.bRow() * k0, k, t.add() || k0 > 0);
    }
  }

  private static void block(Task t, int i0, int i1, long a, long b, int k, boolean add) {
    int j = 0;
    for (; j <= t.n() - 2 * L; j += 2 * L) {
      long bj = b + 4L * j;
      long cj = t.c() + 4L * j;
      int i = i0;
      for (; i <= i1 - 6; i += 6) {
        tile6x2(t, a + t.aRow() * i, bj, cj + t.cRow() * i, k, add);
      }
      for (; i <= i1 - 3; i += 3) {
        tile3x2(t, a + t.aRow() * i, bj, cj + t.cRow() * i, k, add);
      }
      for (; i < i1; i++) {
        long ai = a + t.aRow() * i;
        tile1(t, ai, bj, cj + t.cRow() * i, k, add);
        tile1(t, ai, bj + 4L * L, cj + t.cRow() * i + 4L * L, k, add);
      }
    }
    for (; j <= t.n() - L; j += L) {
      long bj = b + 4L * j;
      long cj = t.c() + 4L * j;
      int i = i0;
      for (; i <= i1 - 6; i += 6) {
        tile6x1(t, a + t.aRow() * i, bj, cj + t.cRow() * i, k, add);
      }
      for (; i < i1; i++) {
        tile1(t, a + t.aRow() * i, bj, cj + t.cRow() * i, k, add);
      }
    }
    for (; j < t.n(); j++) {
      for (int i = i0; i < i1; i++) {
        single(t, a + t.aRow() * i, b + 4L * j, t.c() + t.cRow() * i + 4L * j, k, add);
      }
    }
  }

  private static FloatVector start(long c, boolean add) {
    return add ? load(c) : FloatVector.zero(F);
  }

  private static FloatVector spread(long a) {
    return FloatVector.broadcast(F, get(a));
  }

  private static void single(Task t, long a, long b, long c, int k, boolean add) {
    float sum = add ? get(c) : 0;
    for (int p = 0; p < k; p++) {
      sum = Math.fma(get(a + t.aCol() * p), get(b + t.bRow() * p), sum);
    }
    set(c, sum);
  }

  private static void tile1(Task t, long a, long b, long c, int k, boolean add) {
    long aCol = t.aCol();
    long bRow = t.bRow();
    FloatVector sum = start(c, add);
    for (int p = 0; p < k; p++) {
      sum = spread(a + aCol * p).fma(load(b + bRow * p), sum);
    }
    store(sum, c);
  }

  private static void tile6x1(Task t, long a, long b, long c, int k, boolean add) {
    long aCol = t.aCol();
    long bRow = t.bRow();
    long aRow = t.aRow();
    long cRow = t.cRow();
    FloatVector s0 = start(c, add);
    FloatVector s1 = start(c + cRow, add);
    FloatVector s2 = start(c + 2 * cRow, add);
    FloatVector s3 = start(c + 3 * cRow, add);
    FloatVector s4 = start(c + 4 * cRow, add);
    FloatVector s5 = start(c + 5 * cRow, add);
    for (int p = 0; p < k; p++) {
      FloatVector v = load(b);
      s0 = spread(a).fma(v, s0);
      s1 = spread(a + aRow).fma(v, s1);
      s2 = spread(a + 2 * aRow).fma(v, s2);
      s3 = spread(a + 3 * aRow).fma(v, s3);
      s4 = spread(a + 4 * aRow).fma(v, s4);
      s5 = spread(a + 5 * aRow).fma(v, s5);
      a += aCol;
      b += bRow;
    }
    store(s0, c);
    store(s1, c + cRow);
    store(s2, c + 2 * cRow);
    store(s3, c + 3 * cRow);
    store(s4, c + 4 * cRow);
    store(s5, c + 5 * cRow);
  }

  private static void tile3x2(Task t, long a, long b, long c, int k, boolean add) {
    long aCol = t.aCol();
    long bRow = t.bRow();
    long aRow = t.aRow();
    long cRow = t.cRow();
    long right = 4L * L;
    FloatVector s0 = start(c, add);
    FloatVector t0 = start(c + right, add);
    FloatVector s1 = start(c + cRow, add);
    FloatVector t1 = start(c + cRow + right, add);
    FloatVector s2 = start(c + 2 * cRow, add);
    FloatVector t2 = start(c + 2 * cRow + right, add);
    for (int p = 0; p < k; p++) {
      FloatVector v = load(b);
      FloatVector w = load(b + right);
      FloatVector x = spread(a);
      s0 = x.fma(v, s0);
      t0 = x.fma(w, t0);
      x = spread(a + aRow);
      s1 = x.fma(v, s1);
      t1 = x.fma(w, t1);
      x = spread(a + 2 * aRow);
      s2 = x.fma(v, s2);
      t2 = x.fma(w, t2);
      a += aCol;
      b += bRow;
    }
    store(s0, c);
    store(t0, c + right);
    store(s1, c + cRow);
    store(t1, c + cRow + right);
    store(s2, c + 2 * cRow);
    store(t2, c + 2 * cRow + right);
  }

  private static void tile6x2(Task t, long a, long b, long c, int k, boolean add) {
    long aCol = t.aCol();
    long bRow = t.bRow();
    long aRow = t.aRow();
    long cRow = t.cRow();
    long right = 4L * L;
    FloatVector s0 = start(c, add);
    FloatVector t0 = start(c + right, add);
    FloatVector s1 = start(c + cRow, add);
    FloatVector t1 = start(c + cRow + right, add);
    FloatVector s2 = start(c + 2 * cRow, add);
    FloatVector t2 = start(c + 2 * cRow + right, add);
    FloatVector s3 = start(c + 3 * cRow, add);
    FloatVector t3 = start(c + 3 * cRow + right, add);
    FloatVector s4 = start(c + 4 * cRow, add);
    FloatVector t4 = start(c + 4 * cRow + right, add);
    FloatVector s5 = start(c + 5 * cRow, add);
    FloatVector t5 = start(c + 5 * cRow + right, add);
    for (int p = 0; p < k; p++) {
      FloatVector v = load(b);
      FloatVector w = load(b + right);
      FloatVector x = spread(a);
      s0 = x.fma(v, s0);
      t0 = x.fma(w, t0);
      x = spread(a + aRow);
      s1 = x.fma(v, s1);
      t1 = x.fma(w, t1);
      x = spread(a + 2 * aRow);
      s2 = x.fma(v, s2);
      t2 = x.fma(w, t2);
      x = spread(a + 3 * aRow);
      s3 = x.fma(v, s3);
      t3 = x.fma(w, t3);
      x = spread(a + 4 * aRow);
      s4 = x.fma(v, s4);
      t4 = x.fma(w, t4);
      x = spread(a + 5 * aRow);
      s5 = x.fma(v, s5);
      t5 = x.fma(w, t5);
      a += aCol;
      b += bRow;
    }
    store(s0, c);
    store(t0, c + right);
    store(s1, c + cRow);
    store(t1, c + cRow + right);
    store(s2, c + 2 * cRow);
    store(t2, c + 2 * cRow + right);
    store(s3, c + 3 * cRow);
    store(t3, c + 3 * cRow + right);
    store(s4, c + 4 * cRow);
    store(t4, c + 4 * cRow + right);
    store(s5, c + 5 * cRow);
    store(t5, c + 5 * cRow + right);
  }
}
