package io.tiefsee.arena;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.price.Receipt;
import java.math.BigDecimal;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What an answer cost.
 *
 * @param cost all of it
 * @param marginal the part that a further answer adds: all but the amortisation of the hardware,
 *     which is paid whether it is used or not
 * @param currency of both, as in {@code EUR}
 * @param joules of the machine, where it is ours to measure
 * @param method how the joules were found; empty where there are none
 */
public record Bill(
    BigDecimal cost,
    BigDecimal marginal,
    String currency,
    Optional<BigDecimal> joules,
    String method) {

  /** A bill of somebody else's: all of it is paid for this answer. */
  public static Bill ofPrice(BigDecimal cost, String currency) {
    return new Bill(cost, cost, currency, Optional.empty(), "");
  }

  /** Whether it was measured, and not computed from a list. */
  boolean isReceipt() {
    return joules.isPresent();
  }

  /** Of an answer of this machine. */
  static Bill of(Receipt receipt) {
    return new Bill(
        receipt.cost().total(),
        receipt.cost().electricity().add(receipt.cost().overhead()),
        receipt.cost().currency(),
        Optional.of(receipt.energy().total()),
        ConfigReader.name(receipt.energy().method()));
  }

  /** What the receipt of another Tiefsee says; empty if the object is none. */
  static Optional<Bill> ofReceipt(JsonNode receipt) {
    JsonNode cost = receipt.path("cost");
    JsonNode total = cost.path("total");
    if (!total.isNumber()) {
      return Optional.empty();
    }
    JsonNode joules = receipt.at("/joules/total");
    JsonNode amortisation = cost.path("amortisation");
    BigDecimal fixed = amortisation.isNumber() ? amortisation.decimalValue() : BigDecimal.ZERO;
    return Optional.of(
        new Bill(
            total.decimalValue(),
            total.decimalValue().subtract(fixed),
            cost.path("currency").asString(""),
            joules.isNumber() ? Optional.of(joules.decimalValue()) : Optional.empty(),
            receipt.at("/joules/method").asString("")));
  }
}
