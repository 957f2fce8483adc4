package io.tiefsee.kernel.x86;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.scalar.Scalar;
import java.util.ArrayList;
import java.util.List;

/** The attention kernels in machine code. */
final class X86Attentions {
  private X86Attentions() {}

  /** One for each type of cache, for {@link Isa#AVX2} or above. */
  static Iterable<AttentionKernel> all(Isa isa) {
    List<AttentionKernel> kernels = new ArrayList<>();
    for (AttentionKernel scalar : Scalar.table().attentions().values()) {
      kernels.add(new X86Attention(scalar, isa));
    }
    return kernels;
  }
}
