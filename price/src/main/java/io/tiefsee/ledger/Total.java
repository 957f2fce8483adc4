package io.tiefsee.ledger;

import io.tiefsee.config.ConfigReader;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sums over receipts that have something in common.
 *
 * @param group the day, model or key that they share, as far as it was asked for
 * @param currency of the cost; different currencies are different totals
 * @param receipts how many there are
 * @param promptHit prompt tokens found in the cache
 * @param promptMiss prompt tokens computed
 * @param thinking tokens of thoughts
 * @param answer other tokens
 * @param seconds that users waited
 */
public record Total(
    Map<Group, String> group,
    String currency,
    long receipts,
    long promptHit,
    long promptMiss,
    long thinking,
    long answer,
    BigDecimal seconds,
    BigDecimal joules,
    BigDecimal cost) {
  /** What receipts may have in common. */
  public enum Group {
    DAY,
    MODEL,
    KEY
  }

  /** For JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    group.forEach((g, value) -> map.put(ConfigReader.name(g), value));
    map.put("receipts", receipts);
    map.put("prompt_hit", promptHit);
    map.put("prompt_miss", promptMiss);
    map.put("thinking", thinking);
    map.put("answer", answer);
    map.put("seconds", seconds);
    map.put("joules", joules);
    map.put("cost", cost);
    map.put("currency", currency);
    return map;
  }
}
