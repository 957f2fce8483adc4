package io.tiefsee.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.kernel.x86.EmulatedKernels;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every product kernel and packer of every instruction set that this machine has, against the
 * scalar reference. A new instruction set joins through {@link Kernels#forIsa}.
 *
 * <p>Tolerance: a result may differ from the double-precision reference by {@link #TOLERANCE} times
 * the sum over blocks of 32 columns of max|w| · Σ|x|, which bounds what the terms of any formula
 * for a block amount to.
 */
class KernelTest {
  private static final double TOLERANCE = 4e-6;
  private static final int[] ROWS = {1, 7, 8, 15, 16, 17, 33, 100};
  private static final int[] TOKENS = {1, 2, 3, 4, 5, 8, 17, 41, 47};
  private static final int MOST_TOKENS = 64;

  /** Products that must not fall back to a slower set, by the set that has them. */
  private static final List<QuantType> INTERLEAVED =
      List.of(
          QuantType.Q4_0,
          QuantType.Q4_1,
          QuantType.Q5_0,
          QuantType.Q5_1,
          QuantType.Q8_0,
          QuantType.Q2_K,
          QuantType.Q3_K,
          QuantType.Q4_K,
          QuantType.Q5_K,
          QuantType.Q6_K,
          QuantType.IQ4_NL,
          QuantType.IQ4_XS);

  /** A kernel with the table it comes from, which has its packer. */
  record Case(KernelTable table, MatmulKernel kernel) {
    @Override
    public String toString() {
      return kernel.isa() + " " + kernel.weights() + " x " + kernel.activations();
    }
  }

  static List<Isa> isas() {
    return Arrays.stream(Isa.values()).filter(isa -> isa.compareTo(Isa.best()) <= 0).toList();
  }

  static Stream<Case> kernels() {
    List<Case> cases = new ArrayList<>();
    for (Isa isa : isas()) {
      KernelTable table = Kernels.forIsa(isa);
      for (MatmulKernel k : table.matmuls().values()) {
        if (k.isa() == isa) {
          cases.add(new Case(table, k));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void agreesWithTheReference(Case c) {
    SplittableRandom random = new SplittableRandom(1);
    int[] columns = columns(c.kernel().weights());
    for (int i = 0; i < ROWS.length; i++) {
      check(c, ROWS[i], columns[i % columns.length], RandomBlocks.Scales.ORDINARY, random);
    }
  }

  /**
   * Kernels for AVX-512 and AMX, on machines that lack it; those for AVX2 are to show that this is
   * sound.
   */
  static Stream<Case> emulated() {
    assumeTrue(Isa.best().compareTo(Isa.AVX2) >= 0, "weights are packed by machine code");
    return Stream.of(Isa.AVX2, Isa.AVX512, Isa.AMX)
        .map(EmulatedKernels::table)
        .flatMap(table -> table.matmuls().values().stream().map(k -> new Case(table, k)));
  }

  @ParameterizedTest
  @MethodSource("emulated")
  void emulatedCodeAgreesWithTheReference(Case c) {
    SplittableRandom random = new SplittableRandom(3);
    int cols = Math.max(64, c.kernel().weights().blockElements());
    check(c, 17, cols, RandomBlocks.Scales.ORDINARY, random);
    check(c, 32, 2 * cols, RandomBlocks.Scales.EXTREME, random);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void holdsAtExtremes(Case c) {
    SplittableRandom random = new SplittableRandom(2);
    int[] columns = columns(c.kernel().weights());
    check(c, 33, columns[1], RandomBlocks.Scales.EXTREME, random);
    check(c, 18, columns[2], RandomBlocks.Scales.EXTREME, random);
  }

  /** A path that must run and cannot is a failure: no instruction set is left out in silence. */
  @Test
  void everyInstructionSetOfTheMachineIsTested() {
    assertThat(kernels().map(c -> c.kernel().isa()).distinct()).containsExactlyElementsOf(isas());
    for (Isa isa : isas()) {
      KernelTable table = Kernels.forIsa(isa);
      for (QuantType type : INTERLEAVED) {
        assertThat(table.best(type, QuantType.Q8_ROW).orElseThrow().isa()).isEqualTo(isa);
      }
      for (QuantType type : List.of(QuantType.F32, QuantType.F16, QuantType.BF16)) {
        assertThat(table.best(type, QuantType.F32).orElseThrow().isa()).isEqualTo(isa);
      }
    }
  }

  @Test
  void everyFormatHasAKernelOfTheBestSet() {
    for (Isa isa : isas()) {
      KernelTable table = Kernels.forIsa(isa);
      for (QuantType type : QuantType.values()) {
        if (type == QuantType.Q8_ROW) {
          continue;
        }
        MatmulKernel exact = table.best(type, QuantType.F32).orElseThrow();
        assertThat(exact.isa() == Isa.SCALAR).isEqualTo(isa == Isa.SCALAR);
        assertThat(table.best(type, QuantType.Q8_ROW).isPresent()).isEqualTo(!type.isFloat());
        if (INTERLEAVED.contains(type) && isa != Isa.SCALAR) {
          assertThat(table.best(type, QuantType.Q8_ROW).orElseThrow().isa())
              .isNotEqualTo(Isa.SCALAR);
        }
      }
      assertThat(table.ops().isa() == Isa.SCALAR).isEqualTo(isa == Isa.SCALAR);
    }
  }

  private static int[] columns(QuantType type) {
    int block = type.blockElements();
    return switch (block) {
      case 1 -> new int[] {1, 3, 16, 31, 100, 200};
      case 256 -> new int[] {256, 512, 1280};
      default -> new int[] {64, 192, 576};
    };
  }

  private static void check(
      Case c, int rows, int cols, RandomBlocks.Scales scales, SplittableRandom random) {
    MatmulKernel kernel = c.kernel();
    try (Arena arena = Arena.ofConfined()) {
      Matrix plain = RandomBlocks.matrix(arena, kernel.weights(), rows, cols, scales, random);
      Matrix w = kernel.layout() == Layout.ROWS ? plain : pack(arena, c, plain);
      Tensor x = activations(arena, kernel.activations(), MOST_TOKENS, cols, random);
      Tensor y = Tensor.allocate(arena, MOST_TOKENS, rows);
      kernel.run(w, x, y, 0, rows);
      compare(plain, x, y, scales);
      for (int tokens : TOKENS) {
        // Another place in the batch, and another split of the rows.
        int first = random.nextInt(MOST_TOKENS - tokens + 1);
        Tensor part = Tensor.allocate(arena, tokens, rows);
        part.fill(Float.NaN);
        int group = kernel.layout().group();
        int middle = random.nextInt(Math.ceilDiv(rows, group) + 1) * group;
        middle = Math.min(middle, rows);
        kernel.run(w, x.rows(first, first + tokens), part, middle, rows);
        for (int t = 0; t < tokens && middle > 0; t++) {
          assertThat(part.get(t, middle - 1)).as("outside the rows").isNaN();
        }
        kernel.run(w, x.rows(first, first + tokens), part, 0, middle);
        assertThat(part.toArray())
            .as("%s tokens of %s, rows split at %s", tokens, w, middle)
            .isEqualTo(y.rows(first, first + tokens).toArray());
      }
    }
  }

  private static Matrix pack(Arena arena, Case c, Matrix plain) {
    Layout layout = c.kernel().layout();
    Packer packer = c.table().packer(plain.type(), layout);
    long bytes = packer.packedBytes(plain.rows(), plain.cols());
    int groups = Math.ceilDiv(plain.rows(), layout.group());
    long file = plain.rowBytes() * groups * layout.group();
    assertThat((double) bytes).isLessThanOrEqualTo(1.05 * file);
    MemorySegment packed = arena.allocate(bytes, 64);
    packed.fill((byte) 0x5a);
    packer.pack(plain, packed, groups / 2, groups);
    packer.pack(plain, packed, 0, groups / 2);
    Matrix w =
        new Matrix(
            plain.name(),
            plain.type(),
            layout,
            plain.rows(),
            plain.cols(),
            packed,
            MemorySegment.NULL);
    MemorySegment expected = arena.allocate(4L * plain.cols(), 64);
    MemorySegment actual = arena.allocate(4L * plain.cols(), 64);
    for (int r = 0; r < plain.rows(); r++) {
      Dequantize.row(plain, r, expected);
      packer.unpackRow(w, r, actual);
      assertThat(actual.toArray(JAVA_FLOAT))
          .as("row %s of %s unpacked", r, w)
          .isEqualTo(expected.toArray(JAVA_FLOAT));
    }
    return w;
  }

  private static Tensor activations(
      Arena arena, QuantType type, int tokens, int cols, SplittableRandom random) {
    Tensor x = Tensor.allocate(arena, tokens, cols);
    for (int t = 0; t < tokens; t++) {
      // Some tokens make every quant ±127 of one sign, where integer sums are largest.
      int kind = t % 4;
      for (int i = 0; i < cols; i++) {
        float v = (float) random.nextDouble(-2, 2);
        x.set(t, i, kind == 1 ? 1.5f : kind == 2 ? -1.5f : v);
      }
    }
    if (type == QuantType.F32) {
      return x;
    }
    Tensor q = Tensor.allocate(arena, QuantType.Q8_ROW, tokens, cols);
    Scalar.table().ops().quantize(x, q, 0, tokens);
    return q;
  }

  private static void compare(Matrix w, Tensor x, Tensor y, RandomBlocks.Scales scales) {
    MatmulKernel reference = Scalar.table().matmul(w, x.type());
    try (Arena arena = Arena.ofConfined()) {
      Tensor expected = Tensor.allocate(arena, x.rows(), w.rows());
      reference.run(w, x, expected, 0, w.rows());
      float[][] values = values(x);
      MemorySegment row = arena.allocate(4L * w.cols(), 64);
      for (int r = 0; r < w.rows(); r++) {
        Dequantize.row(w, r, row);
        float[] weights = row.toArray(JAVA_FLOAT);
        for (int t = 0; t < x.rows(); t++) {
          double bound = TOLERANCE * size(weights, values[t]) + Float.MIN_NORMAL;
          double difference = Math.abs((double) y.get(t, r) - expected.get(t, r));
          assertThat(difference <= bound)
              .as(
                  "%s %s [%s, %s] row %s token %s: %s instead of %s, allowed %s",
                  scales,
                  w.type(),
                  w.rows(),
                  w.cols(),
                  r,
                  t,
                  y.get(t, r),
                  expected.get(t, r),
                  bound)
              .isTrue();
        }
      }
    }
  }

  private static float[][] values(Tensor x) {
    float[][] values = new float[x.rows()][x.cols()];
    for (int t = 0; t < x.rows(); t++) {
      for (int c = 0; c < x.cols(); c++) {
        if (x.type() == QuantType.F32) {
          values[t][c] = x.get(t, c);
        } else {
          long row = x.rowOffset(t);
          float scale = x.data().get(JAVA_FLOAT, row + x.scalesOffset() + 4L * (c / 32));
          values[t][c] = scale * x.data().get(JAVA_BYTE, row + c);
        }
      }
    }
    return values;
  }

  /** Σ over blocks of max|w| · Σ|x|. */
  private static double size(float[] w, float[] x) {
    double size = 0;
    for (int b = 0; b < w.length; b += 32) {
      double max = 0;
      double sum = 0;
      for (int c = b; c < Math.min(b + 32, w.length); c++) {
        max = Math.max(max, Math.abs(w[c]));
        sum += Math.abs(x[c]);
      }
      size += max * sum;
    }
    return size;
  }
}
