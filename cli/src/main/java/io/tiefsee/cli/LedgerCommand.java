package io.tiefsee.cli;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.ledger.Export;
import io.tiefsee.ledger.Filter;
import io.tiefsee.ledger.Ledger;
import io.tiefsee.ledger.Total;
import io.tiefsee.ledger.Total.Group;
import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tiefsee ledger}: what answers have cost so far. */
@Command(
    name = "ledger",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Adds up the receipts that were kept, or exports them.")
final class LedgerCommand implements Callable<Integer> {
  private final Streams streams;

  @Mixin private PriceOptions.Kept kept = new PriceOptions.Kept();

  @Option(
      names = "--by",
      paramLabel = "WHAT",
      split = ",",
      description = "a total for each day, model or key, or combinations (default: day,model)")
  private List<Group> by = List.of(Group.DAY, Group.MODEL);

  @Option(
      names = "--since",
      paramLabel = "DATE",
      converter = PriceOptions.DateConverter.class,
      description = "from this day on")
  private Optional<LocalDate> since = Optional.empty();

  @Option(
      names = "--until",
      paramLabel = "DATE",
      converter = PriceOptions.DateConverter.class,
      description = "up to this day")
  private Optional<LocalDate> until = Optional.empty();

  @Option(names = "--model", paramLabel = "NAME", description = "of this model only")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--key",
      paramLabel = "NAME",
      description = "of this key of the server, or command, only")
  private Optional<String> key = Optional.empty();

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description = "write the receipts themselves, by the file's name as .csv, .parquet or .jsonl")
  private Optional<Path> export = Optional.empty();

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  LedgerCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    if (kept.isOff()) {
      throw new BadInput("--ledger off has nothing to show: name a file, or leave it out");
    }
    if (!Files.exists(kept.path())) {
      throw new BadInput(
          "there is no ledger " + kept.path() + " yet: run, chat and serve write one");
    }
    Filter filter = new Filter(since, until, model, key);
    try (Ledger ledger = Ledger.open(kept.path(), warning -> streams.note("tiefsee: " + warning))) {
      if (export.isPresent()) {
        long receipts = Export.write(ledger, filter, export.get());
        streams.note(receipts + " receipts in " + export.get());
        return 0;
      }
      Set<Group> groups = EnumSet.noneOf(Group.class);
      groups.addAll(by);
      List<Total> totals = ledger.totals(filter, groups);
      if (json) {
        streams.out().println(Json.write(totals.stream().map(Total::toMap).toList()));
      } else if (totals.isEmpty()) {
        streams.note("no receipts");
      } else {
        print(totals, ledger.totals(filter, Set.of()), groups);
      }
    }
    return 0;
  }

  private void print(List<Total> totals, List<Total> sums, Set<Group> groups) {
    List<String[]> lines = totals.stream().map(t -> cells(t, groups)).collect(Collectors.toList());
    String[] header = new String[groups.size()];
    int g = 0;
    for (Group group : groups) {
      header[g++] = ConfigReader.name(group);
    }
    lines.addFirst(with(header, "answers", "prompt", "cached", "thinking", "answer", "J", "cost"));
    if (!groups.isEmpty() && totals.size() > 1) {
      sums.forEach(s -> {
        String[] first = new String[groups.size()];
        Arrays.fill(first, "");
        first[0] = "all";
        lines.add(with(first, numbers(s)));
      });
    }
    int columns = lines.getFirst().length;
    int[] widths = new int[columns];
    for (String[] line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], line[i].length());
      }
    }
    for (String[] line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String sign = i < groups.size() ? "-" : "";
        text.append(String.format(Locale.ROOT, "%" + sign + widths[i] + "s  ", line[i]));
      }
      streams.out().println(text.toString().stripTrailing());
    }
  }

  private static String[] cells(Total t, Set<Group> groups) {
    String[] first = groups.stream().map(g -> t.group().get(g)).toArray(String[]::new);
    return with(first, numbers(t));
  }

  private static String[] numbers(Total t) {
    return new String[] {
      String.valueOf(t.receipts()),
      String.valueOf(t.promptHit() + t.promptMiss()),
      String.valueOf(t.promptHit()),
      String.valueOf(t.thinking()),
      String.valueOf(t.answer()),
      shown(t.joules()),
      shown(t.cost()) + " " + t.currency()
    };
  }

  private static String shown(BigDecimal amount) {
    return amount.round(new MathContext(4)).toPlainString();
  }

  private static String[] with(String[] first, String... more) {
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }
}
