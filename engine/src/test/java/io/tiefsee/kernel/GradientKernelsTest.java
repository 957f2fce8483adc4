package io.tiefsee.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels of training, of every instruction set of this machine, against the scalar ones. */
class GradientKernelsTest {
  private static final GradientKernels REFERENCE = GradientKernels.forIsa(Isa.SCALAR);
  private static final int[] SIZES = {1, 2, 5, 7, 8, 13, 16, 17, 31, 48, 63};
  private static final int[] COLS = {1, 3, 8, 15, 32, 100, 576};
  private static final int ROWS = 5;

  private final SplittableRandom random = new SplittableRandom(9);

  static List<Isa> isas() {
    return Arrays.stream(Isa.values()).filter(isa -> isa.compareTo(Isa.best()) <= 0).toList();
  }

  @Test
  void theProductsOfAnIsaAreItsOwn() {
    for (Isa isa : isas()) {
      assertThat(GradientKernels.forIsa(isa).gemm().isa()).isEqualTo(isa);
    }
  }

  /** One chain of fused multiply-adds: the same bits everywhere, in any split. */
  @ParameterizedTest
  @MethodSource("isas")
  void productsHaveTheBitsOfTheReference(Isa isa) {
    GemmKernel gemm = GradientKernels.forIsa(isa).gemm();
    for (int m : SIZES) {
      for (int n : SIZES) {
        for (int k : new int[] {0, 1, 3, 40, 300}) {
          product(gemm, m, n, k, (m + n + k) % 2 == 0, (m + n) % 3 == 0);
        }
      }
    }
  }

  private void product(GemmKernel gemm, int m, int n, int k, boolean add, boolean transposed) {
    try (Arena arena = Arena.ofConfined()) {
      // Rows lie further apart than they are long; what is between must stay as it is.
      Tensor a = random(arena, transposed ? k : m, (transposed ? m : k) + 3, 1);
      Tensor b = random(arena, k, n + 2, 1);
      Tensor c = random(arena, m, n + 5, 1);
      Tensor expected = Tensor.copyOf(arena, m, n + 5, c.toArray());
      long aRow = transposed ? 4 : a.rowBytes();
      long aCol = transposed ? a.rowBytes() : 4;
      REFERENCE.gemm().run(task(a, aRow, aCol, b, expected, m, n, k, add), 0, m);
      GemmKernel.Task task = task(a, aRow, aCol, b, c, m, n, k, add);
      int cut = random.nextInt(m + 1);
      gemm.run(task, cut, m);
      gemm.run(task, 0, cut);
      assertThat(Arrays.equals(c.toArray(), expected.toArray()))
          .as("%d x %d x %d, add %s, transposed %s", m, n, k, add, transposed)
          .isTrue();
    }
  }

  private static GemmKernel.Task task(
      Tensor a, long aRow, long aCol, Tensor b, Tensor c, int m, int n, int k, boolean add) {
    return new GemmKernel.Task(
        a.address(),
        aRow,
        aCol,
        b.address(),
        b.rowBytes(),
        c.address(),
        c.rowBytes(),
        m,
        n,
        k,
        add);
  }

  @ParameterizedTest
  @MethodSource("isas")
  void norm(Isa isa) {
    GradientOps ops = GradientKernels.forIsa(isa).ops();
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLS) {
        Tensor x = random(arena, ROWS, cols, 3);
        Tensor w = random(arena, 1, cols, 2);
        Tensor dy = random(arena, ROWS, cols, 2);
        Tensor dx = random(arena, ROWS, cols, 1);
        Tensor dw = random(arena, 1, cols, 1);
        Tensor factors = Tensor.allocate(arena, ROWS, 1);
        Tensor dxExpected = Tensor.copyOf(arena, ROWS, cols, dx.toArray());
        Tensor dwExpected = Tensor.copyOf(arena, 1, cols, dw.toArray());
        Tensor factorsExpected = Tensor.allocate(arena, ROWS, 1);
        GradientOps reference = REFERENCE.ops();
        reference.rmsNorm(x, w, 1e-6f, dy, dxExpected, factorsExpected, 0, ROWS);
        reference.rmsNormWeight(x, factorsExpected, dy, dwExpected, 0, cols);
        ops.rmsNorm(x, w, 1e-6f, dy, dx, factors, 0, 2);
        ops.rmsNorm(x, w, 1e-6f, dy, dx, factors, 2, ROWS);
        ops.rmsNormWeight(x, factors, dy, dw, 0, cols / 2);
        ops.rmsNormWeight(x, factors, dy, dw, cols / 2, cols);
        near(dx, dxExpected, 1e-5);
        near(dw, dwExpected, 1e-5);
        near(factors, factorsExpected, 1e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void bias(Isa isa) {
    GradientOps ops = GradientKernels.forIsa(isa).ops();
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLS) {
        Tensor dy = random(arena, ROWS, cols, 2);
        Tensor d = random(arena, 1, cols, 1);
        Tensor expected = Tensor.copyOf(arena, 1, cols, d.toArray());
        REFERENCE.ops().bias(dy, expected, 0, cols);
        ops.bias(dy, d, 0, cols / 3);
        ops.bias(dy, d, cols / 3, cols);
        near(d, expected, 1e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void swiglu(Isa isa) {
    GradientOps ops = GradientKernels.forIsa(isa).ops();
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLS) {
        Tensor gate = random(arena, ROWS, cols, 30);
        Tensor up = random(arena, ROWS, cols, 3);
        Tensor dy = random(arena, ROWS, cols, 3);
        Tensor[] found = {Tensor.allocate(arena, ROWS, cols), Tensor.allocate(arena, ROWS, cols)};
        Tensor[] expected = {
          Tensor.allocate(arena, ROWS, cols), Tensor.allocate(arena, ROWS, cols)
        };
        REFERENCE.ops().swiglu(gate, up, dy, expected[0], expected[1], 0, ROWS);
        ops.swiglu(gate, up, dy, found[0], found[1], 0, 2);
        ops.swiglu(gate, up, dy, found[0], found[1], 2, ROWS);
        near(found[0], expected[0], 2e-6);
        near(found[1], expected[1], 2e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void causalSoftmax(Isa isa) {
    GradientOps ops = GradientKernels.forIsa(isa).ops();
    try (Arena arena = Arena.ofConfined()) {
      for (int n : COLS) {
        int width = (n + ROWS + 20) & -16;
        Tensor p = random(arena, ROWS, width, 20);
        Tensor d = random(arena, ROWS, width, 1);
        Tensor pExpected = Tensor.copyOf(arena, ROWS, width, p.toArray());
        Tensor dExpected = Tensor.copyOf(arena, ROWS, width, d.toArray());
        REFERENCE
            .ops()
            .causalSoftmax(
                pExpected.address(), dExpected.address(), p.rowBytes(), ROWS, n, width, 0.7f);
        ops.causalSoftmax(p.address(), d.address(), p.rowBytes(), ROWS, n, width, 0.7f);
        near(p, pExpected, 2e-6);
        for (int r = 0; r < ROWS; r++) {
          for (int i = n + r; i < width; i++) {
            assertThat(p.get(r, i)).isZero();
            assertThat(d.get(r, i)).isZero();
          }
          d.set(r, 0, d.get(r, 0) + 1); // a difference of products of size 1
          dExpected.set(r, 0, dExpected.get(r, 0) + 1);
        }
        near(d, dExpected, 2e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void exponentialsAndSums(Isa isa) {
    GradientOps ops = GradientKernels.forIsa(isa).ops();
    try (Arena arena = Arena.ofConfined()) {
      for (int n : COLS) {
        Tensor x = random(arena, 1, n, 20);
        Tensor y = random(arena, 1, n, 3);
        Tensor e = Tensor.allocate(arena, 1, n);
        Tensor expected = Tensor.allocate(arena, 1, n);
        REFERENCE.ops().scaledExp(x.address(), 15, -0.3f, expected.address(), n);
        ops.scaledExp(x.address(), 15, -0.3f, e.address(), n);
        near(e, expected, 1e-6);
        float dot = REFERENCE.ops().dot(x.address(), y.address(), n);
        assertThat(ops.dot(x.address(), y.address(), n)).isCloseTo(dot, within(1e-4f * n));
        double squares = REFERENCE.ops().squares(x.address(), n);
        assertThat(ops.squares(x.address(), n)).isCloseTo(squares, within(1e-12 * squares));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void adamW(Isa isa) {
    GradientOps ops = GradientKernels.forIsa(isa).ops();
    GradientOps.AdamStep step =
        new GradientOps.AdamStep(0.9f, 0.95f, 1e-8f, 0.5f, 0.999f, 0.01f, 2);
    try (Arena arena = Arena.ofConfined()) {
      for (int n : COLS) {
        Tensor[] found = new Tensor[4];
        Tensor[] expected = new Tensor[4];
        for (int i = 0; i < 4; i++) {
          found[i] = random(arena, 1, n, 1);
          for (int c = 0; c < n && i == 3; c++) {
            found[i].set(0, c, Math.abs(found[i].get(0, c)));
          }
          expected[i] = Tensor.copyOf(arena, 1, n, found[i].toArray());
        }
        adamW(REFERENCE.ops(), expected, n, step);
        adamW(ops, found, n, step);
        for (int i = 0; i < 4; i++) {
          near(found[i], expected[i], 1e-6);
        }
        assertThat(found[1].toArray()).containsOnly(0);
      }
    }
  }

  private static void adamW(GradientOps ops, Tensor[] t, int n, GradientOps.AdamStep step) {
    ops.adamW(t[0].address(), t[1].address(), t[2].address(), t[3].address(), n, step);
  }

  private Tensor random(Arena arena, int rows, int cols, float size) {
    Tensor t = Tensor.allocate(arena, rows, cols);
    for (long i = 0; i < (long) rows * cols; i++) {
      float value = size * (2 * (float) random.nextDouble() - 1);
      t.data().setAtIndex(JAVA_FLOAT, i, value);
    }
    return t;
  }

  /** Within {@code tolerance} of the largest number. */
  private static void near(Tensor found, Tensor expected, double tolerance) {
    float[] e = expected.toArray();
    float[] f = found.toArray();
    double size = 0;
    for (float v : e) {
      size = Math.max(size, Math.abs(v));
    }
    for (int i = 0; i < e.length; i++) {
      assertThat((double) f[i]).as("element %d", i).isCloseTo(e[i], within(tolerance * size));
    }
  }
}
