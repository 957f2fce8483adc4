package io.tiefsee.cli;

import io.tiefsee.ledger.Ledger;
import io.tiefsee.price.CashierOptions;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
          .withPriceBook(priceBook.or(() -> CashierOptions.priceBookOfUser(System.getenv())))
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
     * How to open it. A ledger that was asked for is opened at once.
     *
     * @throws BadInput if it cannot be used
     */
    Supplier<Optional<Ledger>> opener(Streams streams) {
      if (isOff()) {
        return Optional::empty;
      }
      Consumer<String> note = warning -> streams.note("tiefsee: " + warning);
      if (ledger.isPresent()) {
        Optional<Ledger> open = Optional.of(Ledger.open(path(), note));
        return () -> open;
      }
      return () -> {
        try {
          return Optional.of(Ledger.open(path(), note));
        } catch (BadInput e) {
          // Nobody asked for one: a home that cannot be written to is no reason not to answer.
          note.accept(String.valueOf(e.getMessage()));
          return Optional.empty();
        }
      };
    }
  }

  @Mixin private Book book = new Book();
  @Mixin private Kept kept = new Kept();

  @Option(names = "--no-receipt", description = "measure, price and keep nothing")
  private boolean off;

  /**
   * Opens the till, unless no receipts are wanted.
   *
   * @throws BadInput if the price book is broken or has no prices for the day, or the ledger that
   *     was asked for cannot be used
   */
  Till open(Streams streams) {
    return off ? Till.CLOSED : Till.open(book.options(), kept.opener(streams));
  }
}
