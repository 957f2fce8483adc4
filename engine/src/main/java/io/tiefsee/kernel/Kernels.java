package io.tiefsee.kernel;

import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.kernel.vector.VectorApi;
import io.tiefsee.kernel.x86.X86;

/** Chooses the kernels of a machine: the scalar table with the faster ones laid over it. */
public final class Kernels {
  private Kernels() {}

  /** Everything up to and including {@code isa}, which the machine must have. */
  public static KernelTable forIsa(Isa isa) {
    KernelTable table = Scalar.table();
    if (isa.compareTo(Isa.VECTOR) >= 0 && hasVectorApi()) {
      table = table.overlay(VectorApi.table());
    }
    if (isa.compareTo(Isa.AVX2) >= 0) {
      table = table.overlay(X86.table(isa));
    }
    return table;
  }

  static boolean hasVectorApi() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }
}
