package io.tiefsee.cli;

import io.tiefsee.engine.EngineOptions;
import io.tiefsee.kernel.Isa;
import io.tiefsee.price.PriceBook;
import io.tiefsee.recipe.Cost;
import io.tiefsee.recipe.Recipe;
import io.tiefsee.recipe.Report;
import io.tiefsee.recipe.ReportImage;
import io.tiefsee.recipe.RunFolder;
import io.tiefsee.recipe.RunHistory;
import io.tiefsee.recipe.StageConfig;
import io.tiefsee.recipe.StageRunner;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tiefsee train}: the recipe of R1. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Trains a model by the recipe of R1.",
    synopsisSubcommandLabel = "STAGE")
final class TrainCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private TrainCommand() {}

  /** The command with its subcommands. */
  static CommandLine of(Streams streams) {
    CommandLine train = new CommandLine(new TrainCommand());
    train.addSubcommand(new Sft(streams));
    train.addSubcommand(new Grpo(streams));
    train.addSubcommand(new Reject(streams));
    train.addSubcommand(new Distill(streams));
    train.addSubcommand(new R1(streams));
    train.addSubcommand(new ReportCommand(streams));
    return train;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** What a run costs. */
  static final class CostOptions {
    @Option(
        names = "--watts",
        paramLabel = "W",
        description = "power of the machine under load, for the energy in the report")
    private BigDecimal watts = BigDecimal.ZERO;

    @Option(
        names = "--eur-per-kwh",
        paramLabel = "X",
        description = "price of electricity (default: that of the shipped price book)")
    private Optional<BigDecimal> eurPerKwh = Optional.empty();

    /**
     * The cost of some seconds.
     *
     * @throws BadInput if an option is wrong
     */
    private Cost cost(double seconds) {
      BigDecimal price = eurPerKwh.orElseGet(() -> PriceBook.shipped().electricity().perKwh());
      return new Cost(BigDecimal.valueOf(seconds), watts, price);
    }

    private void check() {
      Cost ignored = cost(0);
    }

    /** Writes report.html and the pictures; returns the report in lines. */
    List<String> report(Path folder) {
      RunHistory run = RunHistory.read(folder);
      Cost cost = cost(run.seconds());
      Report report = new Report(run, cost);
      try {
        report.write(
            folder.resolve("report.html"), Files.readString(folder.resolve("config.toml")));
      } catch (IOException e) {
        throw new BadInput(folder + " has no config.toml: " + BadInput.reason(e), e);
      }
      for (RunHistory.StageHistory stage : run.stages()) {
        ReportImage.write(folder.resolve("report-" + stage.name() + ".png"), run, stage);
      }
      return report.lines();
    }
  }

  /** What all stages have in common. */
  abstract static class StageCommand implements Callable<Integer> {
    private final String stage;
    private final Streams streams;
    private final Predicate<Recipe> way;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "what to do, a TOML file; see docs/R1.md")
    private Optional<Path> config = Optional.empty();

    @Option(
        names = "--preset",
        paramLabel = "NAME",
        description = "a configuration that comes along: embedded, countdown, toy, lora")
    private Optional<String> preset = Optional.empty();

    @Option(
        names = "--set",
        paramLabel = "KEY=VALUE",
        description = "changes one value of the configuration, like grpo.steps=60; may be repeated")
    private List<String> set = List.of();

    @Option(
        names = {"-o", "--out"},
        paramLabel = "DIR",
        required = true,
        description = "folder of the run; one that was cut goes on where it was")
    private Path out = Path.of("");

    @Option(names = "--seed", paramLabel = "N", description = "as --set seed=N")
    private Optional<Long> seed = Optional.empty();

    @Option(
        names = {"-t", "--threads"},
        paramLabel = "N",
        description = "threads that compute; changes no bit (default: one per physical core)")
    private Optional<Integer> threads = Optional.empty();

    @Mixin private CostOptions cost = new CostOptions();

    @Option(
        names = {"-q", "--quiet"},
        description = "no live view")
    private boolean quiet;

    StageCommand(String stage, Streams streams, Predicate<Recipe> way) {
      this.stage = stage;
      this.streams = streams;
      this.way = way;
    }

    /** Further overrides. */
    List<String> more() {
      return List.of();
    }

    private StageConfig config() {
      List<String> overrides = new ArrayList<>(set);
      seed.ifPresent(s -> overrides.add("seed=" + s));
      overrides.addAll(more());
      if (config.isPresent() == preset.isPresent()) {
        throw new BadInput(
            "give either --config FILE or --preset NAME (%s)"
                .formatted(String.join(", ", StageConfig.PRESETS)));
      }
      return config
          .map(file -> StageConfig.load(file, overrides))
          .orElseGet(() -> StageConfig.preset(preset.orElseThrow(), overrides));
    }

    @Override
    public Integer call() {
      cost.check();
      StageConfig wanted = config();
      int n = threads.orElseGet(() -> EngineOptions.defaults().threads());
      if (n < 1 || n > 1024) {
        throw new BadInput("--threads is 1 to 1024, not " + n);
      }
      TrainView live = new TrainView(streams, stage);
      StageRunner.View view = quiet ? StageRunner.View.NONE : live;
      boolean whole;
      try (RunFolder folder =
              RunFolder.open(out, stage, wanted, line -> streams.note("tiefsee: " + line));
          Interrupts interrupts =
              new Interrupts(
                  List.of("INT", "TERM"),
                  () -> live.end("stopping after this step …"),
                  () -> Runtime.getRuntime().halt(Main.INTERRUPTED))) {
        Recipe.Setting setting =
            new Recipe.Setting(Isa.choice().isa(), n, view, interrupts::happened);
        try {
          whole = way.test(new Recipe(wanted, folder, setting));
        } finally {
          live.end("");
        }
      }
      if (!whole) {
        streams
            .err()
            .println("tiefsee: stopped; the same command goes on from the checkpoint in " + out);
        return Main.INTERRUPTED;
      }
      cost.report(out).forEach(streams.out()::println);
      streams.out().println("report: " + out.resolve("report.html"));
      return 0;
    }
  }

  @Command(
      name = "sft",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Cold start: learns from demonstrations, the loss on the answer side only.")
  static final class Sft extends StageCommand {
    Sft(Streams streams) {
      super("sft", streams, Recipe::sft);
    }
  }

  @Command(
      name = "grpo",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Reinforcement learning with rewards that are checked.")
  static final class Grpo extends StageCommand {
    Grpo(Streams streams) {
      super("grpo", streams, Recipe::grpo);
    }
  }

  @Command(
      name = "reject",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Rejection sampling: verified answers of a model become a data set.")
  static final class Reject extends StageCommand {
    Reject(Streams streams) {
      super("reject", streams, Recipe::reject);
    }
  }

  @Command(
      name = "distill",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "A smaller dense student learns from a teacher's verified answers.")
  static final class Distill extends StageCommand {
    Distill(Streams streams) {
      super("distill", streams, Recipe::distill);
    }
  }

  @Command(
      name = "r1",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description =
          "The whole way: cold start, reinforcement learning, rejection sampling, learning from"
              + " what was kept, reinforcement learning again, a distilled student.")
  static final class R1 extends StageCommand {
    @Option(names = "--zero", description = "R1-Zero: reinforcement learning without a cold start")
    private boolean zero;

    R1(Streams streams) {
      super("r1", streams, Recipe::r1);
    }

    @Override
    List<String> more() {
      return zero ? List.of("zero=true") : List.of();
    }
  }

  @Command(
      name = "report",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Writes the report of a run, also of one that is under way.")
  static final class ReportCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = "folder of the run")
    private Path folder = Path.of("");

    @Mixin private CostOptions cost = new CostOptions();

    ReportCommand(Streams streams) {
      this.streams = streams;
    }

    @Override
    public Integer call() {
      cost.report(folder).forEach(streams.out()::println);
      streams.out().println("report: " + folder.resolve("report.html"));
      return 0;
    }
  }
}
