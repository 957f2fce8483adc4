package io.tiefsee.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceBookTest {
  private static final TokenCount MILLIONS =
      new TokenCount(1_000_000, 2_000_000, 2_000_000, 1_000_000);
  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
  private static final Optional<LocalDate> TODAY = Optional.empty();

  @TempDir Path folder;

  private PriceBook book(String text) throws Exception {
    return PriceBook.load(Optional.of(Files.writeString(folder.resolve("p.toml"), text)));
  }

  private static Optional<LocalDate> day(String date) {
    return Optional.of(LocalDate.parse(date));
  }

  private static BigDecimal dollars(PriceBook book, String model, String time, String date) {
    return book.remote(model, MILLIONS, Instant.parse(time), day(date)).orElseThrow().total();
  }

  /** The shipped lists, in dollars. */
  private PriceBook inDollars() throws Exception {
    return book("currency = \"USD\"");
  }

  @ParameterizedTest
  @CsvSource({
    // 1 M hits, 2 M misses and 3 M tokens of output at the list prices of the day.
    "deepseek-reasoner, 2025-02-10, 12:00, 7.81",
    "deepseek-reasoner, 2025-03-01, 12:00, 7.81",
    "deepseek-reasoner, 2025-03-01, 16:30, 1.955",
    "deepseek-reasoner, 2025-03-01, 23:59, 1.955",
    "deepseek-reasoner, 2025-03-01, 00:29, 1.955",
    "deepseek-reasoner, 2025-03-01, 00:30, 7.81",
    "deepseek-reasoner, 2025-02-10, 23:59, 7.81",
    "deepseek-chat, 2025-02-10, 12:00, 3.91",
    "deepseek-chat, 2025-12-24, 12:00, 1.848",
    "deepseek-reasoner, 2025-12-24, 12:00, 1.848",
    "DeepSeek V3.2, 2025-12-24, 12:00, 1.848",
    "o1, 2025-02-10, 12:00, 217.5",
    "o3-mini, 2025-02-10, 12:00, 16.5",
    "GPT-4O, 2025-02-10, 12:00, 37.5"
  })
  void theShippedListPrices(String model, String date, String time, BigDecimal total)
      throws Exception {
    assertThat(dollars(inDollars(), model, "2026-11-28T" + time + ":00Z", date))
        .isEqualByComparingTo(total);
  }

  @Test
  void everyShippedPriceHasASource() {
    assertThat(PriceBook.shipped().lists())
        .hasSize(6)
        .allSatisfy(list ->
            assertThat(list.prices())
                .isNotEmpty()
                .allSatisfy(t -> assertThat(t.source()).matches(".*20\\d\\d.*")));
  }

  @Test
  void amountsAreExactWhereBinaryFractionsAreNot() throws Exception {
    PriceBook book =
        book(
            """
            currency = "USD"
            [[lists]]
            name = "tenths"
            [[lists.prices]]
            from = 2025-01-01
            miss = 0.1
            output = 0.2
            """);
    TokenCount one = new TokenCount(0, 1_000_000, 0, 1_000_000);
    assertThat(book.remote("tenths", one, NOON, TODAY).orElseThrow().total())
        .isEqualTo(new BigDecimal("0.3"));
    // A single token costs a ten-millionth: nothing is lost in a sum of many.
    TokenCount token = new TokenCount(0, 1, 0, 0);
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < 10; i++) {
      sum = sum.add(book.remote("tenths", token, NOON, TODAY).orElseThrow().total());
    }
    assertThat(sum).isEqualByComparingTo("0.000001");
  }

  @Test
  void ownCostsFollowTheirFormulas() throws Exception {
    PriceBook book =
        book(
            """
            [electricity]
            per_kwh = 0.36
            [hardware]
            price = 876.582
            lifetime_years = 1
            utilisation = 0.1
            [overhead]
            share = 0.5
            per_hour = 3.6
            """);
    // 1000 J are 1/3600 kWh; 876.582 over a tenth of 8765.82 hours is 1 an hour; 36 s of it.
    Cost cost = book.cost(BigDecimal.valueOf(1000), 36_000_000_000L, NOON);
    assertThat(cost.electricity()).isEqualByComparingTo("0.0001");
    assertThat(cost.amortisation()).isEqualByComparingTo("0.01");
    assertThat(cost.overhead()).isEqualByComparingTo("0.04105");
    assertThat(cost.total()).isEqualByComparingTo("0.05115");
    assertThat(cost.currency()).isEqualTo("EUR");
  }

  @Test
  void electricityDependsOnTheHourOfTheZone() throws Exception {
    Costs.Electricity e =
        book("""
        [electricity]
        per_kwh = 0.40
        zone = "Europe/Berlin"
        [[electricity.hours]]
        from = "22:00"
        to = "06:00"
        per_kwh = 0.10
        """)
            .electricity();
    assertThat(e.perKwh(Instant.parse("2026-11-28T20:59:59Z"))).isEqualByComparingTo("0.40");
    assertThat(e.perKwh(Instant.parse("2026-11-28T21:00:00Z"))).isEqualByComparingTo("0.10");
    assertThat(e.perKwh(Instant.parse("2026-11-29T04:59:00Z"))).isEqualByComparingTo("0.10");
    assertThat(e.perKwh(Instant.parse("2026-11-29T05:00:00Z"))).isEqualByComparingTo("0.40");
    // In summer the zone is two hours ahead.
    assertThat(e.perKwh(Instant.parse("2026-07-01T20:00:00Z"))).isEqualByComparingTo("0.10");
  }

  @Test
  void windowsPassMidnight() {
    var night = new Costs.Hours(LocalTime.of(22, 0), LocalTime.of(6, 0), BigDecimal.ONE);
    assertThat(night.contains(LocalTime.of(22, 0))).isTrue();
    assertThat(night.contains(LocalTime.MIDNIGHT)).isTrue();
    assertThat(night.contains(LocalTime.of(6, 0))).isFalse();
    assertThat(night.contains(LocalTime.NOON)).isFalse();
    var untilMidnight = new Costs.Hours(LocalTime.of(16, 0), LocalTime.MIDNIGHT, BigDecimal.ONE);
    assertThat(untilMidnight.contains(LocalTime.of(23, 59))).isTrue();
    assertThat(untilMidnight.contains(LocalTime.MIDNIGHT)).isFalse();
  }

  @Test
  void foreignPricesAreExchangedByTheLastRateUpToTheDay() {
    PriceBook book = PriceBook.shipped();
    TokenCount output = new TokenCount(0, 0, 0, 1_000_000);
    Elsewhere r1 = book.remote("DeepSeek R1", output, NOON, day("2025-03-15")).orElseThrow();
    assertThat(r1.total()).isEqualByComparingTo("2.103544328114");
    assertThat(r1.currency()).isEqualTo("EUR");
    assertThatThrownBy(() -> book("currency = \"CHF\"").elsewhere(MILLIONS, NOON, TODAY))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no rate of USD against CHF");
  }

  @Test
  void ratesOfOnesOwnGoBeforeTheShippedOnes() throws Exception {
    PriceBook own = book("[[rates]]\ncurrency = \"USD\"\ndate = 2025-06-30\nper_unit = 2\n");
    TokenCount output = new TokenCount(0, 0, 0, 1_000_000);
    assertThat(own.remote("o1", output, NOON, day("2025-07-01")).orElseThrow().total())
        .isEqualByComparingTo("30");
    assertThat(own.remote("o1", output, NOON, day("2025-03-15")))
        .isEqualTo(PriceBook.shipped().remote("o1", output, NOON, day("2025-03-15")));
    PriceBook francs =
        book(
            "currency = \"CHF\"\n[[rates]]\ncurrency = \"USD\"\ndate = 2025-01-01\nper_unit ="
                + " 1.2\n");
    assertThat(francs.remote("o1", output, NOON, day("2025-07-01")).orElseThrow().total())
        .isEqualByComparingTo("50");
  }

  @Test
  void withoutADayTheNewestPricesCountEachWithItsOwn() {
    List<Elsewhere> all = PriceBook.shipped().elsewhere(MILLIONS, NOON, TODAY);
    assertThat(all).extracting(Elsewhere::name).startsWith("DeepSeek R1").hasSize(6);
    assertThat(all.getFirst().asOf()).isEqualTo(LocalDate.of(2025, 2, 26));
    assertThat(PriceBook.shipped().elsewhere(MILLIONS, NOON, day("2026-01-01")))
        .extracting(Elsewhere::name)
        .containsExactly("DeepSeek V3.2", "OpenAI o1", "OpenAI o3-mini", "OpenAI GPT-4o");
  }

  @Test
  void aDayWithoutPricesIsOneClearLine() {
    assertThatThrownBy(() -> PriceBook.shipped().elsewhere(MILLIONS, NOON, day("2020-01-01")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no list has a price for 2020-01-01")
        .hasMessageContaining("prices begin on 2024-08-06");
    assertThatThrownBy(() -> PriceBook.shipped().remote("o1", MILLIONS, NOON, day("2024-10-01")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("o1 has no price for 2024-10-01");
    assertThat(PriceBook.shipped().remote("unheard-of", MILLIONS, NOON, TODAY)).isEmpty();
  }

  @Test
  void aBookOfOnesOwnStandsOverTheShippedOne() throws Exception {
    PriceBook shipped = PriceBook.shipped();
    PriceBook own =
        book(
            """
            [electricity]
            per_kwh = 0.12
            [[lists]]
            name = "OpenAI o1"
            models = ["o1"]
            currency = "EUR"
            [[lists.prices]]
            from = 2026-01-01
            miss = 1
            output = 2
            [[lists]]
            name = "Neighbour"
            [[lists.prices]]
            from = 2026-01-01
            miss = 3
            output = 4
            """);
    assertThat(own.electricity().perKwh(NOON)).isEqualByComparingTo("0.12");
    assertThat(own.hardware()).isEqualTo(shipped.hardware());
    assertThat(own.version()).startsWith(shipped.version() + "+");
    assertThat(own.lists()).hasSize(7);
    assertThat(own.lists()).extracting(PriceList::name).startsWith("OpenAI o1", "Neighbour");
    assertThat(own.remote("o1", new TokenCount(1, 1, 0, 0), NOON, TODAY).orElseThrow().total())
        .isEqualByComparingTo("0.000002");
    assertThat(book("version = \"mine\"").version()).isEqualTo("mine");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[electricity]~per_kwh = -1 | p.toml:2 | negative",
        "[electricity]~per_kwh = nan | p.toml:2 | a number",
        "[electricity]~per_kwh = inf | p.toml:2 | a number",
        "[electricity]~per_kwh = \"x\" | p.toml:2 | a number",
        "[electricity]~zone = \"Atlantis\" | p.toml:2 | no time zone",
        "[electricity]~perkwh = 1 | p.toml:2 | did you mean per_kwh?",
        "[hardware]~utilisation = 2 | p.toml:2 | utilisation is 2",
        "[hardware]~lifetime_years = 0 | p.toml:2 | more than 0",
        "currency = \"Euro\" | p.toml:1 | a code like EUR",
        "[[lists]]~name = \"a\"~[[lists]]~name = \"b\"~[[lists.prices]]~from = 2025-13-01 | p.toml:6 | a date like",
        "[[lists]]~[[lists.prices]]~[[lists.prices.windows]]~from = \"1\" | p.toml:4 | a time of day",
        "[[lists]]~[[lists.prices]]~[[lists.prices.windows]]~from = \"12:00\" | p.toml:4 | a window needs a length",
        "[[lists]]~[[lists.prices]]~miss = -3 | p.toml:3 | negative",
        "[[rates]]~per_unit = 0 | p.toml:2 | more than 0",
        "[power]~command = \"a\"~file = \"b\" | p.toml:3 | one of them",
        "[power]~timeout_seconds = 0 | p.toml:2 | 0.01 to 3600",
        "[electricity~ | p.toml:1 | no valid TOML"
      })
  void brokenBooksAreRefusedWithTheirLine(String text, String place, String what) {
    assertThatThrownBy(() -> book(text.replace('~', '\n')))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(place)
        .hasMessageContaining(what);
  }

  @Test
  void aBookThatIsNotThereIsBadInput() {
    assertThatThrownBy(() -> PriceBook.load(Optional.of(folder.resolve("none.toml"))))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("there is no such file");
  }
}
