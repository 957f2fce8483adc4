package io.tiefsee.recipe;

/**
 * What a run took. The power is declared, not measured: virtual machines show no meter.
 *
 * @param seconds of all steps that count, those that were lost to an interruption left out
 * @param watts of the machine under load; 0: not known
 * @param eurPerKwh price of electricity
 */
public record Cost(double seconds, double watts, double eurPerKwh) {
  public double joules() {
    return seconds * watts;
  }

  public double eur() {
    return joules() / 3.6e6 * eurPerKwh;
  }
}
