package io.tiefsee.arena;

import io.tiefsee.eval.Interval;
import io.tiefsee.price.Elsewhere;
import io.tiefsee.price.PriceBook;
import io.tiefsee.price.TokenCount;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an arena found, computed from its trials: scores, comparisons, break-even.
 *
 * @param time of the last answer
 * @param breakEvens of each score of this machine with each rival
 */
public record ArenaReport(
    ArenaConfig config,
    ArenaRun.Outcome outcome,
    Instant time,
    PriceBook book,
    List<Paired> pairs,
    List<BreakEven> breakEvens) {
  /** Digits of what is computed of money and measurements. */
  private static final MathContext DIGITS = new MathContext(6);

  /** Computes it all. */
  public static ArenaReport of(
      ArenaConfig config, ArenaRun.Outcome outcome, TrialLog log, PriceBook book) {
    Instant last =
        log.all().stream().map(Trial::time).max(Instant::compareTo).orElse(Instant.now());
    return new ArenaReport(
        config,
        outcome,
        last.truncatedTo(ChronoUnit.SECONDS),
        book,
        Paired.of(outcome.scores()),
        breakEvens(config, outcome.scores(), book, last));
  }

  private static List<BreakEven> breakEvens(
      ArenaConfig config, List<Score> scores, PriceBook book, Instant at) {
    BigDecimal perDay = BreakEven.fixedPerDay(book.hardware());
    List<BreakEven> all = new ArrayList<>();
    for (Score local : scores.stream().filter(s -> !s.contestant().remote()).toList()) {
      for (Score remote : scores.stream().filter(s -> s.contestant().remote()).toList()) {
        remote
            .costPerCorrect()
            .flatMap(cost -> BreakEven.of(local, remote.title(), cost, perDay))
            .ifPresent(all::add);
      }
      for (Elsewhere list : book.elsewhere(tokens(local), at, config.asOf())) {
        local
            .perCorrect(local.perAnswer(list.total()))
            .flatMap(cost -> BreakEven.of(local, list.name() + " (list)", cost, perDay))
            .ifPresent(all::add);
      }
    }
    return all;
  }

  private static TokenCount tokens(Score score) {
    return score.trials().stream()
        .map(t -> t.reply().tokens())
        .reduce(new TokenCount(0, 0, 0, 0), TokenCount::plus);
  }

  public List<Score> scores() {
    return outcome.scores();
  }

  /** The most accurate score; of equals the cheapest per right answer. */
  public Optional<Score> best() {
    return scores().stream()
        .max(
            Comparator.<Score>comparingDouble(s -> s.accuracy().value())
                .thenComparing(s -> s.costPerCorrect().map(BigDecimal::negate).orElse(NO_PRICE)));
  }

  private static final BigDecimal NO_PRICE = BigDecimal.valueOf(Long.MIN_VALUE);

  /** How this machine's joules were found, as far as there are any. */
  public List<String> methods() {
    return scores().stream()
        .flatMap(s -> s.bill().stream())
        .map(Bill::method)
        .filter(m -> !m.isEmpty())
        .distinct()
        .toList();
  }

  /** As JSON has it; the page and the HTML report draw from it. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("title", config.title());
    map.put("time", time.toString());
    map.put("currency", book.currency());
    map.put("price_book", book.version());
    map.put("energy_methods", methods());
    map.put("tasks", outcome.byTask().keySet());
    map.put("questions", outcome.problems().size());
    map.put(
        "protocol",
        Map.of(
            "temperature", config.temperature(),
            "top_p", config.topP(),
            "max_tokens", config.maxTokens(),
            "seed", config.seed()));
    map.put("points", scores().stream().map(this::point).toList());
    Map<String, Object> tasks = new LinkedHashMap<>();
    outcome
        .byTask()
        .forEach((task, list) ->
            tasks.put(task, list.stream().map(s -> accuracy(new LinkedHashMap<>(), s)).toList()));
    map.put("by_task", tasks);
    map.put("pairs", pairs.stream().map(this::pair).toList());
    map.put("break_even", breakEvens.stream().map(this::breakEven).toList());
    map.put("failures", outcome.failures());
    map.put("complete", outcome.complete() && outcome.failures().isEmpty());
    return map;
  }

  private Map<String, Object> point(Score s) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("contestant", s.contestant().name());
    map.put("budget", s.contestant().protocol().thinkingBudget());
    map.put("k", s.k());
    map.put("remote", s.contestant().remote());
    accuracy(map, s);
    map.put("strict", s.strict().value());
    map.put("thinking_tokens", s.lengths().thinking());
    map.put("answer_tokens", s.lengths().answer());
    map.put("truncated", s.lengths().truncated());
    number(map, "cost_per_answer", s.bill().map(Bill::cost));
    number(map, "cost_per_correct", s.costPerCorrect());
    number(map, "joules_per_answer", s.bill().flatMap(Bill::joules));
    number(map, "joules_per_correct", s.joulesPerCorrect());
    number(map, "seconds_per_answer", Optional.of(BigDecimal.valueOf(s.seconds())));
    number(map, "seconds_per_correct", s.secondsPerCorrect());
    map.put("pareto", s.isOnFront(scores()));
    return map;
  }

  private static Map<String, Object> accuracy(Map<String, Object> map, Score s) {
    return interval(map, "accuracy", s.accuracy());
  }

  private static Map<String, Object> interval(
      Map<String, Object> map, String name, Interval interval) {
    map.put(name, interval.value());
    map.put("low", interval.low());
    map.put("high", interval.high());
    return map;
  }

  private static void number(Map<String, Object> map, String name, Optional<BigDecimal> value) {
    value.ifPresent(v -> map.put(name, rounded(v)));
  }

  /** Six digits that count. */
  static BigDecimal rounded(BigDecimal value) {
    return value.round(DIGITS).stripTrailingZeros();
  }

  private Map<String, Object> pair(Paired p) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("a", scores().indexOf(p.a()));
    map.put("b", scores().indexOf(p.b()));
    interval(map, "difference", p.difference());
    map.put("only_a", p.onlyA());
    map.put("only_b", p.onlyB());
    map.put("p", p.p());
    map.put("adjusted", p.adjusted());
    map.put("significant", p.isSignificant());
    return map;
  }

  private Map<String, Object> breakEven(BreakEven b) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("point", scores().indexOf(b.local()));
    map.put("rival", b.rival());
    number(map, "rival_cost_per_correct", Optional.of(b.rivalCostPerCorrect()));
    b.questionsPerDay().ifPresent(q -> map.put("questions_per_day", q));
    map.put("capacity", b.capacity());
    map.put("within_reach", b.isWithinReach());
    return map;
  }
}
