package io.tiefsee.kernel.scalar;

import io.tiefsee.kernel.GemmKernel;
import io.tiefsee.kernel.Isa;

/** One fused multiply-add after the other. */
final class ScalarGemm implements GemmKernel {
  @Override
  public Isa isa() {
    return Isa.SCALAR;
  }

  @Override
  public void run(Task t, int i0, int i1) {
    for (int i = i0; i < i1; i++) {
      long a = t.a() + t.aRow() * i;
      for (int j = 0; j < t.n(); j++) {
        long c = t.c() + t.cRow() * i + 4L * j;
        long b = t.b() + 4L * j;
        float sum = t.add() ? ScalarGradients.get(c) : 0;
        for (int k = 0; k < t.k(); k++) {
          float x = ScalarGradients.get(a + t.aCol() * k);
          sum = Math.fma(x, ScalarGradients.get(b + t.bRow() * k), sum);
        }
        ScalarGradients.set(c, sum);
      }
    }
  }
}
