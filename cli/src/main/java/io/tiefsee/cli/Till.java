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
import java.util.function.Supplier;

/**
 * A cashier and its ledger. To open them takes longer than to load a small model, so a thread of
 * its own does it meanwhile, and keeps receipts behind the answers' back. {@link #close} waits
 * until all is kept.
 */
final class Till implements AutoCloseable {
  /** Measures and keeps nothing. */
  static final Till CLOSED = new Till(Optional.empty());

  private record Staff(
      ExecutorService thread,
      CompletableFuture<Cashier> cashier,
      CompletableFuture<Optional<Ledger>> ledger) {}

  private final Optional<Staff> staff;

  private Till(Optional<Staff> staff) {
    this.staff = staff;
  }

  /**
   * Opens a cashier: at once where it reads something of the user's that may be wrong.
   *
   * @param ledger opens the ledger
   * @throws BadInput as {@link Cashier#open} does
   */
  static Till open(CashierOptions options, Supplier<Optional<Ledger>> ledger) {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("tiefsee-till").factory());
    CompletableFuture<Optional<Ledger>> kept = new CompletableFuture<>();
    CashierOptions keeping =
        options.withReceipts((receipt, key) -> {
          CompletableFuture<Void> ignored =
              kept.thenAcceptAsync(l -> l.ifPresent(open -> open.add(receipt, key)), thread);
        });
    CompletableFuture<Cashier> cashier =
        options.priceBook().isPresent() || options.asOf().isPresent()
            ? CompletableFuture.completedFuture(Cashier.open(keeping))
            : CompletableFuture.supplyAsync(() -> Cashier.open(keeping), thread);
    CompletableFuture<Optional<Ledger>> ignored = kept.completeAsync(ledger, thread);
    return new Till(Optional.of(new Staff(thread, cashier, kept)));
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
        .map(
            s -> options.toBuilder().steps(step -> s.cashier.join().steps().stepDone(step)).build())
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
      s.thread.execute(() -> s.ledger.join().ifPresent(Ledger::close));
      s.thread.close();
    });
  }
}
