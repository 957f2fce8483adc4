package io.tiefsee.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.kernel.x86.CpuId;
import io.tiefsee.tensor.BadInput;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IsaTest {
  @Test
  void capIsKept() {
    assertThat(Isa.choose(Optional.of("scalar")).isa()).isEqualTo(Isa.SCALAR);
    assertThat(Isa.choose(Optional.of("vector")).isa()).isEqualTo(Isa.VECTOR);
  }

  @Test
  void bestIsWhatTheProcessorHas() {
    Isa expected =
        !(CpuId.detect() instanceof CpuId cpu)
            ? Isa.VECTOR
            : cpu.amx() ? Isa.AMX : cpu.avx512() ? Isa.AVX512 : cpu.avx2() ? Isa.AVX2 : Isa.VECTOR;
    assertThat(Isa.choose(Optional.empty()).isa()).isEqualTo(expected);
    for (Isa isa : Isa.values()) {
      Optional<String> cap = Optional.of(isa.name().toLowerCase(java.util.Locale.ROOT));
      if (isa.compareTo(expected) <= 0) {
        assertThat(Isa.choose(cap).isa()).isEqualTo(isa);
      } else {
        assertThatThrownBy(() -> Isa.choose(cap))
            .isInstanceOf(BadInput.class)
            .hasMessageContaining("cannot run it")
            .hasMessageContaining("the best here is");
      }
    }
  }

  @Test
  void unknownNameIsBadInput() {
    assertThatThrownBy(() -> Isa.choose(Optional.of("sse")))
        .isInstanceOf(BadInput.class)
        .hasMessage("-Dtiefsee.isa=sse is not known; use one of scalar, vector, avx2, avx512, amx");
  }
}
