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

  @Override
  public Integer call() throws InterruptedException {
    require("-p", promptTokens);
    require("-n", generateTokens);
    require("-r", repetitions);
    EngineOptions options = modelOptions.engineOptions();
    if (options.contextLength().isEmpty()) {
      options = options.withContextLength(Math.max(promptTokens, generateTokens + 1) + 1);
    }
    // Measured before the model is loaded, so that it need not fit beside it.
    double read =
        modelOptions.path().toFile().exists() ? MemoryBandwidth.read(options.threads()) : 0;
    long began = System.nanoTime();
    try (Engine engine = modelOptions.open(streams, options)) {
      double load = (System.nanoTime() - began) / 1e9;
      measure(engine, load, read);
    }
    return 0;
  }

  private static void require(String option, int value) {
    if (value < 1) {
      throw new BadInput(option + " is " + value + ", but must be at least 1");
    }
  }

  private void measure(Engine engine, double load, double read) throws InterruptedException {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] prompt = new double[repetitions];
    double[] generate = new double[repetitions];
    for (int i = -1; i < repetitions; i++) {
      double p = promptSpeed(engine, random);
      double g = generateSpeed(engine, random);
      if (i >= 0) {
        prompt[i] = p;
        generate[i] = g;
      }
    }
    Speed promptSpeed = Speed.of(prompt);
    Speed generateSpeed = Speed.of(generate);
    double used = engine.bytesPerToken() * generateSpeed.median() / 1e9;
    if (json) {
      streams
          .out()
          .println(
              Json.write(
                  Json.object(
                      "model", modelOptions.path().toString(),
                      "bytes", engine.modelBytes(),
                      "isa", isa(engine),
                      "threads", engine.options().threads(),
                      "load_seconds", load,
                      "prompt", promptSpeed.json(promptTokens),
                      "generate", generateSpeed.json(generateTokens),
                      "memory",
                          Json.object("read_gb_s", read, "used_gb_s", used, "share", used / read),
                      "peak_rss_bytes", peakRss())));
      return;
    }
    streams
        .out()
        .println(
            String.format(
                Locale.ROOT,
                """
                model     %s, %.1f MB
                machine   %s, %d threads
                load      %.2f s
                prompt    %s
                generate  %s
                memory    %.1f of %.1f GB/s read, %.0f %%
                peak      %.1f MB\
                """,
                modelOptions.path(),
                engine.modelBytes() / 1e6,
                isa(engine),
                engine.options().threads(),
                load,
                promptTokens + " tokens, " + promptSpeed,
                generateTokens + " tokens, " + generateSpeed,
                used,
                read,
                100 * used / read,
                peakRss() / 1e6));
  }

  private static String isa(Engine engine) {
    return engine.options().isa().name().toLowerCase(Locale.ROOT);
  }

  private double promptSpeed(Engine engine, SplittableRandom random) throws InterruptedException {
    Usage usage = answer(engine, random, promptTokens, 1);
    return usage.promptTokensPerSecond();
  }

  /** The first token comes with the prompt, so one more is made than is counted. */
  private double generateSpeed(Engine engine, SplittableRandom random) throws InterruptedException {
    return answer(engine, random, 1, generateTokens + 1).tokensPerSecond();
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
