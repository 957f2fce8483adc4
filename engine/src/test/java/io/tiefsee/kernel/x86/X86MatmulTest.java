package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Packer;
import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the shared kernel test is too small for: batches that take several passes. */
class X86MatmulTest {
  private static final int ROWS = 32;

  /** So many that activations of 70 tokens exceed what one pass takes. */
  private static final int COLS = 8192;

  private static final int TOKENS = 70;

  static Stream<MatmulKernel> kernels() {
    assumeTrue(Isa.best().compareTo(Isa.AVX2) >= 0, "the processor lacks AVX2");
    return Stream.of(Isa.AVX2, Isa.AVX512, Isa.AMX)
        .filter(isa -> isa.compareTo(Isa.best()) <= 0)
        .flatMap(isa -> X86.table(isa).matmuls().values().stream().filter(k -> k.isa() == isa));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aTokenOfALargeBatchHasTheBitsOfATokenAlone(MatmulKernel kernel) {
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = weights(arena, kernel);
      Tensor x = activations(arena, kernel.activations());
      Tensor together = Tensor.allocate(arena, TOKENS, ROWS);
      kernel.run(w, x, together, 0, ROWS);
      Tensor alone = Tensor.allocate(arena, TOKENS, ROWS);
      for (int t = 0; t < TOKENS; t++) {
        kernel.run(w, x.rows(t, t + 1), alone.rows(t, t + 1), 0, ROWS);
      }
      assertThat(together.toArray()).isEqualTo(alone.toArray());
      for (float v : together.toArray()) {
        assertThat(Math.abs(v)).isGreaterThan(0f).isLessThan(Float.POSITIVE_INFINITY);
      }
    }
  }

  /** Bytes of which every f16, bf16 and f32 is finite. */
  private static Matrix weights(Arena arena, MatmulKernel kernel) {
    QuantType type = kernel.weights();
    MemorySegment blocks = arena.allocate(type.bytes(COLS) * ROWS, 64);
    SplittableRandom random = new SplittableRandom(1);
    for (long i = 0; i < blocks.byteSize(); i++) {
      blocks.set(JAVA_BYTE, i, (byte) (random.nextInt() & 0x3b));
    }
    Matrix plain = Matrix.of("w", type, ROWS, COLS, blocks);
    if (kernel.layout() == Layout.ROWS) {
      return plain;
    }
    KernelTable table = X86.table(kernel.isa());
    Packer packer = table.packer(type, kernel.layout());
    MemorySegment packed = arena.allocate(packer.packedBytes(ROWS, COLS), 64);
    packer.pack(plain, packed, 0, ROWS / kernel.layout().group());
    return new Matrix("w", type, kernel.layout(), ROWS, COLS, packed, MemorySegment.NULL);
  }

  private static Tensor activations(Arena arena, QuantType type) {
    SplittableRandom random = new SplittableRandom(2);
    Tensor x = Tensor.allocate(arena, TOKENS, COLS);
    for (int t = 0; t < TOKENS; t++) {
      for (int c = 0; c < COLS; c++) {
        x.set(t, c, (float) random.nextDouble(-1, 1));
      }
    }
    if (type == QuantType.F32) {
      return x;
    }
    Tensor q = Tensor.allocate(arena, type, TOKENS, COLS);
    Scalar.table().ops().quantize(x, q, 0, TOKENS);
    return q;
  }
}
