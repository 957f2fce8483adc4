package io.tiefsee.arena;

import io.tiefsee.eval.Interval;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tables of scores in Markdown, aligned so that they read well on a terminal too. */
public final class Markdown {
  private static final MathContext DIGITS = new MathContext(3);
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);

  private Markdown() {}

  /** The report of an arena. */
  public static String of(ArenaReport report) {
    StringBuilder text = new StringBuilder();
    ArenaConfig config = report.config();
    text.append("# %s%n%n".formatted(config.title()));
    text.append(
        "%d questions of %s; temperature %s, top-p %s, seed %d; %s. Costs in %s by the price book %s%s.%n%n"
            .formatted(
                report.outcome().problems().size(),
                String.join(", ", report.outcome().byTask().keySet()),
                config.temperature(),
                config.topP(),
                config.seed(),
                report.time().toString().substring(0, 10),
                report.book().currency(),
                report.book().version(),
                report.methods().isEmpty()
                    ? ""
                    : "; joules are " + String.join(", ", report.methods())));
    text.append(scores(report.scores(), report.book().currency()));
    text.append(
        "%n● nobody else is both cheaper per right answer and at least as accurate. In brackets: confidence intervals of 95 %%.%n"
            .formatted());
    report
        .outcome()
        .failures()
        .forEach((who, why) ->
            text.append("%n**%s** did not finish and is not compared: %s%n".formatted(who, why)));
    if (report.outcome().byTask().size() > 1) {
      text.append("%n## By task%n%n%s".formatted(tasks(report)));
    }
    report.best().ifPresent(best -> text.append(comparison(report, best)));
    if (!report.breakEvens().isEmpty()) {
      text.append(
          "%n## Break-even%n%nFrom how many questions a day on this machine is cheaper per right answer; in brackets what it cannot answer in a day.%n%n%s"
              .formatted(breakEvens(report)));
    }
    return text.toString();
  }

  /** One row a score. */
  public static String scores(List<Score> scores, String currency) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "contestant",
            "budget",
            "k",
            "accuracy",
            "strict",
            "tokens",
            "cut off",
            currency + " / 1000 right",
            "J / right",
            "s / right",
            ""));
    for (Score s : scores) {
      int budget = s.contestant().protocol().thinkingBudget();
      rows.add(
          List.of(
              s.contestant().name(),
              budget == 0 ? "none" : String.valueOf(budget),
              String.valueOf(s.k()),
              interval(s.accuracy()),
              percent(s.strict().value()),
              "%.0f + %.0f".formatted(s.lengths().thinking(), s.lengths().answer()),
              percent(s.lengths().truncated()),
              number(s.costPerCorrect().map(c -> c.multiply(THOUSAND))),
              number(s.joulesPerCorrect()),
              number(s.secondsPerCorrect()),
              s.isOnFront(scores) ? "●" : ""));
    }
    return table(rows, 1);
  }

  private static String tasks(ArenaReport report) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("contestant"));
    head.addAll(report.outcome().byTask().keySet());
    rows.add(head);
    for (int i = 0; i < report.scores().size(); i++) {
      int at = i;
      List<String> row = new ArrayList<>(List.of(report.scores().get(i).title()));
      report
          .outcome()
          .byTask()
          .values()
          .forEach(list -> row.add(interval(list.get(at).accuracy())));
      rows.add(row);
    }
    return table(rows, 1);
  }

  /** Every other score beside the best. */
  private static String comparison(ArenaReport report, Score best) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("contestant", "points below", "p (McNemar)", "after Holm", ""));
    for (Paired pair : report.pairs()) {
      if (pair.a() != best && pair.b() != best) {
        continue;
      }
      Interval d = pair.difference();
      Interval below = pair.b() == best ? d : new Interval(-d.value(), -d.high(), -d.low());
      rows.add(
          List.of(
              (pair.a() == best ? pair.b() : pair.a()).title(),
              points(below),
              p(pair.p()),
              p(pair.adjusted()),
              pair.isSignificant() ? "significant" : ""));
    }
    return rows.size() == 1
        ? ""
        : "%n## Beside the most accurate: %s%n%n%s".formatted(best.title(), table(rows, 1));
  }

  private static String breakEvens(ArenaReport report) {
    List<String> rivals = report.breakEvens().stream().map(BreakEven::rival).distinct().toList();
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("this machine", "can answer a day"));
    head.addAll(rivals);
    rows.add(head);
    for (Score local : report.breakEvens().stream().map(BreakEven::local).distinct().toList()) {
      List<BreakEven> own = report.breakEvens().stream().filter(b -> b.local() == local).toList();
      List<String> row = new ArrayList<>(List.of(local.title(), number(own.getFirst().capacity())));
      for (String rival : rivals) {
        row.add(
            own.stream()
                .filter(b -> b.rival().equals(rival))
                .findFirst()
                .map(Markdown::breakEven)
                .orElse("–"));
      }
      rows.add(row);
    }
    return table(rows, 1);
  }

  private static String number(BigDecimal whole) {
    return "%,d".formatted(whole.toBigInteger());
  }

  private static String breakEven(BreakEven b) {
    return b.questionsPerDay()
        .map(Markdown::number)
        .map(q -> b.isWithinReach() ? q : "(" + q + ")")
        .orElse("never");
  }

  private static String p(double p) {
    return p < 0.001 ? "< 0.001" : String.format(Locale.ROOT, "%.3f", p);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  static String interval(Interval i) {
    return String.format(
        Locale.ROOT, "%.1f %% [%.1f–%.1f]", 100 * i.value(), 100 * i.low(), 100 * i.high());
  }

  private static String points(Interval i) {
    // Adding 0 makes 0 of -0.
    return String.format(
        Locale.ROOT,
        "%.1f [%.1f to %.1f]",
        100 * i.value() + 0.0,
        100 * i.low() + 0.0,
        100 * i.high() + 0.0);
  }

  /** Three digits that count; – where there is none. */
  static String number(Optional<BigDecimal> value) {
    return value
        .map(v -> v.round(DIGITS).stripTrailingZeros())
        .map(v -> v.scale() < 0 ? "%,d".formatted(v.toBigInteger()) : v.toPlainString())
        .orElse("–");
  }

  /**
   * A table.
   *
   * @param rows the head first
   * @param left columns that are aligned to the left
   */
  static String table(List<List<String>> rows, int left) {
    int columns = rows.getFirst().size();
    List<Integer> widths = new ArrayList<>(Collections.nCopies(columns, 3));
    for (List<String> row : rows) {
      for (int c = 0; c < columns; c++) {
        widths.set(c, Math.max(widths.get(c), row.get(c).length()));
      }
    }
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      for (int c = 0; c < columns; c++) {
        String pad = " ".repeat(widths.get(c) - rows.get(r).get(c).length());
        String value = rows.get(r).get(c).replace("|", "\\|");
        text.append("| ").append(c < left ? value + pad : pad + value).append(' ');
      }
      text.append("|\n");
      if (r == 0) {
        for (int c = 0; c < columns; c++) {
          text.append(c < left ? "|:" : "|-").append("-".repeat(widths.get(c)));
          text.append(c < left ? '-' : ':');
        }
        text.append("|\n");
      }
    }
    return text.toString();
  }
}
