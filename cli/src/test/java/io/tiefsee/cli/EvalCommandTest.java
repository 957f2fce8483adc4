package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code tiefsee eval} and {@code tiefsee arena} on a model that has learnt nothing. */
class EvalCommandTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void evalPrintsATable() {
    Cli.Result r =
        Cli.run(
            "eval",
            "-m",
            Cli.TINY,
            "--tasks",
            "countdown:1,arithmetic:1",
            "-n",
            "3",
            "-k",
            "2",
            "--max-tokens",
            "8",
            "-q");
    assertThat(r.err()).isEmpty();
    assertThat(r.status()).isZero();
    assertThat(r.out().lines())
        .hasSize(5)
        .anySatisfy(l -> assertThat(l).startsWith("| task").contains("pass@1", "cons@2", "strict"))
        .anySatisfy(l -> assertThat(l).startsWith("| countdown:1"))
        .anySatisfy(l -> assertThat(l).startsWith("| all").contains(" 6 ", "0.0 %"));
  }

  @Test
  void evalKeepsWhatItHasAndGoesOn() throws IOException {
    String[] args = {
      "eval",
      "-m",
      Cli.TINY,
      "--tasks",
      "compare:1",
      "-n",
      "2",
      "--max-tokens",
      "8",
      "--json",
      "--out",
      folder.resolve("run").toString()
    };
    Cli.Result first = Cli.run(args);
    assertThat(first.status()).isZero();
    JsonNode task = first.json().at("/tasks/0");
    assertThat(task.path("task").asString("")).isEqualTo("compare:1");
    assertThat(task.path("questions").asInt(0)).isEqualTo(2);
    assertThat(task.path("pass_1_high").asDouble(0)).isPositive();
    assertThat(task.path("joules").asDouble(0)).isPositive();
    String trials = Files.readString(folder.resolve("run/trials.jsonl"));
    assertThat(Cli.run(args).out()).isEqualTo(first.out());
    assertThat(Files.readString(folder.resolve("run/trials.jsonl"))).isEqualTo(trials);
    assertThat(folder.resolve("run/score.md")).content().contains("| compare:1");
    assertThat(folder.resolve("run/score.json")).exists();
  }

  @Test
  void arenaWritesItsReport() throws IOException {
    Path file = folder.resolve("arena.toml");
    Files.writeString(
        file,
        """
        title = "Tiny"
        tasks = ["compare:1", "countdown:1"]
        questions = 2
        max_tokens = 8
        [[local]]
        name = "tiny"
        model = "%s"
        budgets = [4, 0]
        k = [1, 2]
        [[local]]
        name = "old"
        model = "%s"
        isa = ["scalar"]
        threads = [1]
        """
            .formatted(Cli.TINY, Cli.TINY));
    Path out = folder.resolve("out");
    Cli.Result r = Cli.run("arena", file.toString(), "-o", out.toString());
    assertThat(r.err())
        .contains("tiny, budget 4: 8/8 answers")
        .contains("old, scalar, 1 thread: 4/4");
    assertThat(r.status()).isZero();
    assertThat(r.out()).contains("# Tiny", "| tiny ", "## By task", "## Beside", "report.html");
    JsonNode report =
        Cli.run("arena", file.toString(), "-o", out.toString(), "-q", "--json").json();
    assertThat(report.path("points")).hasSize(5);
    assertThat(report.path("complete").asBoolean(false)).isTrue();
    assertThat(out.resolve("report.html")).exists();
    assertThat(out.resolve("report.png")).exists();
  }

  private static void refused(Cli.Result r, String... parts) {
    assertThat(r.err()).startsWith("tiefsee: ").contains(parts).doesNotContain("\tat ");
    assertThat(r.err().lines()).hasSize(1);
    assertThat(r.status()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "--tasks, dance:1, there is no task 'dance'",
    "--tasks, countdown:99, countdown",
    "--tasks, gsm8k:/nowhere.jsonl, /nowhere.jsonl",
    "--samples, 0, --samples",
    "--temperature, -1, temperature",
    "--thinking-budget, -5, thinking budget",
    "--model, /nowhere/model.gguf, /nowhere/model.gguf",
    "--price-book, /nowhere/prices.toml, /nowhere/prices.toml",
    "--as-of, 2001-01-01, 2001-01-01",
    "--out, /proc/nowhere, cannot be written",
    "--endpoint, http://127.0.0.1:1/v1, --remote-model",
  })
  void badOptionsOfEval(String option, String value, String part) {
    if (option.equals("--tasks")) {
      refused(Cli.run("eval", option, value, "-m", Cli.TINY), part);
    } else if (option.equals("--model")) {
      refused(Cli.run("eval", "--tasks", "compare:1", option, value), part);
    } else {
      refused(
          Cli.run("eval", "--tasks", "compare:1", "-m", Cli.TINY, "-n", "1", option, value), part);
    }
  }

  @Test
  void endpointsThatAreNotThere() {
    String[] endpoint = {
      "eval",
      "--tasks",
      "compare:1",
      "-n",
      "1",
      "--endpoint",
      "http://127.0.0.1:1/v1",
      "--remote-model",
      "m",
      "-q"
    };
    refused(Cli.run(endpoint), "http://127.0.0.1:1/v1: cannot be reached");
    refused(
        Cli.run("eval", "--tasks", "compare:1", "--endpoint", "localhost", "--remote-model", "m"),
        "url");
  }

  @Test
  void brokenArenaFiles() throws IOException {
    refused(arena("tasks = [\"compare:1\"\n[[local]]"), "arena.toml:", "TOML");
    refused(arena("questions = 1\n[[local]]"), "tasks is missing");
    refused(arena("tasks = [\"compare:1\"]"), "there is nobody to compare");
    refused(arena("tasks = [\"compare:1\"]\n[[local]]\nbugdets = [1]"), "arena.toml:3", "budgets");
    refused(arena("tasks = [\"compare:1\"]\n[[local]]\nbudgets = [-1]"), "arena.toml:3");
    refused(arena("tasks = [\"compare:1\"]\n[[remote]]\nurl = \"x\""), "arena.toml:3", "http");
    refused(arena("tasks = [\"compare:1\"]\n[[remote]]\nname = \"x\""), "arena.toml:2", "url");
    refused(arena("tasks = [\"dance\"]\n[[local]]"), "dance");
    refused(
        arena("tasks = [\"compare:1\"]\n[[local]]\nmodel = \"" + Cli.TINY + "\"\nisa = [\"mmx\"]"),
        "isa knows scalar");
    refused(
        arena(
            "tasks = [\"compare:1\"]\nquestions = 1\n[[remote]]\nurl = \"http://127.0.0.1:1/v1\"\n"
                + "model = \"m\""),
        "cannot be reached");
    refused(
        arena(
            "tasks = [\"compare:1\"]\n[[remote]]\nurl = \"http://127.0.0.1:1/v1\"\nmodel = \"m\"\n"
                + "price = \"Nobody's\""),
        "no price list 'Nobody's'");
    refused(Cli.run("arena", folder.resolve("missing.toml").toString()), "missing.toml");
  }

  private Cli.Result arena(String toml) throws IOException {
    Path file = Files.writeString(folder.resolve("arena.toml"), toml);
    return Cli.run("arena", file.toString(), "-q", "-o", folder.resolve("out").toString());
  }
}
