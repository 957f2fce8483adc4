package io.tiefsee.arena;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * Watches over what is spent. Before each request it asks whether the requests under way and this
 * one fit under the cap, each at the price of the dearest answer so far. As long as no price is
 * known, requests go one by one. Thread-safe.
 */
final class Purse {
  private final Optional<BigDecimal> cap;
  private BigDecimal spent;
  private BigDecimal dearest = BigDecimal.ZERO;
  private boolean known;
  private int underWay;

  /**
   * @param cap of all requests together; empty: none
   * @param spent before this run
   */
  Purse(Optional<BigDecimal> cap, BigDecimal spent) {
    this.cap = cap;
    this.spent = spent;
  }

  /**
   * Before a request.
   *
   * @throws BadInput if it might go beyond the cap
   */
  synchronized void open() throws InterruptedException {
    if (cap.isEmpty()) {
      return;
    }
    while (!known && underWay > 0) {
      wait();
    }
    BigDecimal after = spent.add(dearest.multiply(BigDecimal.valueOf(underWay + 1L)));
    if (spent.compareTo(cap.get()) >= 0 || after.compareTo(cap.get()) > 0) {
      throw new BadInput(
          "the spending cap of %s is reached: %s are spent, and a further answer may cost %s; raise spending_cap to go on"
              .formatted(
                  cap.get().toPlainString(), spent.toPlainString(), dearest.toPlainString()));
    }
    underWay++;
  }

  /** After a request that {@link #open} let out, whatever became of it. */
  synchronized void close(Optional<BigDecimal> cost) {
    if (cap.isEmpty()) {
      return;
    }
    underWay--;
    cost.ifPresent(c -> {
      spent = spent.add(c);
      dearest = dearest.max(c);
      known = true;
    });
    notifyAll();
  }
}
