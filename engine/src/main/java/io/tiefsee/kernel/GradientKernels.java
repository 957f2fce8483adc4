package io.tiefsee.kernel;

import io.tiefsee.kernel.scalar.ScalarGradients;
import io.tiefsee.kernel.vector.VectorGradients;
import io.tiefsee.kernel.x86.X86Gemm;
import io.tiefsee.kernel.x86.X86Gradients;

/**
 * Which kernels compute gradients on this machine.
 *
 * @param gemm products
 * @param ops all the rest
 */
public record GradientKernels(GemmKernel gemm, GradientOps ops) {
  /** The best up to and including {@code isa}, which the machine must have. */
  public static GradientKernels forIsa(Isa isa) {
    GradientKernels portable =
        isa.compareTo(Isa.VECTOR) >= 0 && VectorModule.isLoaded()
            ? VectorGradients.kernels()
            : ScalarGradients.kernels();
    return isa.compareTo(Isa.AVX2) >= 0
        ? new GradientKernels(new X86Gemm(isa), new X86Gradients(portable.ops()))
        : portable;
  }
}
