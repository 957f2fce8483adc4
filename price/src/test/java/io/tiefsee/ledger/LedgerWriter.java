package io.tiefsee.ledger;

import io.tiefsee.price.Cost;
import io.tiefsee.price.Elsewhere;
import io.tiefsee.price.Energy;
import io.tiefsee.price.Method;
import io.tiefsee.price.Receipt;
import io.tiefsee.price.TokenCount;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/** A program of its own that writes receipts until it has written enough or is killed. */
final class LedgerWriter {
  private LedgerWriter() {}

  /** A receipt that costs 0.0000043. */
  static Receipt receipt(String model, Instant time) {
    return new Receipt(
        model,
        time,
        new TokenCount(1, 2, 3, 4),
        new Receipt.Seconds(
            new BigDecimal("0.1"), new BigDecimal("0.02"), new BigDecimal("1.000000003")),
        new Energy(
            Method.RAPL,
            new BigDecimal("1.5"),
            new BigDecimal("10.000000001"),
            new BigDecimal("8"),
            new BigDecimal("1.15")),
        new Cost("EUR", new BigDecimal("0.0000012"), new BigDecimal("0.0000031"), BigDecimal.ZERO),
        "2026-11-28",
        List.of(new Elsewhere("R1", LocalDate.of(2025, 2, 9), new BigDecimal("0.00021"), "EUR")));
  }

  /** Arguments: file, key, how many. Prints the number of receipts that it has written. */
  public static void main(String[] args) {
    try (Ledger ledger = Ledger.open(Path.of(args[0]), System.err::println)) {
      for (int i = 1; i <= Integer.parseInt(args[2]); i++) {
        ledger.add(receipt("m", Instant.now()), args[1]);
        System.out.println(i);
      }
    }
  }

  /** Starts it. */
  static Process start(Path file, String key, int count) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            LedgerWriter.class.getName(),
            file.toString(),
            key,
            String.valueOf(count))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
