package io.tiefsee.cli;

import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.Generation;
import io.tiefsee.ledger.Ledger;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.CashierOptions;
import io.tiefsee.price.PriceBook;
import io.tiefsee.price.Receipt;
import io.tiefsee.price.Receipts;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of the commands whose answers get receipts. */
final class PriceOptions {
  private static final String OFF = "off";

  /** Days as ISO 8601 writes them. */
  static final class DateConverter implements ITypeConverter<LocalDate> {
    @Override
    public LocalDate convert(String text) {
      try {
        return LocalDate.parse(text);
      } catch (DateTimeParseException e) {
        throw new TypeConversionException("'" + text + "' is no date like 2025-02-09");
      }
    }
  }

  /** Options about prices alone. */
  static final class Book {
    @Option(
        names = "--price-book",
        paramLabel = "FILE",
        description =
            "prices that go over the shipped ones, in TOML (default: tiefsee/prices.toml in"
                + " $XDG_CONFIG_HOME, if it is there)")
    private Optional<Path> priceBook = Optional.empty();

    @Option(
        names = "--as-of",
        paramLabel = "DATE",
        converter = DateConverter.class,
        description = "compare with what others asked on this day, like 2025-02-09")
    private Optional<LocalDate> asOf = Optional.empty();

    CashierOptions options() {
      return CashierOptions.defaults()
          .withPriceBook(priceBook.or(() -> PriceBook.ofUser(System.getenv())))
          .withAsOf(asOf);
    }
  }

  /** Which ledger. */
  static final class Kept {
    @Option(
        names = "--ledger",
        paramLabel = "FILE",
        description =
            "where receipts are kept, or off (default: tiefsee/ledger.db in $XDG_DATA_HOME)")
    private Optional<String> ledger = Optional.empty();

    boolean isOff() {
      return ledger.filter(OFF::equals).isPresent();
    }

    Path path() {
      return ledger.map(Path::of).orElseGet(() -> Ledger.ofUser(System.getenv()));
    }

    /**
     * Opens it.
     *
     * @throws BadInput if a ledger that was asked for cannot be used
     */
    Optional<Ledger> open(Streams streams) {
      if (isOff()) {
        return Optional.empty();
      }
      try {
        return Optional.of(Ledger.open(path(), w -> streams.note("tiefsee: " + w)));
      } catch (BadInput e) {
        if (ledger.isPresent()) {
          throw e;
        }
        // Nobody asked for one: a home that cannot be written to is no reason not to answer.
        streams.note("tiefsee: " + e.getMessage());
        return Optional.empty();
      }
    }
  }

  @Mixin private Book book = new Book();
  @Mixin private Kept kept = new Kept();

  @Option(names = "--no-receipt", description = "measure, price and keep nothing")
  private boolean off;

  /** The cashier and its ledger; closed together. */
  record Till(Optional<Cashier> cashier, Optional<Ledger> ledger) implements AutoCloseable {
    /** The options of an engine whose time is accounted for. */
    EngineOptions attach(EngineOptions options) {
      return cashier.map(c -> options.toBuilder().steps(c.steps()).build()).orElse(options);
    }

    /** The receipt of an answer that has ended, unless none are wanted. */
    Optional<Receipt> receipt(Generation answer, String model, int thinking, String key) {
      return cashier.map(c -> c.receipt(answer, model, thinking, key));
    }

    @Override
    public void close() {
      cashier.ifPresent(Cashier::close);
      ledger.ifPresent(Ledger::close);
    }
  }

  /**
   * Opens the cashier, unless no receipts are wanted.
   *
   * @throws BadInput if the price book is broken or has no prices for the day
   */
  Till open(Streams streams) {
    if (off) {
      return new Till(Optional.empty(), Optional.empty());
    }
    Optional<Ledger> ledger = kept.open(streams);
    try {
      Receipts receipts = ledger.<Receipts>map(l -> l).orElse(Receipts.NOWHERE);
      return new Till(Optional.of(Cashier.open(book.options().withReceipts(receipts))), ledger);
    } catch (RuntimeException e) {
      ledger.ifPresent(Ledger::close);
      throw e;
    }
  }
}
