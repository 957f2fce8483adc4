package io.tiefsee.price;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What somebody else asks for tokens, over time.
 *
 * @param name for people: "DeepSeek R1"
 * @param models by which names the provider's API knows it
 * @param currency of its prices
 * @param prices dated prices
 */
public record PriceList(String name, List<String> models, String currency, List<Tariff> prices) {
  public static final PriceList DEFAULTS = new PriceList("", List.of(), "USD", List.of());

  public PriceList {
    models = List.copyOf(models);
    prices = List.copyOf(prices);
  }

  /**
   * Prices per million tokens.
   *
   * @param hit of a prompt token in the provider's cache; empty: as a miss
   * @param miss of any other prompt token
   * @param output of a generated token, thoughts included
   */
  public record Rates(Optional<BigDecimal> hit, BigDecimal miss, BigDecimal output) {
    /** Price of some tokens. */
    public BigDecimal of(TokenCount tokens) {
      return Money.perMillion(hit.orElse(miss), tokens.promptHit())
          .add(Money.perMillion(miss, tokens.promptMiss()))
          .add(Money.perMillion(output, tokens.output()));
    }
  }

  /** Other prices in a part of each day, in UTC. */
  public record Window(
      LocalTime from, LocalTime to, Optional<BigDecimal> hit, BigDecimal miss, BigDecimal output)
      implements DayWindow {
    public static final Window DEFAULTS =
        new Window(
            LocalTime.MIDNIGHT, LocalTime.NOON, Optional.empty(), BigDecimal.ZERO, BigDecimal.ZERO);

    public Window {
      checkPrices(hit, miss, output);
      DayWindow.check(from, to);
    }

    Rates rates() {
      return new Rates(hit, miss, output);
    }
  }

  /**
   * Prices from a day on.
   *
   * @param until the last day, if there is one
   * @param source where the prices were published
   */
  public record Tariff(
      LocalDate from,
      Optional<LocalDate> until,
      Optional<BigDecimal> hit,
      BigDecimal miss,
      BigDecimal output,
      String source,
      List<Window> windows) {
    public static final Tariff DEFAULTS =
        new Tariff(
            LocalDate.EPOCH,
            Optional.empty(),
            Optional.empty(),
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            "",
            List.of());

    public Tariff {
      checkPrices(hit, miss, output);
      LocalDate begin = from;
      until
          .filter(end -> end.isBefore(begin))
          .ifPresent(end -> {
            throw new BadInput("until is " + end + ", before from, which is " + begin);
          });
    }

    boolean inForce(LocalDate day) {
      return !day.isBefore(from) && until.map(end -> !day.isAfter(end)).orElse(true);
    }

    /** Prices at a time of day in UTC. */
    public Rates at(LocalTime utc) {
      return DayWindow.at(windows, utc)
          .map(Window::rates)
          .orElseGet(() -> new Rates(hit, miss, output));
    }
  }

  private static void checkPrices(Optional<BigDecimal> hit, BigDecimal miss, BigDecimal output) {
    hit.ifPresent(h -> Costs.notNegative("hit", h));
    Costs.notNegative("miss", miss);
    Costs.notNegative("output", output);
  }

  /** The prices of a day; the latest that begin, where several hold. */
  Optional<Tariff> on(LocalDate day) {
    return prices.stream().filter(t -> t.inForce(day)).max(Comparator.comparing(Tariff::from));
  }

  /** The newest prices, whether they still hold or not. */
  Optional<Tariff> latest() {
    return prices.stream().max(Comparator.comparing(Tariff::from));
  }

  boolean isOf(String model) {
    return name.equalsIgnoreCase(model) || models.stream().anyMatch(m -> m.equalsIgnoreCase(model));
  }
}
