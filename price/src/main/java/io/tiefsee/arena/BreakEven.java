package io.tiefsee.arena;

import io.tiefsee.price.Costs;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;

/**
 * From how many questions a day on a machine of one's own is cheaper than somebody else's, per
 * right answer.
 *
 * <p>A day of q questions costs F + q·v at home, where F is what the machine wears off in a day
 * whether it computes or not, and v what one more question adds. It gives q·a right answers. The
 * other asks c for each right answer. So at home is cheaper where (F + q·v) / (q·a) &lt; c, that is
 * where q &gt; F / (c·a − v).
 *
 * @param local a score of this machine
 * @param rival the other: a remote score, or a price list's price of the same tokens
 * @param rivalCostPerCorrect c
 * @param questionsPerDay the least q; empty: at home is never cheaper, as v alone is dearer
 * @param capacity questions that the machine can answer in a day
 */
public record BreakEven(
    Score local,
    String rival,
    BigDecimal rivalCostPerCorrect,
    Optional<BigDecimal> questionsPerDay,
    BigDecimal capacity) {
  private static final MathContext CONTEXT = MathContext.DECIMAL128;
  private static final BigDecimal SECONDS_PER_DAY = BigDecimal.valueOf(86_400);

  private static final BigDecimal DAYS_PER_YEAR = new BigDecimal("365.2425");

  /** What a machine wears off in a day: its price over the days of its life. */
  static BigDecimal fixedPerDay(Costs.Hardware hardware) {
    return hardware.price().divide(hardware.lifetimeYears().multiply(DAYS_PER_YEAR), CONTEXT);
  }

  /**
   * Empty where a price is missing, or nothing is right.
   *
   * @param fixedPerDay F
   */
  static Optional<BreakEven> of(
      Score local, String rival, BigDecimal rivalCostPerCorrect, BigDecimal fixedPerDay) {
    if (local.bill().isEmpty() || local.right() == 0 || local.seconds() <= 0) {
      return Optional.empty();
    }
    BigDecimal worth =
        rivalCostPerCorrect
            .multiply(BigDecimal.valueOf(local.right()))
            .divide(BigDecimal.valueOf(local.votes()), CONTEXT);
    BigDecimal gain = worth.subtract(local.bill().get().marginal());
    Optional<BigDecimal> questions =
        gain.signum() > 0
            ? Optional.of(fixedPerDay.divide(gain, CONTEXT).setScale(0, RoundingMode.CEILING))
            : Optional.empty();
    return Optional.of(
        new BreakEven(
            local,
            rival,
            rivalCostPerCorrect,
            questions,
            SECONDS_PER_DAY
                .divide(BigDecimal.valueOf(local.seconds()), CONTEXT)
                .setScale(0, RoundingMode.FLOOR)));
  }

  /** Whether the machine can answer so many questions in a day. */
  public boolean isWithinReach() {
    return questionsPerDay.map(q -> q.compareTo(capacity) <= 0).orElse(false);
  }
}
