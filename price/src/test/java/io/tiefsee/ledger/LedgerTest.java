package io.tiefsee.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.ledger.Total.Group;
import io.tiefsee.price.Receipt;
import io.tiefsee.tensor.BadInput;
import java.io.BufferedReader;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class LedgerTest {
  private static final Instant NOW = Instant.now();

  @TempDir Path folder;
  private Path file;
  private final List<String> warnings = new ArrayList<>();

  @BeforeEach
  void nameFile() {
    file = folder.resolve("deep/ledger.db");
  }

  private Ledger open() {
    return Ledger.open(file, warnings::add);
  }

  private static List<Entry> all(Ledger ledger) {
    List<Entry> entries = new ArrayList<>();
    ledger.forEach(Filter.ALL, entries::add);
    return entries;
  }

  @Test
  void whatWasAddedIsThereAgain() {
    Receipt receipt = LedgerWriter.receipt("tiny", NOW);
    try (Ledger ledger = open()) {
      ledger.add(receipt, "alice");
    }
    try (Ledger ledger = open()) {
      assertThat(all(ledger)).containsExactly(new Entry("alice", receipt));
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void totalsAreExactByDayModelAndKey() {
    Instant yesterday = NOW.minus(Duration.ofDays(1));
    LocalDate today = LocalDate.ofInstant(NOW, ZoneId.systemDefault());
    try (Ledger ledger = open()) {
      for (int i = 0; i < 1000; i++) {
        ledger.add(LedgerWriter.receipt("a", NOW), i % 2 == 0 ? "x" : "y");
      }
      ledger.add(LedgerWriter.receipt("b", yesterday), "x");
      List<Total> all = ledger.totals(Filter.ALL, Set.of());
      assertThat(all).hasSize(1);
      assertThat(all.getFirst().receipts()).isEqualTo(1001);
      assertThat(all.getFirst().cost()).isEqualByComparingTo("0.0043043");
      assertThat(all.getFirst().joules()).isEqualByComparingTo("11511.500001001");
      assertThat(all.getFirst().seconds()).isEqualByComparingTo("1121.120003003");
      assertThat(all.getFirst().thinking()).isEqualTo(3003);
      List<Total> days = ledger.totals(Filter.ALL, Set.of(Group.DAY, Group.KEY));
      assertThat(days)
          .extracting(Total::group)
          .containsExactly(
              Map.of(Group.DAY, today.minusDays(1).toString(), Group.KEY, "x"),
              Map.of(Group.DAY, today.toString(), Group.KEY, "x"),
              Map.of(Group.DAY, today.toString(), Group.KEY, "y"));
      assertThat(days).extracting(Total::receipts).containsExactly(1L, 500L, 500L);
      Filter one =
          new Filter(Optional.of(today), Optional.of(today), Optional.of("a"), Optional.of("y"));
      assertThat(ledger.totals(one, Set.of(Group.MODEL)))
          .singleElement()
          .satisfies(t -> assertThat(t.receipts()).isEqualTo(500));
      assertThat(ledger.totals(Filter.on(today.plusDays(1)), Set.of())).isEmpty();
    }
  }

  @Test
  void numberAndAgeAreBounded() {
    Ledger.Limits limits = new Ledger.Limits(600, Duration.ofDays(30));
    try (Ledger ledger = Ledger.open(file, limits, warnings::add)) {
      ledger.add(LedgerWriter.receipt("old", NOW.minus(Duration.ofDays(31))), "x");
      for (int i = 0; i < 1499; i++) {
        ledger.add(LedgerWriter.receipt("m" + i, NOW), "x");
      }
      assertThat(ledger.size()).isEqualTo(600);
      assertThat(all(ledger).getLast().receipt().model()).isEqualTo("m1498");
    }
    try (Ledger ledger =
        Ledger.open(file, new Ledger.Limits(10, Duration.ofDays(30)), warnings::add)) {
      assertThat(ledger.size()).isEqualTo(10);
    }
  }

  @Test
  void aWriterThatIsKilledLeavesWholeReceipts() throws Exception {
    Process writer = LedgerWriter.start(file, "killed", 1_000_000);
    int acknowledged = 0;
    try (BufferedReader out = writer.inputReader()) {
      while (acknowledged < 300) {
        acknowledged = Integer.parseInt(out.readLine());
      }
      writer.destroyForcibly().waitFor();
    }
    try (Ledger ledger = open()) {
      assertThat(warnings).isEmpty();
      assertThat(all(ledger))
          .hasSizeGreaterThanOrEqualTo(acknowledged)
          .allSatisfy(
              e -> assertThat(e.receipt().cost().total()).isEqualByComparingTo("0.0000043"));
      ledger.add(LedgerWriter.receipt("after", NOW), "x");
      assertThat(all(ledger).getLast().key()).isEqualTo("x");
    }
  }

  @Test
  void programsWriteAtTheSameTime() throws Exception {
    Process one = LedgerWriter.start(file, "one", 200);
    Process two = LedgerWriter.start(file, "two", 200);
    try (Ledger ledger = open();
        Ledger another = open()) {
      for (int i = 0; i < 200; i++) {
        (i % 2 == 0 ? ledger : another).add(LedgerWriter.receipt("m", NOW), "here");
      }
      for (Process p : List.of(one, two)) {
        assertThat(p.inputReader().readAllAsString()).endsWith("200\n");
        assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(p.exitValue()).isZero();
      }
      assertThat(ledger.totals(Filter.ALL, Set.of(Group.KEY)))
          .extracting(Total::receipts)
          .containsExactly(200L, 200L, 200L);
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void aDamagedFileIsSetAside() throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "this is no database, ".repeat(500));
    try (Ledger ledger = open()) {
      ledger.add(LedgerWriter.receipt("m", NOW), "x");
      assertThat(ledger.size()).isEqualTo(1);
    }
    assertThat(warnings).singleElement().asString().contains("is damaged; it was set aside as");
    try (var names = Files.list(file.getParent())) {
      assertThat(names.map(p -> p.getFileName().toString()))
          .anyMatch(n -> n.startsWith("ledger.db.damaged-"));
    }
  }

  @Test
  void damageThatShowsLaterIsSetAsideToo() throws Exception {
    try (Ledger ledger = open()) {
      for (int i = 0; i < 400; i++) {
        ledger.add(LedgerWriter.receipt("m", NOW), "x");
      }
    }
    byte[] bytes = Files.readAllBytes(file);
    // The first page stays, with the schema; all others are overwritten.
    for (int i = 4096; i < bytes.length; i++) {
      bytes[i] = (byte) 0xAB;
    }
    Files.write(file, bytes);
    try (Ledger ledger = open()) {
      ledger.add(LedgerWriter.receipt("m", NOW), "x");
      assertThat(ledger.size()).isEqualTo(1);
    }
    assertThat(warnings).singleElement().asString().contains("was set aside");
  }

  @Test
  void anotherProgramsDatabaseIsLeftAlone() throws Exception {
    Files.createDirectories(file.getParent());
    try (Connection c = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement s = c.createStatement()) {
      assertThat(s.execute("CREATE TABLE songs (name TEXT)")).isFalse();
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("is a database of something else");
    assertThatThrownBy(() -> Ledger.open(folder, warnings::add))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("is a folder");
  }

  @Test
  void anAmountBeyondMeasureIsAWarning() {
    Receipt r = LedgerWriter.receipt("m", NOW);
    Receipt dear =
        new Receipt(
            r.model(),
            r.time(),
            r.tokens(),
            r.seconds(),
            r.energy(),
            new io.tiefsee.price.Cost(
                "EUR", new BigDecimal("1e30"), BigDecimal.ZERO, BigDecimal.ZERO),
            r.priceBook(),
            r.elsewhere());
    try (Ledger ledger = open()) {
      ledger.add(dear, "x");
      ledger.add(dear, "x");
      assertThat(ledger.size()).isZero();
    }
    assertThat(warnings).singleElement().asString().contains("a receipt was not kept");
  }

  @Test
  void theUsersLedgerLiesAmongTheUsersData() {
    assertThat(Ledger.ofUser(Map.of("XDG_DATA_HOME", "/data")))
        .isEqualTo(Path.of("/data/tiefsee/ledger.db"));
    assertThat(Ledger.ofUser(Map.of()).toString()).endsWith(".local/share/tiefsee/ledger.db");
  }
}
