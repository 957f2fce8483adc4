package io.tiefsee.price;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an answer cost on this machine.
 *
 * @param currency code of all amounts
 * @param electricity for the energy, gross
 * @param amortisation the machine's price, spread over the time that it computes
 * @param overhead what else there is to pay
 */
public record Cost(
    String currency, BigDecimal electricity, BigDecimal amortisation, BigDecimal overhead) {
  /** The exact sum of the parts. */
  public BigDecimal total() {
    return Money.plain(electricity.add(amortisation).add(overhead));
  }

  /** The cost of two answers, in the same currency. */
  public Cost plus(Cost o) {
    return new Cost(
        currency,
        electricity.add(o.electricity),
        amortisation.add(o.amortisation),
        overhead.add(o.overhead));
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("currency", currency);
    map.put("electricity", electricity);
    map.put("amortisation", amortisation);
    map.put("overhead", overhead);
    map.put("total", total());
    return map;
  }
}
