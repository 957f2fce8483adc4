package io.tiefsee.cli;

import io.tiefsee.cli.SpeedTest.Spread;
import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.Generation;
import io.tiefsee.engine.MemoryPlan;
import io.tiefsee.format.TensorInfo;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.Transformer;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.Receipt;
import io.tiefsee.tensor.Parallel;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * How fast a model will be, without loading all of it: its first layers run as the model would. An
 * answer's token takes as long for each byte as it does there. A prompt's takes what the layers
 * take: a second cut of fewer layers shows what those between the two take, and the layers that
 * were left out take as much for each byte of theirs; so layers without experts, which come first,
 * are not taken for ones with. A model that fits into the budget is its own cut.
 *
 * @param bytesPerToken of weights
 * @param layers that were run; 0: not even the cuts fit, and {@link KernelRates} say it all
 * @param generate seconds of a token of an answer, after a short prompt
 * @param prompt seconds of a token of a prompt of {@link KernelRates#PROMPT_TOKENS} tokens
 * @param watts of the machine, gross, while it generated
 */
record Forecast(long bytesPerToken, int layers, double generate, double prompt, double watts) {
  /** Bytes of layers that are loaded for the deeper cut: more than caches hold. */
  private static final long BUDGET = 1L << 30;

  /** Tokens of a measured answer: enough, since a token more takes hardly longer. */
  private static final int TOKENS = 64;

  private static final int ROUNDS = 5;

  /** A slow model is not asked again after so long. */
  private static final long PATIENCE_NANOS = 12_000_000_000L;

  /**
   * Measures; empty if not even the cuts fit into memory.
   *
   * @param room bytes of memory that may be used
   */
  static Optional<Forecast> of(Weights files, EngineOptions options, long room, Cashier cashier)
      throws InterruptedException {
    ModelSpec spec = ModelLoader.describe(files);
    long[] bytes = layerBytes(files, spec.layers());
    int shallow = shallow(spec);
    int deep = deep(bytes, shallow, Math.min(BUDGET, room / 2));
    long beside = files.bytes() - Arrays.stream(bytes).sum();
    if (MemoryPlan.withoutContext(beside + Arrays.stream(bytes, 0, deep).sum()) > room) {
      return Optional.empty();
    }
    int context = Math.min(spec.context(), KernelRates.PROMPT_TOKENS + TOKENS + 2);
    EngineOptions measured =
        options.withContextLength(context).toBuilder().steps(cashier.steps()).build();
    try (Arena arena = Arena.ofShared()) {
      Transformer model = load(files, cut(spec, deep), options, arena);
      try (Engine more = Engine.of(model, Set.of(), measured);
          Engine less = Engine.of(first(model, shallow), Set.of(), measured)) {
        double grows =
            TokenWork.of(files, spec).bytesPerToken()
                / TokenWork.of(files, model.spec()).bytesPerToken();
        OptionalDouble left =
            deep == spec.layers()
                ? OptionalDouble.empty()
                : OptionalDouble.of(
                    (double) Arrays.stream(bytes, shallow, bytes.length).sum()
                        / Arrays.stream(bytes, shallow, deep).sum());
        Cuts cuts = Cuts.measure(more, less, left, cashier);
        return Optional.of(
            new Forecast(
                Math.round(model.weights().bytesPerToken(model.spec()) * grows),
                deep,
                cuts.generate * grows,
                cuts.prompt,
                cuts.watts));
      }
    }
  }

  /** By what the kernels reach, for a model of which not even a part fits. */
  static Forecast of(TokenWork work, KernelRates rates, double watts) {
    return new Forecast(
        Math.round(work.bytesPerToken()), 0, rates.generate(work), rates.prompt(work), watts);
  }

  /**
   * Seconds of a token, medians of some rounds: of an answer of the deeper cut, of a prompt of the
   * whole model.
   */
  private record Cuts(double generate, double prompt, double watts) {
    /**
     * In turns, so that a machine that slows down slows both cuts.
     *
     * @param left how many times what the deeper cut has more makes up the rest of the model; empty
     *     if it is the whole model
     */
    static Cuts measure(Engine more, Engine less, OptionalDouble left, Cashier cashier)
        throws InterruptedException {
      SpeedTest deep = test(more);
      SpeedTest shallow = test(less);
      deep.warmUp(SpeedTest.FRESH_SECONDS);
      List<Double> generate = new ArrayList<>();
      List<Double> prompt = new ArrayList<>();
      double watts = 0;
      long began = System.nanoTime();
      for (int i = 0; i < ROUNDS && (i < 1 || System.nanoTime() - began < PATIENCE_NANOS); i++) {
        double whole = 1 / deep.prompt();
        if (left.isPresent()) {
          whole = extrapolated(1 / shallow.prompt(), whole, left.getAsDouble());
        }
        prompt.add(whole);
        Generation answer = deep.generate();
        generate.add(1 / answer.usage().tokensPerSecond());
        watts = Forecast.watts(cashier.receipt(answer, "", 0, ""));
      }
      return new Cuts(Spread.of(generate).median(), Spread.of(prompt).median(), watts);
    }

    private static SpeedTest test(Engine engine) {
      int context = engine.contextLength();
      return new SpeedTest(
          engine,
          Math.clamp(context / 2, 1, KernelRates.PROMPT_TOKENS),
          1,
          Math.clamp(context - 3, 1, TOKENS));
    }
  }

  private static Transformer load(
      Weights files, ModelSpec spec, EngineOptions options, Arena arena) {
    KernelTable kernels = Kernels.forIsa(options.isa());
    try (Parallel parallel = new Parallel(options.threads())) {
      return new ModelLoader(files, spec, kernels, parallel, options.activations(), arena)
          .load((done, total) -> options.progress().report("load", done, total));
    }
  }

  /** The first layers of a model, with its output. */
  private static Transformer first(Transformer model, int layers) {
    ModelWeights w = model.weights();
    return new Transformer(
        cut(model.spec(), layers),
        new ModelWeights(w.embedding(), w.layers().subList(0, layers), w.norm(), w.output()));
  }

  /** What grows from {@code less} to {@code more} grows {@code factor} times as much in all. */
  static double extrapolated(double less, double more, double factor) {
    return less + Math.max(0, more - less) * factor;
  }

  /** Layers up to the first one that is made like the last: R1's first ones have no experts. */
  private static int shallow(ModelSpec spec) {
    Class<?> last = spec.ffn().getLast().getClass();
    int n = 0;
    while (spec.ffn().get(n).getClass() != last) {
      n++;
    }
    return n + 1;
  }

  /** Layers that the budget allows, but more than the shallow cut has, if there are more. */
  static int deep(long[] bytes, int shallow, long budget) {
    int n = 0;
    for (long sum = 0; n < bytes.length && sum + bytes[n] <= budget; n++) {
      sum += bytes[n];
    }
    return Math.min(bytes.length, Math.max(n, shallow + 1));
  }

  private static long[] layerBytes(Weights files, int layers) {
    long[] bytes = new long[layers];
    for (TensorInfo t : files.tensors()) {
      int layer = TokenWork.layer(t.name()).orElse(layers);
      // A module of multi-token prediction counts as one layer more.
      if (layer < layers) {
        bytes[layer] += t.bytes();
      }
    }
    return bytes;
  }

  private static ModelSpec cut(ModelSpec spec, int layers) {
    return new ModelSpec(
        spec.architecture(),
        spec.name(),
        spec.dim(),
        spec.vocab(),
        spec.context(),
        spec.normEps(),
        spec.attention(),
        spec.rope(),
        spec.ffn().subList(0, layers));
  }

  private static double watts(Receipt receipt) {
    double seconds = receipt.seconds().total().doubleValue();
    return seconds == 0 ? 0 : receipt.energy().total().doubleValue() / seconds;
  }

  double tokensPerSecond() {
    return 1 / generate;
  }

  double promptTokensPerSecond() {
    return 1 / prompt;
  }
}
