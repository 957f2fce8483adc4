package io.tiefsee.cli;

import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.Generation;
import io.tiefsee.ledger.Ledger;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.CashierOptions;
import io.tiefsee.price.Receipt;
import io.tiefsee.tensor.BadInput;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A cashier and its ledger. A thread of its own opens them and keeps receipts behind the answers'
 * back: the cashier while a model is loaded, the ledger, which nothing waits for, once an engine
 * has computed something. {@link #close} waits until all is kept.
 */
final class Till implements AutoCloseable {
  /** Measures and keeps nothing. */
  static final Till CLOSED = new Till(Optional.empty());

  private record Staff(
      ExecutorService thread, CompletableFuture<Cashier> cashier, LateLedger ledger) {}

  /** A ledger that the till's thread opens when it is first wanted. */
  private record LateLedger(
      Supplier<Optional<Ledger>> opener,
      CompletableFuture<Optional<Ledger>> opened,
      ExecutorService thread) {
    /** Done already, or done once by the one thread. */
    CompletableFuture<Optional<Ledger>> open() {
      return opened.isDone() ? opened : opened.completeAsync(opener, thread);
    }

    void use(Consumer<Ledger> work) {
      CompletableFuture<Void> ignored =
          open().thenAcceptAsync(ledger -> ledger.ifPresent(work), thread);
    }
  }

  private final Optional<Staff> staff;

  private Till(Optional<Staff> staff) {
    this.staff = staff;
  }

  /**
   * Opens a cashier: at once where it reads something of the user's that may be wrong.
   *
   * @param opener opens the ledger
   * @throws BadInput as {@link Cashier#open} does
   */
  static Till open(CashierOptions options, Supplier<Optional<Ledger>> opener) {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("tiefsee-till").factory());
    LateLedger ledger = new LateLedger(opener, new CompletableFuture<>(), thread);
    CashierOptions keeping =
        options.withReceipts((receipt, key) -> ledger.use(l -> l.add(receipt, key)));
    CompletableFuture<Cashier> cashier =
        options.priceBook().isPresent() || options.asOf().isPresent()
            ? CompletableFuture.completedFuture(Cashier.open(keeping))
            : CompletableFuture.supplyAsync(() -> Cashier.open(keeping), thread);
    return new Till(Optional.of(new Staff(thread, cashier, ledger)));
  }

  /**
   * Who writes the receipts.
   *
   * @throws IllegalStateException if none are wanted
   */
  Cashier cashier() {
    return staff.orElseThrow(() -> new IllegalStateException("the till is closed")).cashier.join();
  }

  /** The options of an engine whose time is accounted for. */
  EngineOptions attach(EngineOptions options) {
    return staff
        .map(s ->
            options.toBuilder()
                .steps(step -> {
                  s.cashier.join().steps().stepDone(step);
                  CompletableFuture<Optional<Ledger>> ignored = s.ledger.open();
                })
                .build())
        .orElse(options);
  }

  /** The receipt of an answer that has ended, unless none are wanted. */
  Optional<Receipt> receipt(Generation answer, String model, int thinking, String key) {
    return staff.map(s -> s.cashier.join().receipt(answer, model, thinking, key));
  }

  @Override
  public void close() {
    staff.ifPresent(s -> {
      s.cashier.join().close();
      // Behind all receipts.
      s.ledger.use(Ledger::close);
      s.thread.close();
    });
  }
}
