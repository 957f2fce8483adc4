package io.tiefsee.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attention of every instruction set of this machine against the scalar kernel: three sequences of
 * different lengths in one batch, page tables out of order, positions that cross pages, grouped
 * heads and a shared latent.
 */
class AttentionTest {
  private static final int[] LENGTHS = {131, 1, 65};
  private static final int[][] PAGES = {{5, 0, 3}, {2}, {6, 1}};
  private static final int PAGE_COUNT = 7;

  /** Shape of a case. */
  record Shape(int heads, int kvHeads, int kDim, int vDim, boolean shared) {}

  private static final Shape[] SHAPES = {
    new Shape(1, 1, 32, 32, false),
    new Shape(4, 4, 64, 64, false),
    new Shape(9, 3, 64, 64, false),
    new Shape(14, 2, 64, 64, false),
    new Shape(4, 2, 96, 32, false),
    new Shape(16, 1, 96, 64, true),
    new Shape(35, 1, 160, 128, true),
    // Shapes of real models, and of the small models of the golden data.
    new Shape(12, 2, 128, 128, false),
    new Shape(16, 1, 576, 512, true),
  };

  /** Heads that are no multiple of 32, which a cache of Q8_0 cannot hold. */
  private static final Shape[] ODD_SHAPES = {
    new Shape(4, 1, 80, 64, true), new Shape(6, 2, 48, 32, false), new Shape(5, 1, 24, 40, false),
  };

  private final SplittableRandom random = new SplittableRandom(3);

  static Stream<AttentionKernel> kernels() {
    return KernelTest.isas().stream()
        .flatMap(isa ->
            Stream.of(QuantType.F32, QuantType.F16, QuantType.Q8_0)
                .map(cache -> Kernels.forIsa(isa).attention(cache)))
        .distinct();
  }

  @Test
  void eachSetHasItsOwn() {
    for (Isa isa : KernelTest.isas()) {
      for (QuantType cache : new QuantType[] {QuantType.F32, QuantType.F16, QuantType.Q8_0}) {
        AttentionKernel kernel = Kernels.forIsa(isa).attention(cache);
        assertThat(kernel.cache()).isEqualTo(cache);
        assertThat(kernel.isa()).isEqualTo(isa);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void agreesWithTheReference(AttentionKernel kernel) {
    for (Shape shape : SHAPES) {
      try (Arena arena = Arena.ofConfined()) {
        check(kernel, shape, arena);
      }
    }
    for (Shape shape : kernel.cache() == QuantType.Q8_0 ? new Shape[0] : ODD_SHAPES) {
      try (Arena arena = Arena.ofConfined()) {
        check(kernel, shape, arena);
      }
    }
  }

  static Stream<AttentionKernel> splitting() {
    return kernels().filter(SplitAttention.class::isInstance);
  }

  @Test
  void machineCodeSplits() {
    List<Isa> machineCode =
        KernelTest.isas().stream().filter(isa -> isa.compareTo(Isa.AVX2) >= 0).toList();
    for (Isa isa : machineCode) {
      for (QuantType cache : new QuantType[] {QuantType.F32, QuantType.F16, QuantType.Q8_0}) {
        AttentionKernel kernel = Kernels.forIsa(isa).attention(cache);
        assertThat(kernel.isa()).isGreaterThanOrEqualTo(Isa.AVX2);
        assertThat(kernel).isInstanceOf(SplitAttention.class);
      }
    }
  }

  /** Long contexts: in one go, in chunks by whomever, and beside other tokens. */
  @ParameterizedTest
  @MethodSource("splitting")
  void chunksGiveTheSameBits(SplitAttention kernel) {
    Shape[] shapes = {new Shape(6, 2, 64, 64, false), new Shape(7, 1, 96, 64, true)};
    for (Shape shape : shapes) {
      try (Arena arena = Arena.ofConfined()) {
        int n = 2 * SplitAttention.CHUNK + 70;
        int[][] pages = {backwards(Math.ceilDiv(n, KvLayer.PAGE))};
        KvLayer kv = cache(arena, kernel.cache(), shape, pages[0].length);
        Tensor k = random(arena, n, shape.kvHeads() * shape.kDim());
        Tensor v = random(arena, n, shape.kvHeads() * shape.vDim());
        kernel.store(kv, k, v, slots(pages[0], n), 0, n);
        int[] positions = {SplitAttention.CHUNK - 1, SplitAttention.CHUNK, n - 2, n - 1};
        int[] sequence = new int[positions.length];
        int tokens = positions.length;
        Tensor q = random(arena, tokens, shape.heads() * shape.kDim());
        Tensor whole = Tensor.allocate(arena, tokens, shape.heads() * shape.vDim());
        AttentionKernel.Task task = task(q, whole, shape, kv, positions, sequence, pages);
        int items = tokens * shape.kvHeads();
        kernel.run(task, 0, items, 0);
        Tensor expected = Tensor.allocate(arena, tokens, whole.cols());
        Scalar.table()
            .attention(kernel.cache())
            .run(task(q, expected, shape, kv, positions, sequence, pages), 0, items, 0);
        RowOpsTest.near(whole, expected, 3e-6);

        Tensor joined = Tensor.allocate(arena, tokens, whole.cols());
        AttentionKernel.Task parts = task(q, joined, shape, kv, positions, sequence, pages);
        Tensor states = Tensor.allocate(arena, 3 * items, kernel.stateFloats(parts));
        states.fill(Float.NaN);
        for (int chunk = 2; chunk >= 0; chunk--) {
          for (int item = 0; item < items; item++) {
            if (chunk * SplitAttention.CHUNK <= positions[item / shape.kvHeads()]) {
              kernel.part(parts, item, chunk, states, chunk * items + item);
            }
          }
        }
        for (int item = 0; item < items; item++) {
          kernel.join(parts, item, states, item, items);
        }
        assertThat(joined.toArray()).isEqualTo(whole.toArray());
      }
    }
  }

  /** More tokens than a kernel takes together, each as if it were alone. */
  @ParameterizedTest
  @MethodSource("kernels")
  void aPromptHasTheBitsOfItsTokens(AttentionKernel kernel) {
    Shape[] shapes = {
      new Shape(6, 2, 64, 64, false),
      new Shape(16, 1, 96, 64, true),
      new Shape(2, 1, 576, 512, true)
    };
    for (Shape shape : shapes) {
      try (Arena arena = Arena.ofConfined()) {
        int first = 2 * SplitAttention.CHUNK - 8;
        int n = 32;
        int[][] pages = {backwards(Math.ceilDiv(first + n, KvLayer.PAGE))};
        KvLayer kv = cache(arena, kernel.cache(), shape, pages[0].length);
        Tensor k = random(arena, first + n, shape.kvHeads() * shape.kDim());
        Tensor v = random(arena, first + n, shape.kvHeads() * shape.vDim());
        kernel.store(kv, k, v, slots(pages[0], first + n), 0, first + n);
        int[] positions = new int[n];
        Arrays.setAll(positions, i -> first + i);
        Tensor q = random(arena, n, shape.heads() * shape.kDim());
        Tensor out = Tensor.allocate(arena, n, shape.heads() * shape.vDim());
        Tensor expected = Tensor.allocate(arena, n, out.cols());
        int items = n * shape.kvHeads();
        int[] sequence = new int[n];
        kernel.run(task(q, out, shape, kv, positions, sequence, pages), 0, items, 0);
        Scalar.table()
            .attention(kernel.cache())
            .run(task(q, expected, shape, kv, positions, sequence, pages), 0, items, 0);
        RowOpsTest.near(out, expected, 3e-6);
        for (int t = 0; t < n; t++) {
          Tensor one = Tensor.allocate(arena, 1, out.cols());
          int[] position = {first + t};
          AttentionKernel.Task alone =
              task(q.rows(t, t + 1), one, shape, kv, position, new int[1], pages);
          kernel.run(alone, 0, shape.kvHeads(), 0);
          assertThat(one.toArray()).as("token %s", t).isEqualTo(out.rows(t, t + 1).toArray());
        }
      }
    }
  }

  private static int[] backwards(int pages) {
    int[] table = new int[pages];
    for (int i = 0; i < pages; i++) {
      table[i] = pages - 1 - i;
    }
    return table;
  }

  private static int[] slots(int[] table, int n) {
    int[] slots = new int[n];
    for (int p = 0; p < n; p++) {
      slots[p] = table[p / KvLayer.PAGE] * KvLayer.PAGE + p % KvLayer.PAGE;
    }
    return slots;
  }

  private void check(AttentionKernel kernel, Shape shape, Arena arena) {
    KvLayer kv = fill(arena, kernel, shape);
    // A stretch of each sequence, mixed: the prompt's end of 0, all of 1, two places of 2.
    int[] sequence = {0, 0, 0, 0, 1, 2, 0, 2, 2};
    int[] positions = {0, 63, 64, 130, 0, 64, 129, 3, 64};
    int tokens = sequence.length;
    Tensor q = random(arena, tokens, shape.heads() * shape.kDim());
    Tensor out = Tensor.allocate(arena, tokens, shape.heads() * shape.vDim());
    Tensor expected = Tensor.allocate(arena, tokens, shape.heads() * shape.vDim());
    int items = tokens * shape.kvHeads();
    AttentionKernel.Task task = task(q, out, shape, kv, positions, sequence);
    kernel.run(task, 0, items, 0);
    Scalar.table()
        .attention(kernel.cache())
        .run(task(q, expected, shape, kv, positions, sequence), 0, items, 0);
    RowOpsTest.near(out, expected, 3e-6);

    // The same bits in any split, and for each token alone.
    Tensor split = Tensor.allocate(arena, tokens, out.cols());
    AttentionKernel.Task again = task(q, split, shape, kv, positions, sequence);
    int cut = random.nextInt(items + 1);
    kernel.run(again, cut, items, 1);
    kernel.run(again, 0, cut, 0);
    assertThat(split.toArray()).as("split at %s of %s", cut, items).isEqualTo(out.toArray());
    for (int t = 0; t < tokens; t++) {
      Tensor one = Tensor.allocate(arena, 1, out.cols());
      int[] position = {positions[t]};
      int[] which = {sequence[t]};
      kernel.run(task(q.rows(t, t + 1), one, shape, kv, position, which), 0, shape.kvHeads(), 0);
      assertThat(one.toArray()).isEqualTo(out.rows(t, t + 1).toArray());
    }
  }

  private static AttentionKernel.Task task(
      Tensor q, Tensor out, Shape shape, KvLayer kv, int[] positions, int[] sequence) {
    return task(q, out, shape, kv, positions, sequence, PAGES);
  }

  private static AttentionKernel.Task task(
      Tensor q,
      Tensor out,
      Shape shape,
      KvLayer kv,
      int[] positions,
      int[] sequence,
      int[][] pages) {
    float scale = (float) (1 / Math.sqrt(shape.kDim()));
    return new AttentionKernel.Task(q, out, shape.heads(), scale, kv, positions, sequence, pages);
  }

  /** A cache with all rows of the sequences; every other byte is a NaN that must not be read. */
  private KvLayer fill(Arena arena, AttentionKernel kernel, Shape shape) {
    KvLayer kv = cache(arena, kernel.cache(), shape);
    KvLayer reference = cache(arena, kernel.cache(), shape);
    for (int s = 0; s < LENGTHS.length; s++) {
      int n = LENGTHS[s];
      int[] slots = slots(PAGES[s], n);
      Tensor k = random(arena, n, shape.kvHeads() * shape.kDim());
      Tensor v = random(arena, n, shape.kvHeads() * shape.vDim());
      kernel.store(kv, k, v, slots, 0, n / 2);
      kernel.store(kv, k, v, slots, n / 2, n);
      Scalar.table().attention(kernel.cache()).store(reference, k, v, slots, 0, n);
    }
    assertThat(kv.keys().mismatch(reference.keys())).isEqualTo(-1);
    assertThat(kv.values().mismatch(reference.values())).isEqualTo(-1);
    return kv;
  }

  private static KvLayer cache(Arena arena, QuantType type, Shape shape) {
    return cache(arena, type, shape, PAGE_COUNT);
  }

  private static KvLayer cache(Arena arena, QuantType type, Shape shape, int pages) {
    long rows = (long) pages * KvLayer.PAGE * shape.kvHeads();
    MemorySegment keys = arena.allocate(rows * type.bytes(shape.kDim()), 64);
    keys.fill((byte) 0xff);
    MemorySegment values = keys;
    if (!shape.shared()) {
      values = arena.allocate(rows * type.bytes(shape.vDim()), 64);
      values.fill((byte) 0xff);
    }
    return new KvLayer(
        type, shape.kvHeads(), shape.kDim(), shape.vDim(), shape.shared(), keys, values);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void oneKeyFarAboveTheOthersTakesAll(AttentionKernel kernel) {
    try (Arena arena = Arena.ofConfined()) {
      Shape shape = new Shape(1, 1, 32, 32, false);
      KvLayer kv = cache(arena, kernel.cache(), shape);
      int n = 130;
      Tensor k = Tensor.allocate(arena, n, 32);
      Tensor v = random(arena, n, 32);
      int[] slots = new int[n];
      for (int p = 0; p < n; p++) {
        slots[p] = PAGES[0][p / KvLayer.PAGE] * KvLayer.PAGE + p % KvLayer.PAGE;
        k.set(p, 0, p == 70 ? 1000 : p == 3 ? -1000 : 0);
        v.set(p, 0, p == 70 ? 127 : 0);
      }
      kernel.store(kv, k, v, slots, 0, n);
      Tensor q = Tensor.allocate(arena, 1, 32);
      q.set(0, 0, 50);
      Tensor out = Tensor.allocate(arena, 1, 32);
      kernel.run(task(q, out, shape, kv, new int[] {n - 1}, new int[] {0}), 0, 1, 0);
      assertThat(out.get(0, 0)).isEqualTo(127f);
      assertThat(out.data().toArray(ValueLayout.JAVA_FLOAT)).doesNotContain(Float.NaN);
    }
  }

  private Tensor random(Arena arena, int rows, int cols) {
    Tensor t = Tensor.allocate(arena, rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        t.set(r, c, (float) random.nextDouble(-1, 1));
      }
    }
    return t;
  }
}
