package io.tiefsee.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tiefsee.tensor.QuantType;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The module of the Vector API comes when it is wanted, and not before. */
class VectorModuleTest {
  @Test
  void theFlagsOfTheProjectLetItBeLoaded() throws Exception {
    assertThat(VectorModule.isLoaded()).isTrue();
    assertThat(Class.forName("jdk.incubator.vector.FloatVector").getModule().getName())
        .isEqualTo("jdk.incubator.vector");
  }

  @Test
  void machineCodeForAllProductsIsEnough() {
    assumeThat(Isa.best()).isGreaterThanOrEqualTo(Isa.AVX2);
    KernelTable table =
        Kernels.forProducts(Isa.best(), Set.of(QuantType.Q4_0, QuantType.F32), QuantType.Q8_ROW);
    assertThat(table.matmuls().values()).noneMatch(k -> k.isa() == Isa.VECTOR);
    assertThat(table.best(QuantType.Q4_0, QuantType.Q8_ROW).orElseThrow().isa())
        .isGreaterThanOrEqualTo(Isa.AVX2);
  }

  @Test
  void aProductWithoutMachineCodeGetsTheVectorApi() {
    assumeThat(Isa.best()).isGreaterThanOrEqualTo(Isa.VECTOR);
    KernelTable table =
        Kernels.forProducts(Isa.best(), Set.of(QuantType.Q4_0, QuantType.F32), QuantType.F32);
    assertThat(table.best(QuantType.Q4_0, QuantType.F32).orElseThrow().isa()).isEqualTo(Isa.VECTOR);
  }
}
