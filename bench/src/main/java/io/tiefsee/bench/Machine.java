package io.tiefsee.bench;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.VectorModule;
import io.tiefsee.tensor.Tensor;
import java.util.SplittableRandom;

/** What the benchmarks share. */
final class Machine {
  private Machine() {}

  /**
   * The kernels of an instruction set.
   *
   * @throws IllegalStateException if this machine has it not, or the flags of jvm.options did not
   *     reach this JVM
   */
  static KernelTable table(Isa isa) {
    if (!VectorModule.isLoaded()) {
      throw new IllegalStateException("this JVM runs without the flags of jvm.options");
    }
    if (isa.compareTo(Isa.best()) > 0) {
      throw new IllegalStateException("this machine has no " + isa);
    }
    return Kernels.forIsa(isa);
  }

  /** Normally distributed numbers. */
  static void fill(Tensor t) {
    SplittableRandom random = new SplittableRandom(3);
    for (int r = 0; r < t.rows(); r++) {
      for (int c = 0; c < t.cols(); c++) {
        t.set(r, c, (float) random.nextGaussian());
      }
    }
  }
}
