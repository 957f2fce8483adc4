package io.tiefsee.ledger;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.price.Elsewhere;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A column of exported receipts.
 *
 * @param value a String for TEXT, a Long for WHOLE and TIME (milliseconds since 1970), a BigDecimal
 *     for MEASURED and MONEY
 */
record Column(String name, Kind kind, Function<Entry, Object> value) {
  /** What is in a column. */
  enum Kind {
    TEXT,
    WHOLE,
    TIME,
    /** Nine decimals. */
    MEASURED,
    /** Twelve decimals. */
    MONEY;

    int decimals() {
      return this == MONEY ? Rows.MONEY : Rows.MEASURED;
    }
  }

  static final List<Column> ALL =
      List.of(
          new Column("time", Kind.TIME, e -> e.receipt().time().toEpochMilli()),
          text("key", Entry::key),
          text("model", e -> e.receipt().model()),
          whole("prompt_hit", e -> e.receipt().tokens().promptHit()),
          whole("prompt_miss", e -> e.receipt().tokens().promptMiss()),
          whole("thinking", e -> e.receipt().tokens().thinking()),
          whole("answer", e -> e.receipt().tokens().answer()),
          measured("queue_seconds", e -> e.receipt().seconds().queue()),
          measured("prompt_seconds", e -> e.receipt().seconds().prompt()),
          measured("generation_seconds", e -> e.receipt().seconds().generation()),
          measured("prompt_joules", e -> e.receipt().energy().prompt()),
          measured("generation_joules", e -> e.receipt().energy().generation()),
          measured("idle_subtracted_joules", e -> e.receipt().energy().idleSubtracted()),
          measured("uncertainty_joules", e -> e.receipt().energy().uncertainty()),
          text("method", e -> ConfigReader.name(e.receipt().energy().method())),
          text("currency", e -> e.receipt().cost().currency()),
          money("electricity", e -> e.receipt().cost().electricity()),
          money("amortisation", e -> e.receipt().cost().amortisation()),
          money("overhead", e -> e.receipt().cost().overhead()),
          money("total", e -> e.receipt().cost().total()),
          text("price_book", e -> e.receipt().priceBook()),
          text("elsewhere", e -> elsewhere(e).map(Elsewhere::name).orElse("")),
          money(
              "elsewhere_total", e -> elsewhere(e).map(Elsewhere::total).orElse(BigDecimal.ZERO)));

  private static Optional<Elsewhere> elsewhere(Entry e) {
    return e.receipt().elsewhere().stream().findFirst();
  }

  private static Column text(String name, Function<Entry, String> value) {
    return new Column(name, Kind.TEXT, value::apply);
  }

  private static Column whole(String name, Function<Entry, Integer> value) {
    return new Column(name, Kind.WHOLE, e -> value.apply(e).longValue());
  }

  private static Column measured(String name, Function<Entry, BigDecimal> value) {
    return new Column(name, Kind.MEASURED, value::apply);
  }

  private static Column money(String name, Function<Entry, BigDecimal> value) {
    return new Column(name, Kind.MONEY, value::apply);
  }
}
