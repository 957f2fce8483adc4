package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.engine.Usage;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code tiefsee bench}: how fast a model is here, and how near to what the memory allows. Prompts
 * are random tokens, new ones each time, so that nothing is cached; answers are greedy, from a
 * one-token prompt, and do not end before their length.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures prompt and generation speed and the share of the memory bandwidth in" + " use.")
final class BenchCommand implements Callable<Integer> {
  private static final long SEED = 20260101;

  private final Streams streams;

  @Mixin private ModelOptions modelOptions = new ModelOptions();

  @Option(
      names = {"-p", "--n-prompt"},
      paramLabel = "N",
      description = "tokens of the prompt (default: ${DEFAULT-VALUE})")
  private int promptTokens = 512;

  @Option(
      names = {"-n", "--n-gen"},
      paramLabel = "N",
      description = "tokens to generate (default: ${DEFAULT-VALUE})")
  private int generateTokens = 128;

  @Option(
      names = {"-d", "--depth"},
      paramLabel = "N",
      description = "tokens that lie before the generated ones (default: ${DEFAULT-VALUE})")
  private int depth;

  @Option(
      names = {"-r", "--repetitions"},
      paramLabel = "N",
      description = "measurements, after one for warming up (default: ${DEFAULT-VALUE})")
  private int repetitions = 5;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  BenchCommand(Streams streams) {
    this.streams = streams;
  }

  /** Tokens per second over the repetitions. */
  private record Speed(double min, double median, double max) {
    static Speed of(double[] values) {
      double[] v = values.clone();
      Arrays.sort(v);
      int n = v.length;
      return new Speed(v[0], (v[(n - 1) / 2] + v[n / 2]) / 2, v[n - 1]);
    }

    Map<String, Object> json(int tokens) {
      return Json.object(
          "tokens",
          tokens,
          "tokens_per_second",
          Json.object("min", min, "median", median, "max", max));
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.1f tokens/s (%.1f to %.1f)", median, min, max);
    }
  }

  /**
   * What was measured.
   *
   * @param used GB/s of weights that generation reads
   */
  private record Result(
      long bytes,
      String isa,
      int threads,
      double loadSeconds,
      Speed prompt,
      Speed generate,
      double used,
      long peakRss) {}

  @Override
  public Integer call() throws InterruptedException {
    require("-p", promptTokens);
    require("-n", generateTokens);
    require("-r", repetitions);
    if (depth < 0) {
      throw new BadInput("-d is " + depth + ", but must be at least 0");
    }
    EngineOptions options = modelOptions.engineOptions();
    if (options.contextLength().isEmpty()) {
      options =
          options.withContextLength(Math.max(promptTokens, before() + generateTokens + 1) + 1);
    }
    long began = System.nanoTime();
    Result result;
    try (Engine engine = modelOptions.open(streams, options)) {
      result = measure(engine, (System.nanoTime() - began) / 1e9);
    }
    // Measured last: the memory it takes is none of the model's peak.
    double read = MemoryBandwidth.read(options.threads());
    streams.out().println(json ? Json.write(asJson(result, read)) : asText(result, read));
    return 0;
  }

  private static void require(String option, int value) {
    if (value < 1) {
      throw new BadInput(option + " is " + value + ", but must be at least 1");
    }
  }

  private Result measure(Engine engine, double load) throws InterruptedException {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] prompt = new double[repetitions];
    double[] generate = new double[repetitions];
    for (int i = -1; i < repetitions; i++) {
      double p = promptSpeed(engine, random);
      double g = generateSpeed(engine, random, i < 0 ? 1 : before());
      if (i >= 0) {
        prompt[i] = p;
        generate[i] = g;
      }
    }
    Speed generated = Speed.of(generate);
    return new Result(
        engine.modelBytes(),
        isa(engine),
        engine.options().threads(),
        load,
        Speed.of(prompt),
        generated,
        engine.bytesPerToken() * generated.median() / 1e9,
        peakRss());
  }

  private Map<String, Object> asJson(Result r, double read) {
    return Json.object(
        "model", modelOptions.path().toString(),
        "bytes", r.bytes(),
        "isa", r.isa(),
        "threads", r.threads(),
        "load_seconds", r.loadSeconds(),
        "prompt", r.prompt().json(promptTokens),
        "generate", r.generate().json(generateTokens),
        "memory", Json.object("read_gb_s", read, "used_gb_s", r.used(), "share", r.used() / read),
        "peak_rss_bytes", r.peakRss());
  }

  private String asText(Result r, double read) {
    return String.format(
        Locale.ROOT,
        """
        model     %s, %.1f MB
        machine   %s, %d threads
        load      %.2f s
        prompt    %d tokens, %s
        generate  %d tokens, %s
        memory    %.1f of %.1f GB/s read, %.0f %%
        peak      %.1f MB\
        """,
        modelOptions.path(),
        r.bytes() / 1e6,
        r.isa(),
        r.threads(),
        r.loadSeconds(),
        promptTokens,
        r.prompt(),
        generateTokens,
        r.generate(),
        r.used(),
        read,
        100 * r.used() / read,
        r.peakRss() / 1e6);
  }

  private static String isa(Engine engine) {
    return engine.options().isa().name().toLowerCase(Locale.ROOT);
  }

  private double promptSpeed(Engine engine, SplittableRandom random) throws InterruptedException {
    Usage usage = answer(engine, random, promptTokens, 1);
    return usage.promptTokensPerSecond();
  }

  /** Tokens of the prompt that generation starts from. */
  private int before() {
    return Math.max(1, depth);
  }

  /** The first token comes with the prompt, so one more is made than is counted. */
  private double generateSpeed(Engine engine, SplittableRandom random, int before)
      throws InterruptedException {
    return answer(engine, random, before, generateTokens + 1).tokensPerSecond();
  }

  private static Usage answer(Engine engine, SplittableRandom random, int prompt, int tokens)
      throws InterruptedException {
    int[] ids = random.ints(prompt, 0, engine.spec().vocab()).toArray();
    SamplingParams params =
        SamplingParams.GREEDY.toBuilder().maxTokens(tokens).ignoreEos(true).build();
    var generation = engine.submit(ids, params);
    int[] answer = generation.await();
    if (answer.length != tokens) {
      throw new BadInput(
          "the context has room for "
              + engine.contextLength()
              + " tokens, but "
              + (prompt + tokens)
              + " are needed: raise --ctx-size");
    }
    return generation.usage();
  }

  /** The most memory this process ever held, in bytes; -1 where the system does not say. */
  private static long peakRss() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
    return -1;
  }
}
