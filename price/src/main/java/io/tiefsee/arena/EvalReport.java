package io.tiefsee.arena;

import io.tiefsee.eval.Interval;
import io.tiefsee.eval.Problem;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How one contestant does on each task, and on all of them together.
 *
 * @param rows by task, the last one of all questions together
 */
public record EvalReport(Contestant contestant, List<Row> rows) {
  private static final String ALL = "all";
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);

  /**
   * One task.
   *
   * @param one of single answers: its accuracy is pass@1
   * @param vote of the majority of all k answers: its accuracy is cons@k; the same as {@code one}
   *     where k is 1
   */
  public record Row(String task, Score one, Score vote) {}

  /**
   * Computes it; empty if an answer is missing.
   *
   * @param entry a contestant whose ks are 1 and k
   */
  public static Optional<EvalReport> of(
      Entrants.Entry entry, List<Problem> problems, TrialLog log) {
    Map<String, List<Problem>> byTask = new LinkedHashMap<>();
    for (Problem p : problems) {
      byTask.computeIfAbsent(TrialRun.taskOf(p), t -> new ArrayList<>()).add(p);
    }
    if (byTask.size() > 1) {
      byTask.put(ALL, problems);
    }
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, List<Problem>> task : byTask.entrySet()) {
      Optional<Score> one = entry.score(1, task.getValue(), log);
      Optional<Score> vote = entry.score(entry.contestant().samples(), task.getValue(), log);
      if (one.isEmpty() || vote.isEmpty()) {
        return Optional.empty();
      }
      rows.add(new Row(task.getKey(), one.get(), vote.get()));
    }
    return Optional.of(new EvalReport(entry.contestant(), rows));
  }

  /** As {@code --json} shows it. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    Protocol protocol = contestant.protocol();
    map.put("contestant", contestant.title());
    map.put("samples", contestant.samples());
    map.put("temperature", protocol.temperature());
    map.put("top_p", protocol.topP());
    map.put("max_tokens", protocol.maxTokens());
    map.put("thinking_budget", protocol.thinkingBudget());
    map.put("seed", protocol.seed());
    map.put("tasks", rows.stream().map(EvalReport::row).toList());
    return map;
  }

  private static Map<String, Object> row(Row row) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("task", row.task);
    map.put("questions", row.one.accuracies().size());
    put(map, "pass_1", row.one.accuracy());
    put(map, "cons_k", row.vote.accuracy());
    put(map, "strict_pass_1", row.one.strict());
    map.put("thinking_tokens", row.one.lengths().thinking());
    map.put("answer_tokens", row.one.lengths().answer());
    map.put("truncated", row.one.lengths().truncated());
    map.put("seconds", row.one.seconds());
    row.one
        .bill()
        .ifPresent(bill -> {
          map.put("cost", ArenaReport.rounded(bill.cost()));
          map.put("currency", bill.currency());
          bill.joules().ifPresent(j -> map.put("joules", ArenaReport.rounded(j)));
        });
    row.one.costPerCorrect().ifPresent(c -> map.put("cost_per_correct", ArenaReport.rounded(c)));
    return map;
  }

  private static void put(Map<String, Object> map, String name, Interval interval) {
    map.put(name, interval.value());
    map.put(name + "_low", interval.low());
    map.put(name + "_high", interval.high());
  }

  /** As a table in Markdown. */
  public String markdown() {
    int k = contestant.samples();
    String currency = rows.getFirst().one.bill().map(Bill::currency).orElse("cost");
    List<List<String>> table = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("task", "questions", "pass@1"));
    if (k > 1) {
      head.add("cons@" + k);
    }
    head.addAll(
        List.of("strict", "thoughts", "answer", "cut off", "s", "J", currency + " / 1000 right"));
    table.add(head);
    for (Row row : rows) {
      List<String> line = new ArrayList<>();
      line.add(row.task);
      line.add(String.valueOf(row.one.accuracies().size()));
      line.add(Markdown.interval(row.one.accuracy()));
      if (k > 1) {
        line.add(Markdown.interval(row.vote.accuracy()));
      }
      line.add(Markdown.percent(row.one.strict().value()));
      line.add("%.0f".formatted(row.one.lengths().thinking()));
      line.add("%.0f".formatted(row.one.lengths().answer()));
      line.add(Markdown.percent(row.one.lengths().truncated()));
      line.add(Markdown.number(Optional.of(BigDecimal.valueOf(row.one.seconds()))));
      line.add(Markdown.number(row.one.bill().flatMap(Bill::joules)));
      line.add(Markdown.number(row.one.costPerCorrect().map(c -> c.multiply(THOUSAND))));
      table.add(line);
    }
    return Markdown.table(table, 1);
  }
}
