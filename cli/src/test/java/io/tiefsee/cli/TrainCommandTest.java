package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainCommandTest {
  private static final String CONFIG =
      """
      name = "small"
      [model]
      layers = 1
      dim = 32
      hidden = 32
      heads = 2
      query_rank = 0
      latent = 32
      value = 16
      context = 256
      [[tasks]]
      name = "countdown"
      level = 1
      [sft]
      steps = 3
      batch = 2
      [eval]
      problems = 2
      samples = 2
      max_tokens = 8
      """;

  @TempDir private Path temp = Path.of("");

  private Cli.Result train(String stage, String... more) throws IOException {
    Path config = temp.resolve("small.toml");
    Files.writeString(config, CONFIG);
    List<String> args = new ArrayList<>(List.of("train", stage));
    args.addAll(List.of("--config", config.toString(), "--out", temp.resolve("run").toString()));
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  @Test
  void aStageLeavesModelLogAndReport() throws IOException {
    Cli.Result r = train("sft", "--watts", "50", "--seed", "3");
    assertThat(r.err())
        .contains("sft, 3 steps")
        .contains("sft 3/3")
        .contains("after sft: countdown");
    assertThat(r.status()).as(r.err()).isZero();
    assertThat(r.out())
        .contains("after sft")
        .contains("at a declared 50 W")
        .contains("report.html");
    Path run = temp.resolve("run");
    assertThat(run.resolve("small.gguf")).exists();
    assertThat(run.resolve("report-sft.png")).exists();
    assertThat(run.resolve("config.toml")).content().contains("seed = 3");

    Cli.Result answer =
        Cli.run(
            "run",
            "-m",
            run.resolve("small.gguf").toString(),
            "Use 3, 7 and 2 to make 27",
            "-n",
            "4");
    assertThat(answer.status()).as(answer.err()).isZero();

    // Nothing is left to do: it says the same again.
    Cli.Result again = train("sft", "--watts", "50", "--seed", "3", "-q");
    assertThat(again.status()).isZero();
    assertThat(again.out()).isEqualTo(r.out());

    Cli.Result report = Cli.run("train", "report", run.toString());
    assertThat(report.out()).contains("--watts W gives energy and cost");
  }

  @Test
  void whatIsWrongIsOneLine() throws IOException {
    assertThat(train("sft", "--set", "sft.stebs=3").err())
        .isEqualTo("tiefsee: --set sft.stebs=3: there is no key sft.stebs; did you mean steps?\n");
    assertThat(train("grpo").err()).startsWith("tiefsee: grpo goes on with a model");
    assertThat(Cli.run("train", "r1", "--preset", "tiny", "--out", temp.toString()).err())
        .startsWith("tiefsee: there is no preset tiny; there are embedded");
    assertThat(Cli.run("train", "r1", "--out", temp.toString()).err())
        .startsWith("tiefsee: give either --config FILE or --preset NAME");
    assertThat(Cli.run("train", "report", temp.resolve("nothing").toString()).err())
        .contains("is no folder of a run");
    assertThat(train("sft", "--watts", "-1").status()).isEqualTo(2);
    assertThat(train("sft", "--threads", "5000").err())
        .isEqualTo("tiefsee: --threads is 1 to 1024, not 5000\n");
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(temp.resolve("run"), "a file");
    Cli.Result r = train("sft");
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err())
        .isEqualTo("tiefsee: " + file + " cannot be written: a file of that name is in the way\n");
  }
}
