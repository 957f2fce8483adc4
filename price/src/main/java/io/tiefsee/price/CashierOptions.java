package io.tiefsee.price;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;

/**
 * How a cashier is set up.
 *
 * @param priceBook a TOML file over the shipped book
 * @param asOf the day whose prices of others count; empty: their newest ones
 * @param receipts where receipts are kept
 * @param machine where meters look
 * @param clock what time it is
 */
public record CashierOptions(
    Optional<Path> priceBook,
    Optional<LocalDate> asOf,
    Receipts receipts,
    MachineFiles machine,
    InstantSource clock) {
  /** The shipped price book, this machine's meters, and nothing kept. */
  public static CashierOptions defaults() {
    return new CashierOptions(
        Optional.empty(),
        Optional.empty(),
        Receipts.NOWHERE,
        MachineFiles.REAL,
        InstantSource.system());
  }

  /** The user's own book, if there is one: {@code tiefsee/prices.toml} among the settings. */
  public static Optional<Path> priceBookOfUser(Map<String, String> environment) {
    String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path base =
        config.isEmpty() ? Path.of(System.getProperty("user.home"), ".config") : Path.of(config);
    return Optional.of(base.resolve("tiefsee").resolve("prices.toml")).filter(Files::exists);
  }

  public CashierOptions withPriceBook(Optional<Path> value) {
    return new CashierOptions(value, asOf, receipts, machine, clock);
  }

  public CashierOptions withAsOf(Optional<LocalDate> value) {
    return new CashierOptions(priceBook, value, receipts, machine, clock);
  }

  public CashierOptions withReceipts(Receipts value) {
    return new CashierOptions(priceBook, asOf, value, machine, clock);
  }

  public CashierOptions withMachine(MachineFiles value) {
    return new CashierOptions(priceBook, asOf, receipts, value, clock);
  }

  public CashierOptions withClock(InstantSource value) {
    return new CashierOptions(priceBook, asOf, receipts, machine, value);
  }
}
