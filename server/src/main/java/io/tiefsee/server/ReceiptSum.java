package io.tiefsee.server;

import io.tiefsee.price.Cost;
import io.tiefsee.price.Elsewhere;
import io.tiefsee.price.Energy;
import io.tiefsee.price.Receipt;
import io.tiefsee.price.TokenCount;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Adds up the receipts of several answers to one request. */
final class ReceiptSum {
  private ReceiptSum() {}

  /**
   * One receipt for all: tokens, energy and money add up, while seconds are those of the answer
   * that took longest, since all ran at once.
   */
  static Receipt of(List<Receipt> receipts) {
    return receipts.stream().reduce(ReceiptSum::plus).orElseThrow();
  }

  private static Receipt plus(Receipt a, Receipt b) {
    boolean longer = a.seconds().total().compareTo(b.seconds().total()) >= 0;
    return new Receipt(
        a.model(),
        a.time().isAfter(b.time()) ? a.time() : b.time(),
        plus(a.tokens(), b.tokens()),
        longer ? a.seconds() : b.seconds(),
        plus(a.energy(), b.energy()),
        plus(a.cost(), b.cost()),
        a.priceBook(),
        plus(a.elsewhere(), b.elsewhere()));
  }

  private static TokenCount plus(TokenCount a, TokenCount b) {
    return new TokenCount(
        a.promptHit() + b.promptHit(),
        a.promptMiss() + b.promptMiss(),
        a.thinking() + b.thinking(),
        a.answer() + b.answer());
  }

  private static Energy plus(Energy a, Energy b) {
    return new Energy(
        a.method().compareTo(b.method()) >= 0 ? a.method() : b.method(),
        a.prompt().add(b.prompt()),
        a.generation().add(b.generation()),
        a.idleSubtracted().add(b.idleSubtracted()),
        a.uncertainty().add(b.uncertainty()));
  }

  private static Cost plus(Cost a, Cost b) {
    return new Cost(
        a.currency(),
        a.electricity().add(b.electricity()),
        a.amortisation().add(b.amortisation()),
        a.overhead().add(b.overhead()));
  }

  private static List<Elsewhere> plus(List<Elsewhere> a, List<Elsewhere> b) {
    List<Elsewhere> sum = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      Elsewhere e = a.get(i);
      BigDecimal other = i < b.size() ? b.get(i).total() : BigDecimal.ZERO;
      sum.add(new Elsewhere(e.name(), e.asOf(), e.total().add(other), e.currency()));
    }
    return sum;
  }
}
