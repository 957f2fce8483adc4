package io.tiefsee.price;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the same tokens cost at another provider.
 *
 * @param name of the price list
 * @param asOf the day whose prices these are
 * @param currency the price book's, into which the total is exchanged
 */
public record Elsewhere(String name, LocalDate asOf, BigDecimal total, String currency) {
  /** The same provider's total for the tokens of two answers. */
  public Elsewhere plus(Elsewhere o) {
    return new Elsewhere(name, asOf, total.add(o.total), currency);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("as_of", asOf.toString());
    map.put("total", total);
    map.put("currency", currency);
    return map;
  }
}
