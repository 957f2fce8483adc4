package io.tiefsee.cli;

import io.tiefsee.cli.KernelRates.Product;
import io.tiefsee.cli.KernelRates.Thin;
import io.tiefsee.cli.SpeedTest.Spread;
import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.Products;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Measures {@link KernelRates} with the kernels themselves: a plain read of memory says little of
 * how fast weights of a type are read and multiplied.
 */
final class KernelProbe implements AutoCloseable {
  private static final int ROWS = 2048;
  private static final int COLS = 4096;

  /** Memory of all weights together; read in turns, so that no cache keeps them. */
  private static final long BYTES = 1L << 30;

  private static final int WARM_UP = 2;

  /** A thin model is fast: its code has soon run often. */
  private static final int WARM_UP_SECONDS = 2;

  private static final int ROUNDS = 7;

  /** Each round of a type runs at least so long. */
  private static final long SAMPLE_NANOS = 30_000_000;

  /** Rows of a product with many tokens: enough for the threads, and quick without SIMD. */
  private static final int PROMPT_ROWS = 512;

  /** Finite as a weight, a scale and an index in every type and layout. */
  private static final byte FILL = 0x11;

  private static final int THIN = 256;
  private static final int THIN_HEADS = 4;
  private static final int THIN_LAYERS = 16;
  private static final int THIN_TOKENS = 64;

  private final EngineOptions options;
  private final KernelTable kernels;
  private final Arena arena = Arena.ofShared();
  private final Tensor oneY = Tensor.allocate(arena, 1, ROWS);
  private final Tensor manyY = Tensor.allocate(arena, KernelRates.PROMPT_TOKENS, PROMPT_ROWS);

  /** Weights of one type, and what has been measured of them. */
  private final class Ring {
    private final MatmulKernel kernel;
    private final List<Matrix> matrices = new ArrayList<>();
    private final Tensor x;
    private final List<Double> one = new ArrayList<>();
    private final List<Double> many = new ArrayList<>();
    private int next;

    Ring(QuantType type, long bytes) {
      kernel = kernel(type);
      do {
        matrices.add(filled(type, ROWS, COLS));
      } while (matrices.size() < 2 || matrices.size() * matrices.getFirst().bytes() < bytes);
      Tensor floats = Tensor.allocate(arena, KernelRates.PROMPT_TOKENS, COLS);
      floats.fill(1);
      if (kernel.activations() == QuantType.F32) {
        x = floats;
      } else {
        x = Tensor.allocate(arena, kernel.activations(), KernelRates.PROMPT_TOKENS, COLS);
        kernels.ops().quantize(floats, x, 0, KernelRates.PROMPT_TOKENS);
      }
    }

    void round(Parallel parallel, boolean counts) {
      double a = seconds(parallel, x.rows(0, 1), oneY, ROWS);
      double b = seconds(parallel, x, manyY, PROMPT_ROWS);
      if (counts) {
        one.add(a);
        many.add(b);
      }
    }

    /** Seconds of a product by a weight and token. */
    private double seconds(Parallel parallel, Tensor tokens, Tensor y, int rows) {
      Products products = new Products();
      long weights = 0;
      long began = System.nanoTime();
      long took;
      do {
        Matrix w = matrices.get(next).rows(0, rows);
        next = (next + 1) % matrices.size();
        products.add(kernel, w, tokens, y);
        products.run(parallel);
        weights += w.elements();
        took = System.nanoTime() - began;
      } while (took < SAMPLE_NANOS);
      return took / 1e9 / weights / tokens.rows();
    }

    Product product() {
      return new Product(Spread.of(one).median(), Spread.of(many).median());
    }
  }

  private KernelProbe(EngineOptions options) {
    this.options = options;
    this.kernels = Kernels.forIsa(options.isa());
  }

  /**
   * Measures for some seconds.
   *
   * @param types of weights
   * @param room bytes of memory that may be used
   */
  static KernelRates measure(Set<QuantType> types, EngineOptions options, long room)
      throws InterruptedException {
    try (KernelProbe probe = new KernelProbe(options)) {
      Thin thin = probe.thin();
      return new KernelRates(probe.products(types, Math.min(BYTES, room / 4)), thin);
    }
  }

  private Map<QuantType, Product> products(Set<QuantType> types, long bytes) {
    Map<QuantType, Ring> rings = new EnumMap<>(QuantType.class);
    types.forEach(t -> rings.put(t, new Ring(t, bytes / types.size())));
    try (Parallel parallel = new Parallel(options.threads())) {
      for (int i = -WARM_UP; i < ROUNDS; i++) {
        for (Ring ring : rings.values()) {
          ring.round(parallel, i >= 0);
        }
        options.progress().report("probe", i + WARM_UP + 1L, ROUNDS + WARM_UP);
      }
    }
    Map<QuantType, Product> rates = new EnumMap<>(QuantType.class);
    rings.forEach((type, ring) -> rates.put(type, ring.product()));
    return rates;
  }

  /** A model of layers that share their few weights, which stay in the cache. */
  private Thin thin() throws InterruptedException {
    Matrix w = filled(QuantType.Q8_0, THIN, THIN);
    Tensor ones = Tensor.allocate(arena, 1, THIN);
    ones.fill(1);
    ModelWeights.Layer layer =
        new ModelWeights.Layer(
            ones,
            new ModelWeights.Gqa(
                new Matrix[] {w, w, w}, new Tensor[0], Optional.empty(), Optional.empty(), w),
            ones,
            new ModelWeights.Dense(new Matrix[] {w, w}, w));
    int head = THIN / THIN_HEADS;
    int context = KernelRates.PROMPT_TOKENS + THIN_TOKENS + 2;
    ModelSpec spec =
        new ModelSpec(
            "llama",
            "thin",
            THIN,
            THIN,
            context,
            1e-5f,
            new AttentionSpec.Gqa(THIN_HEADS, THIN_HEADS, head),
            new RopeSpec(head, 1e4, false, new RopeSpec.None()),
            Collections.nCopies(THIN_LAYERS, new FfnSpec.Dense(THIN)));
    ModelWeights weights = new ModelWeights(w, Collections.nCopies(THIN_LAYERS, layer), ones, w);
    try (Engine engine =
        Engine.of(new Transformer(spec, weights), Set.of(), options.withContextLength(context))) {
      SpeedTest test = new SpeedTest(engine, KernelRates.PROMPT_TOKENS, 1, THIN_TOKENS);
      test.warmUp(WARM_UP_SECONDS);
      List<Double> prompt = new ArrayList<>();
      List<Double> generate = new ArrayList<>();
      for (int i = 0; i < ROUNDS; i++) {
        prompt.add(1 / test.prompt());
        generate.add(1 / test.generate().usage().tokensPerSecond());
      }
      return new Thin(
          THIN,
          Spread.of(generate).median() / THIN_LAYERS,
          Spread.of(prompt).median() / THIN_LAYERS);
    }
  }

  private MatmulKernel kernel(QuantType type) {
    return kernels
        .best(type, type.isFloat() ? QuantType.F32 : options.activations())
        .orElseThrow(() -> new IllegalStateException("no kernel for " + type));
  }

  /** A matrix of some numbers in the layout that its kernel wants. */
  private Matrix filled(QuantType type, int rows, int cols) {
    Layout layout = kernel(type).layout();
    long bytes =
        layout == Layout.ROWS
            ? type.bytes(cols) * rows
            : kernels.packer(type, layout).packedBytes(rows, cols);
    MemorySegment scales = MemorySegment.NULL;
    if (type == QuantType.FP8_E4M3) {
      long blocks = (long) Math.ceilDiv(rows, QuantType.FP8_BLOCK);
      scales = segment(4 * blocks * Math.ceilDiv(cols, QuantType.FP8_BLOCK));
    }
    return new Matrix("probe", type, layout, rows, cols, segment(bytes), scales);
  }

  private MemorySegment segment(long bytes) {
    return NativeMemory.allocate(arena, bytes).fill(FILL);
  }

  @Override
  public void close() {
    arena.close();
  }
}
