package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.Generation;
import io.tiefsee.engine.MemoryPlan;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.format.TensorInfo;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.Transformer;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.Receipt;
import io.tiefsee.tensor.Parallel;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast a model will be, without loading all of it. Its first layers run as the model would, in
 * two cuts of different depth: what the deeper one takes longer is what the layers between them
 * take, and the layers that were left out take as much for each byte that a token reads of them.
 * What does not grow with the layers (the output, the choice of a token) is in both cuts. A model
 * that fits into the budget is its own deeper cut.
 *
 * @param bytesPerToken of weights
 * @param layers of the deeper cut
 * @param generate seconds of a token of an answer, after a short prompt
 * @param prompt seconds of a token of a prompt
 * @param watts of the machine, gross, while it generated
 */
record Forecast(long bytesPerToken, int layers, double generate, double prompt, double watts) {
  /** Bytes of layers that are loaded for the deeper cut: more than caches hold. */
  private static final long BUDGET = 1L << 30;

  // As bench does by default, so that the compiler has seen as much.
  private static final int PROMPT_TOKENS = 512;
  private static final int TOKENS = 128;
  private static final int ROUNDS = 5;

  /** A slow model is not asked again after so long. */
  private static final long PATIENCE_NANOS = 15_000_000_000L;

  private static final long SEED = 20260101;
  private static final Pattern LAYER = Pattern.compile("(?:blk|layers)\\.(\\d+)\\.");

  /** What a cut took. */
  private record Cut(
      int layers, long bytesPerToken, double generate, double prompt, double watts) {}

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
    Cut more = measure(files, spec, deep, options, cashier);
    if (deep == spec.layers()) {
      return Optional.of(
          new Forecast(more.bytesPerToken, deep, more.generate, more.prompt, more.watts));
    }
    Cut less = measure(files, spec, shallow, options, cashier);
    double factor =
        (double) Arrays.stream(bytes, shallow, bytes.length).sum()
            / Arrays.stream(bytes, shallow, deep).sum();
    return Optional.of(
        new Forecast(
            (long) extrapolated(less.bytesPerToken, more.bytesPerToken, factor),
            deep,
            extrapolated(less.generate, more.generate, factor),
            extrapolated(less.prompt, more.prompt, factor),
            more.watts));
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
      Matcher layer = LAYER.matcher(t.name());
      if (layer.find()) {
        int n = Integer.parseInt(layer.group(1));
        // A module of multi-token prediction counts as one layer more.
        if (n < layers) {
          bytes[n] += t.bytes();
        }
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

  private static Cut measure(
      Weights files, ModelSpec whole, int layers, EngineOptions options, Cashier cashier)
      throws InterruptedException {
    ModelSpec spec = cut(whole, layers);
    KernelTable kernels = Kernels.forIsa(options.isa());
    try (Arena arena = Arena.ofShared()) {
      Transformer model;
      try (Parallel parallel = new Parallel(options.threads())) {
        model =
            new ModelLoader(files, spec, kernels, parallel, options.activations(), arena)
                .load((done, total) -> options.progress().report("load", done, total));
      }
      int context = Math.min(spec.context(), PROMPT_TOKENS + TOKENS + 2);
      try (Engine engine =
          Engine.of(
              model,
              Set.of(),
              options.withContextLength(context).toBuilder().steps(cashier.steps()).build())) {
        return measure(engine, layers, model.weights().bytesPerToken(spec), context, cashier);
      }
    }
  }

  private static Cut measure(
      Engine engine, int layers, long bytesPerToken, int context, Cashier cashier)
      throws InterruptedException {
    SplittableRandom random = new SplittableRandom(SEED);
    int promptTokens = Math.max(1, Math.min(PROMPT_TOKENS, context / 2));
    int tokens = Math.max(1, Math.min(TOKENS, context - 3));
    List<Double> generate = new ArrayList<>();
    List<Double> prompt = new ArrayList<>();
    double watts = 0;
    long began = System.nanoTime();
    // The first round is for warming up.
    for (int i = -1; i < ROUNDS && (i < 1 || System.nanoTime() - began < PATIENCE_NANOS); i++) {
      Generation read = answer(engine, random, promptTokens, 1);
      Generation written = answer(engine, random, 1, tokens + 1);
      if (i >= 0) {
        prompt.add(1 / read.usage().promptTokensPerSecond());
        generate.add(1 / written.usage().tokensPerSecond());
        watts = watts(cashier.receipt(written, "", 0, ""));
      }
    }
    return new Cut(layers, bytesPerToken, median(generate), median(prompt), watts);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  private static double watts(Receipt receipt) {
    double seconds = receipt.seconds().total().doubleValue();
    return seconds == 0 ? 0 : receipt.energy().total().doubleValue() / seconds;
  }

  private static Generation answer(Engine engine, SplittableRandom random, int prompt, int tokens)
      throws InterruptedException {
    int[] ids = random.ints(prompt, 0, engine.spec().vocab()).toArray();
    Generation generation =
        engine.submit(
            ids, SamplingParams.GREEDY.toBuilder().maxTokens(tokens).ignoreEos(true).build());
    int[] ignored = generation.await();
    return generation;
  }

  double tokensPerSecond() {
    return 1 / generate;
  }

  double promptTokensPerSecond() {
    return 1 / prompt;
  }
}
