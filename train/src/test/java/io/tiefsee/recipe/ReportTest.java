package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportTest {
  @TempDir private Path temp = Path.of("");

  /** A run as two stages would log it; the numbers are made up. */
  private Path run() {
    Path folder =
        Optional.ofNullable(System.getProperty("report.folder")).map(Path::of).orElse(temp);
    StageConfig config = StageConfig.parse("test", "name = \"made-up\"", List.of());
    try (RunFolder run = RunFolder.open(folder, "r1", config, n -> {})) {
      RunLog log = run.log();
      for (int i = 1; i <= 300; i++) {
        Map<String, Double> m = new LinkedHashMap<>();
        m.put(Metrics.LOSS, 4 / Math.sqrt(i) + 0.3 + 0.02 * Math.sin(i * 7.0));
        m.put(Metrics.SECONDS, 0.25);
        m.put(Metrics.TOKENS_PER_SECOND, 8000 + 300 * Math.sin(i));
        log.step("sft", i, m);
      }
      log.score("sft", "countdown", 3, Map.of(Metrics.PASS_1, 0.24, Metrics.MAJORITY, 0.45));
      for (int i = 1; i <= 60; i++) {
        double grown = 1 - Math.exp(-i / 15.0);
        Map<String, Double> m = new LinkedHashMap<>();
        m.put(Metrics.REWARD, 0.34 + 0.42 * grown + 0.03 * Math.sin(i * 3.1));
        m.put(Metrics.ACCURACY, 0.24 + 0.42 * grown + 0.03 * Math.sin(i * 3.1));
        m.put(Metrics.LENGTH, 49 + 78 * grown + 3 * Math.sin(i * 2.3));
        m.put(Metrics.ENTROPY, 0.5 - 0.3 * grown);
        m.put(Metrics.LOSS, 0.01 * Math.sin(i));
        m.put(Metrics.TRUNCATED, 0.02 + 0.08 * grown);
        m.put(Metrics.VERDICTS, 3 + 7 * grown);
        m.put(Metrics.CHECKS, 0.4 + 0.5 * grown);
        m.put(Metrics.TOKENS_PER_SECOND, 6000.0);
        m.put(Metrics.SECONDS, 8.0);
        if (i % 10 == 0) {
          m.put(Metrics.PASS_1, 0.24 + 0.42 * grown);
          m.put(Metrics.MAJORITY, 0.45 + 0.43 * grown);
        }
        log.step("grpo", i, m);
        if (i == 1 || i % 20 == 0) {
          for (int a = 0; a < 3; a++) {
            log.sample(
                "grpo",
                i,
                new Stage.Sample(
                    "p" + a,
                    "Use 3, 7 and 2 to make 27",
                    " 7 - 2 = 5 : + 3 = 8 low - 3 = 2 low\n wait, again\n".repeat(i / 10 + 1)
                        + " check : 7 + 2 = 9 , 9 * 3 = 27 yes </script>",
                    "(7 + 2) * 3",
                    a == 0 ? 0.1 : 1.1));
          }
        }
      }
      log.score(
          "grpo",
          "countdown",
          3,
          Map.of(
              Metrics.PASS_1,
              0.67,
              "pass@1_low",
              0.63,
              "pass@1_high",
              0.71,
              Metrics.MAJORITY,
              0.88,
              "problems",
              300.0,
              "length",
              124.0,
              "truncated",
              0.09));
    }
    return folder;
  }

  @Test
  void theReportIsOneFileThatHoldsTheRun() throws IOException {
    Path folder = run();
    RunHistory history = RunHistory.read(folder);
    Cost cost =
        new Cost(
            BigDecimal.valueOf(history.seconds()), new BigDecimal("60"), new BigDecimal("0.3"));
    assertThat(history.seconds()).isEqualTo(300 * 0.25 + 60 * 8);
    // 555 s at 60 W are 33,300 J or 0.00925 kWh, to the last decimal.
    assertThat(cost.joules()).isEqualByComparingTo("33300");
    assertThat(cost.eur()).isEqualTo(new BigDecimal("0.002775"));

    Path file = folder.resolve("report.html");
    new Report(history, cost).write(file, RunFolder.toml(RunFolder.config(folder)));
    String page = Files.readString(file);
    assertThat(page).contains("made-up").contains("uPlot").doesNotContain("/*data*/");
    // Nothing is loaded from elsewhere, and no answer can end the script element.
    assertThat(page).doesNotContain("src=").doesNotContain("<link").doesNotContain("@import");
    assertThat(page.split("</script>", -1)).hasSize(3);

    assertThat(String.join("\n", new Report(history, cost).lines()))
        .contains("grpo")
        .contains("pass@1 67.0 %, majority@k 88.0 %")
        .contains("33 kJ at a declared 60 W");
  }

  /** Half a surrogate pair could not be written as UTF-8. */
  @Test
  void aLongTextIsCutBetweenCharacters() throws IOException {
    StageConfig config = StageConfig.parse("test", "name = \"long\"", List.of());
    try (RunFolder run = RunFolder.open(temp, "r1", config, n -> {})) {
      run.log().step("grpo", 1, Map.of(Metrics.LOSS, 1.0, Metrics.SECONDS, 1.0));
      String text = "x".repeat(3999) + "🙂".repeat(9);
      run.log().sample("grpo", 1, new Stage.Sample("p", "q", text, text, 1));
    }
    Path file = temp.resolve("report.html");
    Cost cost = new Cost(BigDecimal.ONE, BigDecimal.ONE, BigDecimal.ONE);
    new Report(RunHistory.read(temp), cost).write(file, "");
    assertThat(Files.readString(file)).contains("x".repeat(3999) + " …\"");
  }

  @Test
  void linesAreTheSameInEveryCountry() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      RunHistory history = RunHistory.read(run());
      Cost cost = new Cost(BigDecimal.ONE, BigDecimal.ZERO, BigDecimal.ONE);
      assertThat(String.join("\n", new Report(history, cost).lines())).contains("pass@1 67.0 %");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void thePictureHasAPanelForWhatWasLogged() throws IOException {
    Path folder = run();
    RunHistory history = RunHistory.read(folder);
    Path file = folder.resolve("report.png");
    assertThat(ReportImage.write(file, history, history.stages().getLast())).isTrue();
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image.getWidth()).isEqualTo(3 * 560);
    assertThat(image.getHeight()).isEqualTo(2 * 330);
    assertThat(folder.toFile().list()).doesNotContain("report.png.part");
    // Four panels of six: the last row is not full.
    RunHistory.StageHistory all = history.stages().getLast();
    Map<String, RunHistory.Series> fewer = new LinkedHashMap<>(all.metrics());
    fewer.keySet().removeAll(List.of(Metrics.ENTROPY, Metrics.LOSS));
    assertThat(
            ReportImage.write(
                file, history, new RunHistory.StageHistory("grpo", fewer, all.samples())))
        .isTrue();
    assertThat(ImageIO.read(file.toFile()).getHeight()).isEqualTo(2 * 330);
  }

  @Test
  void looksBackAreCounted() {
    assertThat(SelfChecks.of("7 - 2 = 5 low\n+ 3 = 8 LOW\n wait, check : yes"))
        .isEqualTo(new SelfChecks(3, 1, 1));
    assertThat(SelfChecks.of("slow, below, highest, nothing, checked"))
        .isEqualTo(new SelfChecks(0, 0, 0));
  }

  @Test
  void whatIsNoRunIsNamed() {
    assertThatThrownBy(() -> RunHistory.read(temp.resolve("nowhere")))
        .isInstanceOf(BadInput.class)
        .hasMessageEndingWith("nowhere is no folder of a run: it has no log.jsonl");
  }
}
