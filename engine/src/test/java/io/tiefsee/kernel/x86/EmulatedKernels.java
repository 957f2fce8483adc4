package io.tiefsee.kernel.x86;

import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Packer;
import io.tiefsee.tensor.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Product kernels whose code runs in the {@link Emulator}; packing runs on the processor. */
public final class EmulatedKernels {
  private EmulatedKernels() {}

  /** The kernels of a layout. */
  public static KernelTable table(Layout layout) {
    List<MatmulKernel> matmuls = new ArrayList<>();
    List<Packer> packers = new ArrayList<>();
    for (PackedFormat f : X86.formats()) {
      matmuls.add(new X86Matmul(f, layout, Emulator::new));
      packers.add(new X86Packer(f, layout));
    }
    return KernelTable.of(matmuls, packers, Optional.empty(), List.of());
  }
}
