package io.tiefsee.cli;

import io.tiefsee.cli.SpeedTest.Spread;
import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code tiefsee bench}: how fast a model is here, and how near to what the memory allows, in the
 * steady state, as a {@link SpeedTest} finds it.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures prompt and generation speed and the share of the memory bandwidth in" + " use.")
final class BenchCommand implements Callable<Integer> {
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
      description = "measurements, after warming up until rates settle (default: ${DEFAULT-VALUE})")
  private int repetitions = 5;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  BenchCommand(Streams streams) {
    this.streams = streams;
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
      Spread prompt,
      Spread generate,
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
    SpeedTest test = new SpeedTest(engine, promptTokens, before(), generateTokens);
    test.warmUp(SpeedTest.FRESH_SECONDS);
    List<Double> prompt = new ArrayList<>();
    List<Double> generate = new ArrayList<>();
    for (int i = 0; i < repetitions; i++) {
      prompt.add(test.prompt());
      generate.add(test.generate().usage().tokensPerSecond());
    }
    Spread generated = Spread.of(generate);
    return new Result(
        engine.modelBytes(),
        isa(engine),
        engine.options().threads(),
        load,
        Spread.of(prompt),
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
        "prompt", json(r.prompt(), promptTokens),
        "generate", json(r.generate(), generateTokens),
        "memory", Json.object("read_gb_s", read, "used_gb_s", r.used(), "share", r.used() / read),
        "peak_rss_bytes", r.peakRss());
  }

  private static Map<String, Object> json(Spread speed, int tokens) {
    return Json.object(
        "tokens",
        tokens,
        "tokens_per_second",
        Json.object("min", speed.min(), "median", speed.median(), "max", speed.max()));
  }

  private static String text(Spread speed) {
    return String.format(
        Locale.ROOT, "%.1f tokens/s (%.1f to %.1f)", speed.median(), speed.min(), speed.max());
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
        text(r.prompt()),
        generateTokens,
        text(r.generate()),
        r.used(),
        read,
        100 * r.used() / read,
        r.peakRss() / 1e6);
  }

  private static String isa(Engine engine) {
    return engine.options().isa().name().toLowerCase(Locale.ROOT);
  }

  /** Tokens of the prompt that generation starts from. */
  private int before() {
    return Math.max(1, depth);
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
