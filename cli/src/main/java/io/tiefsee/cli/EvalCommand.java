package io.tiefsee.cli;

import io.tiefsee.arena.Entrants;
import io.tiefsee.arena.EvalReport;
import io.tiefsee.arena.Protocol;
import io.tiefsee.arena.RemoteConfig;
import io.tiefsee.arena.ReportFiles;
import io.tiefsee.arena.TrialLog;
import io.tiefsee.arena.TrialRun;
import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Problems;
import io.tiefsee.price.CashierOptions;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tiefsee eval}: how much a model gets right. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures how much a model gets right, here or behind an endpoint.",
    footer = {
      "",
      "The defaults are DeepSeek-R1's protocol: temperature 0.6, top-p 0.95. With --out a run that"
          + " was cut goes on where it was. docs/EVAL.md describes the tasks."
    })
final class EvalCommand implements Callable<Integer> {
  private final Streams streams;

  @Option(
      names = "--tasks",
      paramLabel = "TASK",
      split = ",",
      required = true,
      description =
          "what to ask: countdown:2 (task and level), countdown (all levels), or a public file,"
              + " like gsm8k:test.jsonl; several separated by commas")
  private List<String> tasks = List.of();

  @Option(
      names = {"-n", "--questions"},
      paramLabel = "N",
      description = "questions of each task (default: 100)")
  private int questions = 100;

  @Option(
      names = {"-k", "--samples"},
      paramLabel = "K",
      description = "answers to each question: pass@1 is their mean, cons@K their majority's score")
  private int samples = 1;

  @Mixin private ModelOptions modelOptions = new ModelOptions();

  @ArgGroup(validate = false, heading = "%nAn endpoint instead of a model:%n")
  private Remote remote = new Remote();

  /** Options of an endpoint. */
  static final class Remote {
    @Option(
        names = "--endpoint",
        paramLabel = "URL",
        description = "an OpenAI-compatible endpoint, like http://127.0.0.1:8080/v1")
    private Optional<String> url = Optional.empty();

    @Option(
        names = "--remote-model",
        paramLabel = "NAME",
        description = "the model, as the endpoint calls it")
    private Optional<String> model = Optional.empty();

    @Option(
        names = "--key-env",
        paramLabel = "VAR",
        description = "the environment variable that holds the key")
    private String keyEnv = "";

    @Option(
        names = "--price",
        paramLabel = "NAME",
        description = "its price list in the price book (default: that of the model)")
    private String price = "";

    @Option(
        names = "--requests-per-minute",
        paramLabel = "X",
        description = "at most (default: no limit)")
    private double perMinute;

    @Option(
        names = "--spending-cap",
        paramLabel = "X",
        description = "in the price book's currency; it is checked before each request")
    private Optional<BigDecimal> cap = Optional.empty();

    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        description = "of a request (default: ${DEFAULT-VALUE})")
    private int timeout = RemoteConfig.DEFAULTS.timeoutSeconds();

    @Option(
        names = "--retries",
        paramLabel = "N",
        description = "of a request that failed (default: ${DEFAULT-VALUE})")
    private int retries = RemoteConfig.DEFAULTS.retries();

    private void check(boolean modelIsGiven) {
      if (url.isPresent() != model.isPresent()) {
        throw new BadInput("--endpoint and --remote-model belong together: give both");
      }
      if (url.isPresent() && modelIsGiven) {
        throw new BadInput("give either --model or --endpoint, not both");
      }
    }

    private RemoteConfig config(int budget, List<Integer> ks, Optional<Integer> parallel) {
      RemoteConfig d = RemoteConfig.DEFAULTS;
      return new RemoteConfig(
          "",
          url.orElseThrow(),
          model.orElseThrow(),
          keyEnv,
          price,
          List.of(budget),
          ks,
          parallel.orElse(d.parallel()),
          perMinute,
          cap,
          timeout,
          retries,
          d.budgetKey(),
          d.tokensKey(),
          d.sampling());
    }
  }

  @Option(
      names = {"--temperature", "--temp"},
      paramLabel = "X",
      description = "default: ${DEFAULT-VALUE}")
  private double temperature = Protocol.DEFAULTS.temperature();

  @Option(names = "--top-p", paramLabel = "P", description = "default: ${DEFAULT-VALUE}")
  private double topP = Protocol.DEFAULTS.topP();

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "of an answer with its thoughts (default: ${DEFAULT-VALUE})")
  private int maxTokens = Protocol.DEFAULTS.maxTokens();

  @Option(
      names = "--thinking-budget",
      paramLabel = "N",
      description = "tokens of thoughts, after which they are closed (default: no limit)")
  private int budget;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of questions and answers (default: ${DEFAULT-VALUE})")
  private long seed = Protocol.DEFAULTS.seed();

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "questions at once (default: 16; 4 of an endpoint)")
  private Optional<Integer> parallel = Optional.empty();

  @Mixin private PriceOptions.Book prices = new PriceOptions.Book();
  @Mixin private PriceOptions.Kept kept = new PriceOptions.Kept();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description =
          "folder that gets trials.jsonl, score.json and score.md (default: nothing is kept)")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--json", description = "print one JSON object instead of a table")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "no progress")
  private boolean quiet;

  EvalCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (samples < 1 || samples > 1024) {
      throw new BadInput("--samples is " + samples + ", but must be 1 to 1024");
    }
    remote.check(modelOptions.isGiven());
    Protocol protocol = new Protocol(temperature, topP, maxTokens, budget, seed);
    List<Problem> problems = Problems.of(tasks, questions, seed);
    if (out.isPresent()) {
      return run(out.get(), protocol, problems);
    }
    Path folder = Files.createTempDirectory("tiefsee-eval");
    try {
      return run(folder, protocol, problems);
    } finally {
      delete(folder);
    }
  }

  private int run(Path folder, Protocol protocol, List<Problem> problems) {
    TrialView live = new TrialView(streams);
    CashierOptions options = prices.options();
    try (Till till = Till.open(options, kept.opener(streams));
        TrialLog log = TrialLog.open(folder)) {
      TrialRun run = new TrialRun(log, quiet ? (name, done, total, correct, left) -> {} : live);
      Entrants entrants = new Entrants(Path::of, System.getenv(), till.cashier(), options.asOf());
      Entrants.Entry entry = entry(entrants, protocol, log);
      boolean whole;
      try (Interrupts interrupts =
          new Interrupts(
              List.of("INT", "TERM"),
              run::stop,
              () -> Runtime.getRuntime().halt(Main.INTERRUPTED))) {
        whole = run.ask(entry.contestant(), problems, entry.opener());
      } finally {
        live.end();
      }
      if (!whole) {
        streams
            .err()
            .println(
                "tiefsee: stopped"
                    + (out.isPresent() ? "; the same command goes on with what is left" : ""));
        return Main.INTERRUPTED;
      }
      report(folder, entry, problems, log);
      return 0;
    }
  }

  private Entrants.Entry entry(Entrants entrants, Protocol protocol, TrialLog log) {
    List<Integer> ks = List.of(1, samples);
    if (remote.url.isPresent()) {
      return entrants.of(remote.config(budget, ks, parallel), protocol, log).getFirst();
    }
    Path path = modelOptions.path();
    return entrants.of(
        path,
        Entrants.nameOf(path),
        protocol,
        ks,
        modelOptions.engineOptions(),
        parallel.orElse(16));
  }

  private void report(Path folder, Entrants.Entry entry, List<Problem> problems, TrialLog log) {
    EvalReport report =
        EvalReport.of(entry, problems, log)
            .orElseThrow(() -> new IllegalStateException("an answer is missing in the log"));
    ReportFiles.write(folder, report);
    if (json) {
      streams.out().println(Json.write(report.toMap()));
    } else {
      streams.out().print(report.markdown());
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
