package io.tiefsee.kernel.x86;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Packer;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.QuantType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tables of the machine-code kernels. Nothing is assembled before it is used. */
public final class X86 {
  private X86() {}

  /** The kernels of an instruction set, {@link Isa#AVX2} or above, which the machine must have. */
  public static KernelTable table(Isa isa) {
    List<MatmulKernel> matmuls = new ArrayList<>();
    List<Packer> packers = new ArrayList<>();
    for (PackedFormat f : formats()) {
      matmuls.add(new X86Matmul(f, Isa.AVX2, Routine.MAKER));
      packers.add(new X86Packer(f, Layout.AVX2_8));
    }
    if (isa.compareTo(Isa.AVX512) >= 0) {
      for (PackedFormat f : formats()) {
        matmuls.add(new X86Matmul(f, isa, Routine.MAKER));
        packers.add(new X86Packer(f, Layout.AVX512_16));
      }
    }
    for (QuantType type : List.of(QuantType.F32, QuantType.F16, QuantType.BF16)) {
      matmuls.add(new X86FloatMatmul(type, isa));
    }
    return KernelTable.of(matmuls, packers, Optional.of(new X86RowOps()), X86Attentions.all(isa));
  }

  static List<PackedFormat> formats() {
    return List.of(
        new FormatQ40(),
        new FormatQ41(),
        new FormatQ5(QuantType.Q5_0),
        new FormatQ5(QuantType.Q5_1),
        new FormatQ80(),
        new FormatQ4K(QuantType.Q4_K),
        new FormatQ4K(QuantType.Q5_K),
        new FormatQ6K(),
        new FormatQ2K(),
        new FormatQ3K(),
        new FormatIq4(QuantType.IQ4_NL),
        new FormatIq4(QuantType.IQ4_XS));
  }
}
