package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.ledger.Filter;
import io.tiefsee.ledger.Ledger;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ReceiptTest {
  @TempDir Path folder;

  private Cli.Result run(String... more) {
    String[] args = {
      "run", "-m", Cli.TINY, "--temperature", "0", "--ignore-eos", "-n", "8", "Hello"
    };
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Cli.run(all);
  }

  @Test
  void anAnswerHasItsReceipt() {
    String ledger = folder.resolve("l.db").toString();
    Cli.Result plain = run("--ledger", ledger);
    assertThat(plain.err())
        .containsPattern(" · [0-9.]+ J \\(\\w+\\) · 0\\.\\d+ EUR · ")
        .contains("the same at DeepSeek R1 0.0000");
    Cli.Result json = run("--ledger", ledger, "--json");
    assertThat(json.out())
        .containsPattern("\"cost\":\\{\"currency\":\"EUR\",\"electricity\":0\\.0000");
    JsonNode receipt = json.json().path("receipt");
    assertThat(receipt.path("model").asString()).isEqualTo("llama_tiny.Q4_0.gguf");
    assertThat(receipt.path("tokens").path("answer").asInt()).isEqualTo(8);
    assertThat(receipt.path("joules").path("total").asDouble()).isPositive();
    assertThat(receipt.path("elsewhere").size()).isEqualTo(6);
    try (Ledger kept =
        Ledger.open(
            Path.of(ledger),
            w -> {
              throw new AssertionError(w);
            })) {
      assertThat(kept.size()).isEqualTo(2);
      kept.forEach(Filter.ALL, e -> assertThat(e.key()).isEqualTo("run"));
    }
  }

  @Test
  void withoutReceiptsNothingIsKept() {
    Path ledger = folder.resolve("l.db");
    JsonNode json = run("--ledger", ledger.toString(), "--no-receipt", "--json").json();
    assertThat(json.has("receipt")).isFalse();
    assertThat(ledger).doesNotExist();
    assertThat(run("--ledger", "off", "-q").err()).isEmpty();
  }

  @Test
  void aBookOfOnesOwnAndADayCount() throws Exception {
    Path book =
        Files.writeString(
            folder.resolve("prices.toml"),
            "[electricity]\nper_kwh = 360000\n[hardware]\nprice = 0\n[power]\nload_watts = 100\n");
    JsonNode receipt =
        run("--ledger", "off", "--price-book", book.toString(), "--as-of", "2025-03-01", "--json")
            .json()
            .path("receipt");
    // At 360000 a kilowatt-hour a joule costs a tenth.
    assertThat(receipt.path("cost").path("total").decimalValue())
        .isEqualByComparingTo(receipt.path("joules").path("total").decimalValue().movePointLeft(1));
    assertThat(receipt.path("joules").path("method").asString()).isIn("wall", "rapl", "declared");
    assertThat(receipt.path("elsewhere").get(0).path("as_of").asString()).isEqualTo("2025-03-01");
  }

  @Test
  void aWallMeterIsBelievedFirst() throws Exception {
    Path book =
        Files.writeString(
            folder.resolve("prices.toml"),
            "[power]\ncommand = \"echo 40 W\"\ntimeout_seconds = 60\n");
    JsonNode receipt =
        run("--ledger", "off", "--price-book", book.toString(), "--json").json().path("receipt");
    assertThat(receipt.path("joules").path("method").asString()).isEqualTo("wall");
    double total = receipt.path("joules").path("total").asDouble();
    assertThat(total).isPositive();
    assertThat(receipt.path("joules").path("uncertainty").asDouble())
        .isCloseTo(0.05 * total, within(1e-6));
  }

  @Test
  void badInputIsOneLine() throws Exception {
    Path broken = Files.writeString(folder.resolve("p.toml"), "\n[electricity]\nper_kwh = -3\n");
    assertBad(run("--price-book", broken.toString()), "p.toml:3: per_kwh is -3");
    assertBad(run("--as-of", "1999-01-01"), "no list has a price for 1999-01-01");
    assertBad(run("--as-of", "soon"), "'soon' is no date");
    assertBad(run("--ledger", folder.toString()), "is a folder");
  }

  private static void assertBad(Cli.Result r, String what) {
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err()).startsWith("tiefsee: ").contains(what).containsOnlyOnce("\n");
  }
}
