package io.tiefsee.price;

import java.math.BigDecimal;

/** How energy is known, in order of trust. */
public enum Method {
  /** A meter of the whole machine: smart plug, power supply, battery. */
  WALL("0.05"),
  /** The processor's own counters (package and memory). */
  RAPL("0.10"),
  /** Watts that somebody declared, idle and under load. */
  DECLARED("0.25"),
  /** Watts by the kind of processor. */
  ESTIMATED("0.50");

  private final BigDecimal uncertainty;

  Method(String uncertainty) {
    this.uncertainty = new BigDecimal(uncertainty);
  }

  /** Relative uncertainty of a figure; docs/PRICE.md says where the numbers are from. */
  public BigDecimal uncertainty() {
    return uncertainty;
  }

  /** The one that deserves less trust. */
  Method weaker(Method other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
