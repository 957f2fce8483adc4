package io.tiefsee.price;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.engine.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What an answer took and cost.
 *
 * @param model as its user names it
 * @param time when the answer ended
 * @param seconds that its user waited
 * @param priceBook version of the prices
 * @param elsewhere what the same tokens cost at other providers
 */
public record Receipt(
    String model,
    Instant time,
    TokenCount tokens,
    Seconds seconds,
    Energy energy,
    Cost cost,
    String priceBook,
    List<Elsewhere> elsewhere) {
  public Receipt {
    time = time.truncatedTo(ChronoUnit.MILLIS);
    elsewhere = List.copyOf(elsewhere);
  }

  /** Seconds in the queue, until the first token, and from the first token to the last. */
  public record Seconds(BigDecimal queue, BigDecimal prompt, BigDecimal generation) {
    static Seconds of(Usage usage) {
      return new Seconds(
          Money.seconds(usage.queueNanos()),
          Money.seconds(usage.promptNanos()),
          Money.seconds(usage.generateNanos()));
    }

    public BigDecimal total() {
      return Money.plain(queue.add(prompt).add(generation));
    }

    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("queue", queue);
      map.put("prompt", prompt);
      map.put("generation", generation);
      map.put("total", total());
      return map;
    }
  }

  /**
   * One receipt for two answers to one request: tokens, energy and money add up, while seconds are
   * those of the answer that took longest, since both ran at once. Both are by one price book; a
   * provider that only one of them knows keeps its total.
   */
  public Receipt plus(Receipt o) {
    return new Receipt(
        model,
        time.isAfter(o.time) ? time : o.time,
        tokens.plus(o.tokens),
        seconds.total().compareTo(o.seconds.total()) >= 0 ? seconds : o.seconds,
        energy.plus(o.energy),
        cost.plus(o.cost),
        priceBook,
        elsewhere(o));
  }

  private List<Elsewhere> elsewhere(Receipt o) {
    Map<String, Elsewhere> byName = new LinkedHashMap<>();
    Stream.concat(elsewhere.stream(), o.elsewhere.stream())
        .forEach(e -> byName.merge(e.name(), e, Elsewhere::plus));
    return List.copyOf(byName.values());
  }

  /**
   * As the API and {@code --json} show it: maps, lists, strings, numbers; amounts of money and
   * joules are {@link BigDecimal}, which a JSON writer has to write plainly, without exponents.
   */
  public Map<String, Object> toMap() {
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("prompt_hit", tokens.promptHit());
    counts.put("prompt_miss", tokens.promptMiss());
    counts.put("thinking", tokens.thinking());
    counts.put("answer", tokens.answer());
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("model", model);
    map.put("time", time.toString());
    map.put("tokens", counts);
    map.put("seconds", seconds.toMap());
    map.put("joules", energy.toMap());
    map.put("cost", cost.toMap());
    map.put("price_book", priceBook);
    map.put("elsewhere", elsewhere.stream().map(Elsewhere::toMap).toList());
    return map;
  }

  /** For a terminal: joules, cost, and what the first provider on the list would have asked. */
  public String line() {
    String own =
        "%s J (%s) · %s %s"
            .formatted(
                Money.shown(energy.total()),
                ConfigReader.name(energy.method()),
                Money.shown(cost.total()),
                cost.currency());
    return elsewhere.isEmpty()
        ? own
        : own
            + " · the same at %s %s %s"
                .formatted(
                    elsewhere.getFirst().name(),
                    Money.shown(elsewhere.getFirst().total()),
                    elsewhere.getFirst().currency());
  }
}
