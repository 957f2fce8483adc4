package io.tiefsee.kernel;

import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.kernel.vector.VectorApi;
import io.tiefsee.kernel.x86.X86;
import io.tiefsee.tensor.QuantType;
import java.util.Set;

/** Chooses the kernels of a machine: the scalar table with the faster ones laid over it. */
public final class Kernels {
  private Kernels() {}

  /** Everything up to and including {@code isa}, which the machine must have. */
  public static KernelTable forIsa(Isa isa) {
    KernelTable table = Scalar.table();
    if (isa.compareTo(Isa.VECTOR) >= 0 && VectorModule.isLoaded()) {
      table = table.overlay(VectorApi.table());
    }
    if (isa.compareTo(Isa.AVX2) >= 0) {
      table = table.overlay(X86.table(isa));
    }
    return table;
  }

  /**
   * As {@link #forIsa}, but without the kernels of the Vector API, whose module takes a while to
   * load, where there is machine code for all products.
   *
   * @param weights types of the matrices
   * @param activations what quantised weights meet; others meet f32
   */
  public static KernelTable forProducts(Isa isa, Set<QuantType> weights, QuantType activations) {
    if (isa.compareTo(Isa.AVX2) >= 0) {
      KernelTable code = X86.table(isa);
      if (weights.stream()
          .allMatch(w -> code.best(w, w.isFloat() ? QuantType.F32 : activations).isPresent())) {
        return Scalar.table().overlay(code);
      }
    }
    return forIsa(isa);
  }
}
