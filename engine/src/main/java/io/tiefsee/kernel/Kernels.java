package io.tiefsee.kernel;

import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.kernel.vector.VectorApi;

/** Chooses the kernels of a machine: the scalar table with the faster ones laid over it. */
public final class Kernels {
  private Kernels() {}

  /** Everything up to and including {@code isa}, which the machine must have. */
  public static KernelTable forIsa(Isa isa) {
    KernelTable table = Scalar.table();
    if (isa.compareTo(Isa.VECTOR) >= 0 && hasVectorApi()) {
      table = table.overlay(VectorApi.table());
    }
    return table;
  }

  private static boolean hasVectorApi() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }
}
