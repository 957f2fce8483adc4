package io.tiefsee.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Row operations of every instruction set of this machine against the scalar ones. */
class RowOpsTest {
  private static final RowOps REFERENCE = Scalar.table().ops();
  private static final int ROWS = 5;
  private static final int[] COLS = {1, 3, 8, 15, 32, 100, 576};

  private final SplittableRandom random = new SplittableRandom(7);

  static Stream<RowOps> ops() {
    return KernelTest.isas().stream()
        .flatMap(isa -> Stream.of(Kernels.forIsa(isa).ops()).filter(ops -> ops.isa() == isa));
  }

  @ParameterizedTest
  @MethodSource("ops")
  void norm(RowOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLS) {
        Tensor x = random(arena, ROWS, cols, 3);
        Tensor weight = random(arena, 1, cols, 2);
        Tensor expected = Tensor.allocate(arena, ROWS, cols);
        Tensor y = Tensor.allocate(arena, ROWS, cols);
        REFERENCE.rmsNorm(x, weight, 1e-6f, expected, 0, ROWS);
        ops.rmsNorm(x, weight, 1e-6f, y, 0, ROWS);
        near(y, expected, 1e-6);
        ops.rmsNorm(x, weight, 1e-6f, x, 2, 4);
        assertThat(x.rows(2, 4).toArray()).isEqualTo(y.rows(2, 4).toArray());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void swiglu(RowOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLS) {
        Tensor gate = random(arena, ROWS, cols, 30);
        Tensor up = random(arena, ROWS, cols, 3);
        Tensor expected = Tensor.allocate(arena, ROWS, cols);
        Tensor y = Tensor.allocate(arena, ROWS, cols);
        REFERENCE.swiglu(gate, up, expected, 0, ROWS);
        ops.swiglu(gate, up, y, 0, 2);
        ops.swiglu(gate, up, y, 2, ROWS);
        near(y, expected, 5e-7);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void swigluDoesNotDependOnThePlace(RowOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      int cols = 53;
      Tensor same = Tensor.allocate(arena, 1, cols);
      same.fill(-1.2345f);
      Tensor y = Tensor.allocate(arena, 1, cols);
      ops.swiglu(same, same, y, 0, 1);
      for (int c = 1; c < cols; c++) {
        assertThat(y.get(0, c)).isEqualTo(y.get(0, 0));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void exponentials(RowOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLS) {
        Tensor x = random(arena, ROWS, cols, 20);
        x.set(1, 0, Float.NEGATIVE_INFINITY);
        float shift = 90; // no number is larger
        Tensor expected = Tensor.allocate(arena, 1, cols);
        Tensor y = Tensor.allocate(arena, 1, cols);
        REFERENCE.exp(x, 1, shift, expected);
        ops.exp(x, 1, shift, y);
        for (int c = 0; c < cols; c++) {
          double e = expected.get(0, c);
          assertThat((double) y.get(0, c)).isBetween(e - 4e-7 * e - 1.2e-38, e + 4e-7 * e + 1e-44);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void swigluAtTheEnds(RowOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      float[] ends = {0, -0f, 100, -100, 1e30f, -1e30f, 88.8f, -88.8f, Float.MIN_VALUE, -103.5f};
      Tensor gate = Tensor.copyOf(arena, 1, ends.length, ends);
      Tensor up = Tensor.allocate(arena, 1, ends.length);
      up.fill(1);
      Tensor y = Tensor.allocate(arena, 1, ends.length);
      ops.swiglu(gate, up, y, 0, 1);
      DoubleUnaryOperator exact = g -> g / (1 + Math.exp(-g));
      for (int c = 0; c < ends.length; c++) {
        double e = exact.applyAsDouble(ends[c]);
        assertThat((double) y.get(0, c))
            .isBetween(e - 1e-6 * Math.abs(e) - 1e-36, e + 1e-6 * Math.abs(e) + 1e-36);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void sums(RowOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLS) {
        Tensor x = random(arena, ROWS, cols, 3);
        Tensor y = random(arena, ROWS, cols, 3);
        Tensor bias = random(arena, 1, cols, 3);
        Tensor expected = Tensor.allocate(arena, ROWS, cols);
        expected.copyFrom(y);
        REFERENCE.add(x, expected, 1, 4);
        REFERENCE.addBias(bias, expected, 0, 3);
        REFERENCE.addScaled(x, 4, 0.3f, expected, 2);
        ops.add(x, y, 1, 4);
        ops.addBias(bias, y, 0, 3);
        ops.addScaled(x, 4, 0.3f, y, 2);
        assertThat(y.toArray()).isEqualTo(expected.toArray());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void rope(RowOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      int[] positions = {0, 3, 2, 9, 1};
      for (int half : new int[] {1, 3, 8, 16, 20, 32, 64}) {
        int stride = 2 * half + 5;
        Tensor cos = random(arena, 10, half, 1);
        Tensor sin = random(arena, 10, half, 1);
        for (boolean adjacent : new boolean[] {true, false}) {
          Tensor x = random(arena, ROWS, 7 + 3 * stride, 2);
          Tensor expected = Tensor.allocate(arena, ROWS, x.cols());
          expected.copyFrom(x);
          REFERENCE.rope(expected, 7, 3, stride, half, cos, sin, positions, adjacent, 1, ROWS);
          ops.rope(x, 7, 3, stride, half, cos, sin, positions, adjacent, 1, 3);
          ops.rope(x, 7, 3, stride, half, cos, sin, positions, adjacent, 3, ROWS);
          near(x, expected, 1e-6);
          assertThat(x.rows(0, 1).toArray()).isEqualTo(expected.rows(0, 1).toArray());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void quantizeIsTheSameBits(RowOps ops) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : new int[] {32, 64, 256, 576}) {
        Tensor x = random(arena, ROWS, cols, 3);
        for (int c = 0; c < cols; c++) {
          // Ties, a block of zeros, a subnormal scale, huge numbers.
          x.set(1, c, c % 32 == 0 ? 127 : c % 64 - 31.5f);
          x.set(2, c, c < 32 ? 0 : x.get(2, c) * 1e30f);
          x.set(3, c, Float.MIN_VALUE * c);
        }
        Tensor expected = quants(arena, cols);
        Tensor q = quants(arena, cols);
        REFERENCE.quantize(x, expected, 0, ROWS);
        ops.quantize(x, q, 0, 2);
        ops.quantize(x, q, 2, ROWS);
        assertThat(q.data().toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(expected.data().toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  private static Tensor quants(Arena arena, int cols) {
    return Tensor.allocate(arena, QuantType.Q8_ROW, ROWS, cols);
  }

  private Tensor random(Arena arena, int rows, int cols, double range) {
    Tensor t = Tensor.allocate(arena, rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        t.set(r, c, (float) random.nextDouble(-range, range));
      }
    }
    return t;
  }

  /** Differences up to {@code tolerance}, relative to numbers above 1 and absolute below. */
  static void near(Tensor actual, Tensor expected, double tolerance) {
    for (int r = 0; r < actual.rows(); r++) {
      for (int c = 0; c < actual.cols(); c++) {
        double e = expected.get(r, c);
        double bound = tolerance * Math.max(1, Math.abs(e));
        assertThat((double) actual.get(r, c))
            .as("[%s, %s] of %s", r, c, actual)
            .isBetween(e - bound, e + bound);
      }
    }
  }
}
