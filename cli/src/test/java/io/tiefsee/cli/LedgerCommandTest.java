package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class LedgerCommandTest {
  @TempDir Path folder;
  private String file;

  @BeforeEach
  void answer() {
    file = folder.resolve("l.db").toString();
    for (String n : new String[] {"3", "5"}) {
      assertThat(
              Cli.run(
                      "run",
                      "-m",
                      Cli.TINY,
                      "--ledger",
                      file,
                      "-q",
                      "--ignore-eos",
                      "-n",
                      n,
                      "--tokens",
                      "1,2")
                  .status())
          .isZero();
    }
    assertThat(Cli.pipe("Hello\n", "chat", "-m", Cli.TINY, "--ledger", file, "-n", "2").status())
        .isZero();
  }

  private Cli.Result ledger(String... more) {
    String[] args = {"ledger", "--ledger", file};
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Cli.run(all);
  }

  @Test
  void totalsByWhatIsAskedFor() {
    JsonNode keys = ledger("--by", "key", "--json").json();
    assertThat(keys.size()).isEqualTo(2);
    assertThat(keys.get(0).path("key").asString()).isEqualTo("chat");
    assertThat(keys.get(1).path("receipts").asInt()).isEqualTo(2);
    assertThat(keys.get(1).path("answer").asInt()).isEqualTo(8);
    assertThat(keys.get(1).path("cost").asDouble()).isPositive();
    assertThat(keys.get(1).path("currency").asString()).isEqualTo("EUR");
    String text = ledger("--by", "day,model,key").out();
    assertThat(text.lines().toList()).hasSize(4);
    assertThat(text).startsWith("day ").contains("llama_tiny.Q4_0.gguf", "\nall ");
    assertThat(ledger("--key", "run", "--by", "model").out().lines().toList()).hasSize(2);
    assertThat(ledger("--until", "2020-01-01").err()).isEqualTo("no receipts\n");
  }

  @Test
  void exports() throws Exception {
    Path csv = folder.resolve("r.csv");
    assertThat(ledger("--export", csv.toString()).err()).isEqualTo("3 receipts in " + csv + "\n");
    assertThat(Files.readAllLines(csv)).hasSize(4);
  }

  @Test
  void badInputIsOneLine() {
    assertBad(ledger("--export", folder.resolve("r.doc").toString()), ".csv, .parquet or .jsonl");
    assertBad(ledger("--by", "hour"), "'hour'");
    assertBad(ledger("--since", "today"), "no date");
    assertBad(Cli.run("ledger", "--ledger", "off"), "nothing to show");
    assertBad(
        Cli.run("ledger", "--ledger", folder.resolve("none.db").toString()), "there is no ledger");
  }

  private static void assertBad(Cli.Result r, String what) {
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err()).startsWith("tiefsee: ").contains(what).containsOnlyOnce("\n");
  }
}
