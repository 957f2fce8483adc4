package io.tiefsee.arena;

import io.tiefsee.price.TokenCount;
import java.time.Instant;
import java.util.Optional;

/**
 * How a contestant's answers are paid for: by the receipt that comes with an answer, or by a price
 * list. Lists are asked anew for each report, so that another day's prices need no new answers.
 *
 * @param list {@link Prices#UNKNOWN} where there is none
 * @param listFirst whether the list goes over receipts, because the user has named it
 * @param currency of the price book; a receipt in another counts as missing
 */
public record Billing(Prices list, boolean listFirst, String currency) {
  /** Of this machine's own answers. */
  static Billing byReceipt(String currency) {
    return new Billing(Prices.UNKNOWN, false, currency);
  }

  /**
   * The bill of an answer.
   *
   * @param tokens empty where the endpoint did not count them
   * @param at when it was given
   */
  Optional<Bill> bill(Optional<Bill> receipt, Optional<TokenCount> tokens, Instant at) {
    Optional<Bill> own = receipt.filter(r -> r.currency().equals(currency));
    Optional<Bill> listed = tokens.flatMap(t -> list.bill(t, at));
    return listFirst ? listed.or(() -> own) : own.or(() -> listed);
  }

  /** The bill of an answer in the log. */
  Optional<Bill> bill(Trial trial) {
    Optional<TokenCount> tokens =
        Optional.of(trial.reply().tokens()).filter(t -> t.output() > 0 || t.promptMiss() > 0);
    return bill(trial.reply().bill().filter(Bill::isReceipt), tokens, trial.time());
  }

  /** Whether there will be bills by the list. */
  boolean hasList(Instant at) {
    return list.bill(new TokenCount(0, 1, 0, 1), at).isPresent();
  }
}
