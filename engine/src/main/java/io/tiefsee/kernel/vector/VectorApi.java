package io.tiefsee.kernel.vector;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Packer;
import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.tensor.QuantType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The table of the Vector API kernels. */
public final class VectorApi {
  private VectorApi() {}

  public static KernelTable table() {
    List<MatmulKernel> matmuls = new ArrayList<>();
    for (QuantType type : QuantType.values()) {
      if (type != QuantType.Q8_ROW) {
        matmuls.add(new PanelMatmul(type));
      }
    }
    List<Packer> packers = new ArrayList<>();
    for (QuantFormat format : QuantFormat.all()) {
      matmuls.add(new QuantMatmul(format));
      packers.add(new VectorPacker(format));
    }
    List<AttentionKernel> attentions = new ArrayList<>();
    for (AttentionKernel scalar : Scalar.table().attentions().values()) {
      attentions.add(new VectorAttention(scalar));
    }
    return KernelTable.of(matmuls, packers, Optional.of(new VectorRowOps()), attentions);
  }
}
