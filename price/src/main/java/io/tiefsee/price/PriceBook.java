package io.tiefsee.price;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.config.ConfigSource;
import io.tiefsee.price.PriceList.Tariff;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * All prices that a receipt needs, read from TOML; docs/PRICE.md describes the format.
 *
 * @param version which book a receipt was written by
 * @param currency of this machine's costs and of all totals, by its code: EUR
 * @param rates of other currencies, by day
 * @param lists what others ask, in the order in which receipts name them
 */
public record PriceBook(
    String version,
    String currency,
    Costs.Electricity electricity,
    Costs.Hardware hardware,
    Costs.Overhead overhead,
    PowerSource power,
    List<Rate> rates,
    List<PriceList> lists) {
  private static final PriceBook EMPTY =
      new PriceBook(
          "",
          "EUR",
          Costs.Electricity.NONE,
          Costs.Hardware.NONE,
          Costs.Overhead.NONE,
          PowerSource.UNKNOWN,
          List.of(),
          List.of());

  public PriceBook {
    if (!currency.matches("[A-Z]{3}")) {
      throw new BadInput("currency is a code like EUR or USD, not " + currency);
    }
    rates = List.copyOf(rates);
    lists = List.copyOf(lists);
  }

  /**
   * A rate of exchange.
   *
   * @param perUnit units of {@code currency} for one unit of the book's currency
   */
  public record Rate(String currency, LocalDate date, BigDecimal perUnit) {
    public static final Rate DEFAULTS = new Rate("", LocalDate.EPOCH, BigDecimal.ONE);

    public Rate {
      if (perUnit.signum() <= 0) {
        throw new BadInput("per_unit is " + perUnit + ", but must be more than 0");
      }
    }
  }

  /** The book that comes along. */
  public static PriceBook shipped() {
    return read(ConfigSource.of("prices.toml", shippedText(), List.of()), EMPTY);
  }

  /**
   * The shipped book, with what a file says over it.
   *
   * @throws BadInput with file and line, if the file is broken
   */
  public static PriceBook load(Optional<Path> file) {
    PriceBook shipped = shipped();
    return file.map(f -> over(shipped, f)).orElse(shipped);
  }

  private static PriceBook over(PriceBook shipped, Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new BadInput(file + " cannot be read: " + BadInput.reason(e), e);
    }
    String version = shipped.version + "+" + digest(text);
    PriceBook own = read(ConfigSource.of(file.toString(), text, List.of()), shipped.with(version));
    // Rates are against the book's currency: those of another one mean nothing.
    List<Rate> known = own.currency.equals(shipped.currency) ? shipped.rates : List.of();
    return own.with(
        own.rates.equals(shipped.rates) ? known : joined(own.rates, known),
        own.lists.equals(shipped.lists) ? shipped.lists : merged(shipped.lists, own.lists));
  }

  /** Of two rates of a day the first counts. */
  private static List<Rate> joined(List<Rate> own, List<Rate> shipped) {
    return Stream.concat(own.stream(), shipped.stream()).toList();
  }

  private static PriceBook read(ConfigSource source, PriceBook defaults) {
    return new ConfigReader(source).read(PriceBook.class, defaults);
  }

  /** The lists of the file first; of the shipped ones, those whose name it does not take. */
  private static List<PriceList> merged(List<PriceList> shipped, List<PriceList> own) {
    List<PriceList> all = new ArrayList<>(own);
    shipped.stream()
        .filter(s -> own.stream().noneMatch(o -> o.name().equals(s.name())))
        .forEach(all::add);
    return all;
  }

  private PriceBook with(String newVersion) {
    return new PriceBook(
        newVersion, currency, electricity, hardware, overhead, power, rates, lists);
  }

  private PriceBook with(List<Rate> newRates, List<PriceList> newLists) {
    return new PriceBook(
        version, currency, electricity, hardware, overhead, power, newRates, newLists);
  }

  private static String shippedText() {
    try (InputStream in = PriceBook.class.getResourceAsStream("prices.toml")) {
      if (in == null) {
        throw new IllegalStateException("prices.toml is missing in the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tells books without a version apart. */
  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What computing cost on this machine.
   *
   * @param joules used
   * @param nanos of the machine's time
   * @param at when; electricity may depend on it
   */
  public Cost cost(BigDecimal joules, long nanos, Instant at) {
    BigDecimal current = electricity.of(joules, at);
    BigDecimal wear = Money.round(hardware.of(nanos));
    return new Cost(currency, current, wear, Money.round(overhead.of(current.add(wear), nanos)));
  }

  /**
   * What the same tokens would have cost elsewhere, by every list.
   *
   * @param at when; prices may depend on the time of day
   * @param asOf the day whose prices count, in which only lists count that have one; empty: the
   *     newest prices of each list, each with the day from which it held
   * @throws BadInput if no list has prices for the day, or a rate of exchange is missing
   */
  public List<Elsewhere> elsewhere(TokenCount tokens, Instant at, Optional<LocalDate> asOf) {
    List<Elsewhere> all = new ArrayList<>();
    for (PriceList list : lists) {
      tariff(list, asOf).ifPresent(t -> all.add(price(list, t, tokens, at, asOf)));
    }
    if (all.isEmpty() && !lists.isEmpty()) {
      throw missing("no list has a price", asOf);
    }
    return List.copyOf(all);
  }

  /**
   * What some tokens of another provider's model cost; empty if no list knows the model.
   *
   * @param model as the provider's API or the list names it
   * @throws BadInput if the list has no price for the day, or a rate of exchange is missing
   */
  public Optional<Elsewhere> remote(
      String model, TokenCount tokens, Instant at, Optional<LocalDate> asOf) {
    List<PriceList> known = lists.stream().filter(l -> l.isOf(model)).toList();
    if (known.isEmpty()) {
      return Optional.empty();
    }
    // A name may have meant one model after the other: the list that holds on the day, else the
    // one that began last.
    LocalDate day = asOf.orElseGet(() -> at.atZone(ZoneOffset.UTC).toLocalDate());
    Function<PriceList, Optional<Tariff>> choice =
        known.stream().anyMatch(l -> l.on(day).isPresent()) ? l -> l.on(day) : l -> tariff(l, asOf);
    PriceList list =
        known.stream()
            .filter(l -> choice.apply(l).isPresent())
            .max(Comparator.comparing(l -> choice.apply(l).map(Tariff::from).orElseThrow()))
            .orElseThrow(() -> missing(model + " has no price", asOf));
    return choice.apply(list).map(t -> price(list, t, tokens, at, asOf));
  }

  private static Optional<Tariff> tariff(PriceList list, Optional<LocalDate> asOf) {
    return asOf.isPresent() ? list.on(asOf.get()) : list.latest();
  }

  private Elsewhere price(
      PriceList list, Tariff tariff, TokenCount tokens, Instant at, Optional<LocalDate> asOf) {
    LocalTime utc = at.atZone(ZoneOffset.UTC).toLocalTime();
    LocalDate day = asOf.orElseGet(() -> at.atZone(ZoneOffset.UTC).toLocalDate());
    BigDecimal total = exchanged(tariff.at(utc).of(tokens), list.currency(), day);
    return new Elsewhere(list.name(), asOf.orElse(tariff.from()), Money.round(total), currency);
  }

  /** An amount in the book's currency, by the last rate up to a day. */
  private BigDecimal exchanged(BigDecimal amount, String from, LocalDate day) {
    if (from.equals(currency)) {
      return amount;
    }
    Rate rate =
        rates.stream()
            .filter(r -> r.currency().equals(from) && !r.date().isAfter(day))
            .max(Comparator.comparing(Rate::date))
            .orElseThrow(() ->
                new BadInput(
                    "the price book has no rate of %s against %s up to %s: add one under [[rates]]"
                        .formatted(from, currency, day)));
    return amount.divide(rate.perUnit(), Money.CONTEXT);
  }

  private BadInput missing(String what, Optional<LocalDate> asOf) {
    String known =
        lists.stream()
            .flatMap(l -> l.prices().stream())
            .map(Tariff::from)
            .min(Comparator.naturalOrder())
            .map(d -> "prices begin on " + d)
            .orElse("it has no prices at all");
    return new BadInput(
        "price book %s: %s%s; %s"
            .formatted(version, what, asOf.map(d -> " for " + d).orElse(""), known));
  }
}
