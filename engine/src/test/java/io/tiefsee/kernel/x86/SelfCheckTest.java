package io.tiefsee.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.QuantType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SelfCheckTest {
  private static final List<Isa> CHECKED = List.of(Isa.AVX512, Isa.AMX);

  @Test
  void rightKernelsPass() {
    assumeTrue(Isa.best().compareTo(Isa.AVX2) >= 0, "weights are packed by machine code");
    for (Isa isa : CHECKED) {
      KernelTable table = EmulatedKernels.table(isa);
      for (MatmulKernel k : table.matmuls().values()) {
        assertThat(k.usable()).as("%s %s", isa, k.weights()).isTrue();
        assertThat(table.best(k.weights(), QuantType.Q8_ROW)).contains(k);
      }
    }
  }

  @Test
  void wrongKernelsFail() {
    assumeTrue(Isa.best().compareTo(Isa.AVX2) >= 0, "weights are packed by machine code");
    for (Isa isa : CHECKED) {
      for (PackedFormat f : X86.formats()) {
        var wrong = new X86Matmul(f, isa, new Forgetful());
        assertThat(SelfCheck.passes(wrong, new X86Packer(f, Layout.AVX512_16))).isFalse();
        var table =
            KernelTable.of(
                List.of(new X86Matmul(f, Isa.AVX2, Routine.MAKER), wrong),
                List.of(),
                Optional.empty(),
                List.of());
        assertThat(table.best(f.type, QuantType.Q8_ROW).orElseThrow().isa()).isEqualTo(Isa.AVX2);
      }
    }
  }

  /** Leaves out the last token. */
  private static final class Forgetful implements Callable.Maker {
    @Override
    public Callable make(Assembler a) {
      Emulator emulator = new Emulator(a);
      return (w, x, y, groups, tokens, frame) -> emulator.call(w, x, y, groups, tokens - 1, frame);
    }
  }
}
