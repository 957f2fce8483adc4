package io.tiefsee.price;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;

/**
 * What computing costs on this machine; the tables of a price book that are not lists of others.
 * All amounts are of the book's currency.
 */
public final class Costs {
  private static final BigDecimal JOULES_PER_KWH = BigDecimal.valueOf(3_600_000);

  /** A mean Gregorian year. */
  private static final BigDecimal HOURS_PER_YEAR = new BigDecimal("8765.82");

  private static final BigDecimal NANOS_PER_HOUR =
      BigDecimal.valueOf(Duration.ofHours(1).toNanos());

  private Costs() {}

  /** One price of electricity by time of day. */
  public record Hours(LocalTime from, LocalTime to, BigDecimal perKwh) implements DayWindow {
    public static final Hours DEFAULTS =
        new Hours(LocalTime.MIDNIGHT, LocalTime.NOON, BigDecimal.ZERO);

    public Hours {
      notNegative("per_kwh", perKwh);
      DayWindow.check(from, to);
    }
  }

  /**
   * @param perKwh price of a kilowatt-hour outside of all {@code hours}
   * @param zone whose time of day {@code hours} mean
   */
  public record Electricity(BigDecimal perKwh, String zone, List<Hours> hours) {
    static final Electricity NONE = new Electricity(BigDecimal.ZERO, "UTC", List.of());

    public Electricity {
      notNegative("per_kwh", perKwh);
      try {
        ZoneId ignored = ZoneId.of(zone);
      } catch (DateTimeException e) {
        throw new BadInput("zone is no time zone: " + zone + "; write one like Europe/Berlin", e);
      }
    }

    /** Price of a kilowatt-hour at a moment. */
    public BigDecimal perKwh(Instant at) {
      LocalTime time = at.atZone(ZoneId.of(zone)).toLocalTime();
      return DayWindow.at(hours, time).map(Hours::perKwh).orElse(perKwh);
    }

    BigDecimal of(BigDecimal joules, Instant at) {
      return electricity(joules, perKwh(at));
    }
  }

  /**
   * @param price of the machine
   * @param lifetimeYears years that it serves
   * @param utilisation share of that time in which it computes
   */
  public record Hardware(BigDecimal price, BigDecimal lifetimeYears, BigDecimal utilisation) {
    static final Hardware NONE = new Hardware(BigDecimal.ZERO, BigDecimal.ONE, BigDecimal.ONE);

    public Hardware {
      notNegative("price", price);
      if (lifetimeYears.signum() <= 0) {
        throw new BadInput("lifetime_years is " + lifetimeYears + ", but must be more than 0");
      }
      if (utilisation.signum() <= 0 || utilisation.compareTo(BigDecimal.ONE) > 0) {
        throw new BadInput("utilisation is " + utilisation + ", but must be above 0, at most 1");
      }
    }

    /** What an hour of computing wears off. */
    public BigDecimal perHour() {
      BigDecimal hours = lifetimeYears.multiply(HOURS_PER_YEAR).multiply(utilisation);
      return price.divide(hours, Money.CONTEXT);
    }

    BigDecimal of(long nanos) {
      return perHour().multiply(hours(nanos), Money.CONTEXT);
    }
  }

  /**
   * @param share of electricity and hardware together
   * @param perHour of computing
   */
  public record Overhead(BigDecimal share, BigDecimal perHour) {
    static final Overhead NONE = new Overhead(BigDecimal.ZERO, BigDecimal.ZERO);

    public Overhead {
      notNegative("share", share);
      notNegative("per_hour", perHour);
    }

    BigDecimal of(BigDecimal others, long nanos) {
      return share.multiply(others).add(perHour.multiply(hours(nanos), Money.CONTEXT));
    }
  }

  /** What some energy costs, as an amount on a receipt, at a price of a kilowatt-hour. */
  public static BigDecimal electricity(BigDecimal joules, BigDecimal perKwh) {
    return Money.round(
        joules.divide(JOULES_PER_KWH, Money.CONTEXT).multiply(perKwh, Money.CONTEXT));
  }

  private static BigDecimal hours(long nanos) {
    return BigDecimal.valueOf(nanos).divide(NANOS_PER_HOUR, Money.CONTEXT);
  }

  static void notNegative(String key, BigDecimal value) {
    if (value.signum() < 0) {
      throw new BadInput(key + " is " + value + ", but must not be negative");
    }
  }
}
