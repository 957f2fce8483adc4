package io.tiefsee.kernel.scalar;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.tensor.QuantType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The table of the scalar kernels: complete, all in layout ROWS, no packers. */
public final class Scalar {
  private Scalar() {}

  public static KernelTable table() {
    List<MatmulKernel> matmuls = new ArrayList<>();
    for (QuantType type : QuantType.values()) {
      if (type == QuantType.Q8_ROW) {
        continue;
      }
      matmuls.add(new ScalarMatmul(type, QuantType.F32));
      if (!type.isFloat()) {
        matmuls.add(new ScalarMatmul(type, QuantType.Q8_ROW));
      }
    }
    List<AttentionKernel> attentions =
        List.of(
            new ScalarAttention(QuantType.F32),
            new ScalarAttention(QuantType.F16),
            new ScalarAttention(QuantType.Q8_0));
    return KernelTable.of(matmuls, List.of(), Optional.of(new ScalarRowOps()), attentions);
  }
}
