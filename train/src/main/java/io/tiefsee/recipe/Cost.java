package io.tiefsee.recipe;

import io.tiefsee.price.Costs;
import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a run took, in decimal numbers. The power is declared, not measured: virtual machines show
 * no meter.
 *
 * @param seconds of all steps that count, those that were lost to an interruption left out
 * @param watts of the machine under load; 0: not known
 * @param eurPerKwh price of electricity
 */
public record Cost(BigDecimal seconds, BigDecimal watts, BigDecimal eurPerKwh) {
  /**
   * @throws BadInput if a figure is negative
   */
  public Cost {
    if (watts.signum() < 0 || eurPerKwh.signum() < 0) {
      throw new BadInput("--watts and --eur-per-kwh are numbers from 0 on");
    }
  }

  /** The same power and price for a part of the run. */
  Cost of(double part) {
    return new Cost(BigDecimal.valueOf(part), watts, eurPerKwh);
  }

  boolean isKnown() {
    return watts.signum() > 0;
  }

  public BigDecimal joules() {
    return seconds.multiply(watts);
  }

  public BigDecimal eur() {
    return Costs.electricity(joules(), eurPerKwh);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("seconds", seconds);
    map.put("watts", watts);
    map.put("eurPerKwh", eurPerKwh);
    map.put("joules", joules());
    map.put("eur", eur());
    return map;
  }
}
