package io.tiefsee.kernel.x86;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Packer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Product kernels whose code runs in the {@link Emulator}; packing runs on the processor. */
public final class EmulatedKernels {
  private EmulatedKernels() {}

  /** The kernels of an instruction set, {@link Isa#AVX2} or above, in the one layout it prefers. */
  public static KernelTable table(Isa isa) {
    List<MatmulKernel> matmuls = new ArrayList<>();
    List<Packer> packers = new ArrayList<>();
    for (PackedFormat f : X86.formats()) {
      MatmulKernel kernel = new X86Matmul(f, isa, Emulator::new);
      matmuls.add(kernel);
      packers.add(new X86Packer(f, kernel.layout()));
    }
    return KernelTable.of(matmuls, packers, Optional.empty(), List.of());
  }
}
