package io.tiefsee.cli;

import io.tiefsee.arena.ArenaConfig;
import io.tiefsee.arena.ArenaReport;
import io.tiefsee.arena.ArenaRun;
import io.tiefsee.arena.Entrants;
import io.tiefsee.arena.Markdown;
import io.tiefsee.arena.ReportFiles;
import io.tiefsee.arena.TrialLog;
import io.tiefsee.arena.TrialRun;
import io.tiefsee.price.CashierOptions;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiefsee arena}: what a right answer costs, here and elsewhere. */
@Command(
    name = "arena",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Compares models, thinking budgets and endpoints by what a right answer costs.",
    footer = {
      "",
      "FILE says who takes part and what is asked; docs/ARENA.md describes it. The folder gets"
          + " report.html, report.md, report.png, report.json and trials.jsonl.",
      "A run that was cut goes on where it was; an answer is never asked for twice."
    })
final class ArenaCommand implements Callable<Integer> {
  private final Streams streams;

  @Parameters(paramLabel = "FILE", description = "a TOML file")
  private Path file = Path.of("");

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      description = "folder of the run (default: arena, in the current folder)")
  private Path out = Path.of("arena");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "changes one value of the file, like questions=20; may be repeated")
  private List<String> set = List.of();

  @Mixin private PriceOptions.Kept kept = new PriceOptions.Kept();

  @Option(names = "--json", description = "print the report as one JSON object, not as tables")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "no progress")
  private boolean quiet;

  ArenaCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    ArenaConfig config = ArenaConfig.load(file, set);
    CashierOptions prices =
        CashierOptions.defaults()
            .withPriceBook(
                config
                    .priceBook()
                    .map(Path::of)
                    .or(() -> CashierOptions.priceBookOfUser(System.getenv())))
            .withAsOf(config.asOf());
    TrialView live = new TrialView(streams);
    TrialRun.View view = quiet ? (name, done, total, correct, left) -> {} : live;
    try (Till till = Till.open(prices, kept.opener(streams));
        TrialLog log = TrialLog.open(out)) {
      Entrants entrants =
          new Entrants(ModelReference::path, System.getenv(), till.cashier(), config.asOf());
      ArenaRun run = new ArenaRun(config, entrants, log, view);
      ArenaRun.Outcome outcome;
      try (Interrupts interrupts =
          new Interrupts(
              List.of("INT", "TERM"),
              run::stop,
              () -> Runtime.getRuntime().halt(Main.INTERRUPTED))) {
        outcome = run.run();
      } finally {
        live.end();
      }
      return report(outcome, ArenaReport.of(config, outcome, log, till.cashier().book()));
    }
  }

  private int report(ArenaRun.Outcome outcome, ArenaReport report) {
    ReportFiles.write(out, report);
    if (json) {
      streams.out().println(Json.write(report.toMap()));
    } else if (!report.scores().isEmpty()) {
      streams.out().println(Markdown.of(report));
      streams.out().println("report: " + out.resolve("report.html"));
    }
    if (!outcome.complete()) {
      streams.err().println("tiefsee: stopped; the same command goes on with what is left");
      return Main.INTERRUPTED;
    }
    Optional<String> failed =
        outcome.failures().entrySet().stream()
            .findFirst()
            .map(f -> f.getKey() + " did not finish: " + f.getValue());
    if (failed.isPresent()) {
      throw new BadInput(failed.get() + "; what is done stays in " + out);
    }
    return 0;
  }
}
