package io.tiefsee.server;

import io.tiefsee.engine.StepListener;
import io.tiefsee.ledger.Filter;
import io.tiefsee.ledger.Ledger;
import io.tiefsee.ledger.Total;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.Elsewhere;
import io.tiefsee.price.Receipt;
import io.tiefsee.price.TokenCount;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps account of answers: metrics, receipts, and what was spent today by model and by key.
 * Thread-safe.
 */
final class Books implements AutoCloseable {
  private static final long SECOND_NANOS = 1_000_000_000;

  private final Cashier cashier;
  private final Metrics metrics;
  private final Map<String, Long> requests = new HashMap<>();
  private final Map<String, BigDecimal> costByModel = new HashMap<>();
  private final Map<String, BigDecimal> costByKey = new HashMap<>();
  private LocalDate day = LocalDate.now();

  /**
   * @param cashier is closed with the books
   */
  Books(Cashier cashier, Metrics metrics) {
    this.cashier = cashier;
    this.metrics = metrics;
  }

  /** Takes over what was spent today before the server's start, so that budgets outlive it. */
  void takeOver(Ledger ledger) {
    for (Total total :
        ledger.totals(Filter.on(day), EnumSet.of(Total.Group.MODEL, Total.Group.KEY))) {
      if (total.currency().equals(currency())) {
        costByModel.merge(total.group().get(Total.Group.MODEL), total.cost(), BigDecimal::add);
        costByKey.merge(total.group().get(Total.Group.KEY), total.cost(), BigDecimal::add);
      }
    }
  }

  Metrics metrics() {
    return metrics;
  }

  /** What tokens of another provider's model cost; empty if the price book does not know it. */
  Optional<Elsewhere> elsewhere(String model, TokenCount tokens) {
    return cashier.remote(model, tokens);
  }

  /** Has to hear of the steps of all engines. */
  StepListener steps() {
    return cashier.steps();
  }

  /**
   * Enters the answers to one request, which have all ended.
   *
   * @param key name of the caller
   */
  Receipt enter(String model, String key, List<Sample> samples) {
    samples.forEach(s -> metrics.answer(model, s));
    Receipt receipt =
        samples.stream()
            .map(s -> cashier.receipt(s.generation(), model, s.reasoningTokens(), key))
            .reduce(Receipt::plus)
            .orElseThrow();
    metrics.receipt(receipt);
    add(model, key, receipt.cost().total());
    return receipt;
  }

  private synchronized void add(String model, String key, BigDecimal cost) {
    turnPage();
    requests.merge(model, 1L, Long::sum);
    costByModel.merge(model, cost, BigDecimal::add);
    costByKey.merge(key, cost, BigDecimal::add);
  }

  /** A new day begins with empty columns. */
  private void turnPage() {
    LocalDate today = LocalDate.now();
    if (!today.equals(day)) {
      day = today;
      costByModel.clear();
      costByKey.clear();
    }
  }

  /** Requests to a model that were answered since the start. */
  synchronized long requests(String model) {
    return requests.getOrDefault(model, 0L);
  }

  synchronized BigDecimal costToday() {
    turnPage();
    return costByModel.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  synchronized BigDecimal costToday(String model) {
    turnPage();
    return costByModel.getOrDefault(model, BigDecimal.ZERO);
  }

  /** What a key has spent today. */
  synchronized BigDecimal spentToday(String key) {
    turnPage();
    return costByKey.getOrDefault(key, BigDecimal.ZERO);
  }

  /**
   * What a second of the whole machine costs at present, in hundredths of the currency. An answer
   * that shares the machine with others costs less.
   */
  double centsPerSecond() {
    return cashier.book().cost(cashier.watts(), SECOND_NANOS, Instant.now()).total().doubleValue()
        * 100;
  }

  String currency() {
    return cashier.book().currency();
  }

  /** How energy is known. */
  String method() {
    return cashier.method().name().toLowerCase(Locale.ROOT);
  }

  BigDecimal watts() {
    return cashier.watts();
  }

  @Override
  public void close() {
    cashier.close();
  }
}
