package io.tiefsee.price;

import io.tiefsee.config.ConfigReader;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Energy that an answer took, in joules.
 *
 * @param method how it is known; the least trustworthy, where it changed on the way
 * @param prompt for computing the prompt, gross
 * @param generation for generating, gross
 * @param idleSubtracted of both, what the machine would not have drawn anyway
 * @param uncertainty of the gross total, plus or minus
 */
public record Energy(
    Method method,
    BigDecimal prompt,
    BigDecimal generation,
    BigDecimal idleSubtracted,
    BigDecimal uncertainty) {
  /** Prompt and generation, gross: with the machine's idle power while it computed. */
  public BigDecimal total() {
    return Money.plain(prompt.add(generation));
  }

  /** Energy of two answers; known as well as that of the lesser known one. */
  public Energy plus(Energy o) {
    return new Energy(
        method.compareTo(o.method) >= 0 ? method : o.method,
        prompt.add(o.prompt),
        generation.add(o.generation),
        idleSubtracted.add(o.idleSubtracted),
        uncertainty.add(o.uncertainty));
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("prompt", prompt);
    map.put("generation", generation);
    map.put("total", total());
    map.put("idle_subtracted", idleSubtracted);
    map.put("uncertainty", uncertainty);
    map.put("method", ConfigReader.name(method));
    return map;
  }
}
