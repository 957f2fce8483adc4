package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.recipe.Metrics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TrainViewTest {
  private static final Map<String, Double> METRICS =
      Map.of(
          Metrics.REWARD, 0.5,
          Metrics.ACCURACY, 0.4,
          Metrics.PASS_1, 0.25,
          Metrics.MAJORITY, 0.5,
          Metrics.LENGTH, 123.4,
          Metrics.TRUNCATED, 0.01,
          Metrics.ENTROPY, 0.3,
          Metrics.KL, 0.001,
          Metrics.TOKENS_PER_SECOND, 12_345.6);

  private static String shown(boolean terminal) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(err, true, StandardCharsets.UTF_8);
    Streams streams =
        new Streams(new ByteArrayInputStream(new byte[0]), out, out, false, false, terminal);
    TrainView view = new TrainView(streams, "r1");
    view.begin("grpo", 0, 3);
    for (int i = 1; i <= 3; i++) {
      view.step("grpo", i, 3, METRICS);
    }
    view.end("over");
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void plainLinesHaveAllValues() {
    assertThat(shown(false))
        .doesNotContain("\u001b")
        .contains("r1: grpo, 3 steps\n")
        .contains("grpo 3/3")
        .contains("reward 0.500")
        .contains("pass@1 25.0%")
        .contains("tokens/s 12346")
        .endsWith("over\n");
  }

  @Test
  void linesOnATerminalAreNarrowAndDrawnOverEachOther() {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        System.getenv().getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(System.getenv("TERM")),
        "colours are off in this terminal");
    String shown = shown(true);
    List<String> lines = shown.lines().toList();
    assertThat(lines).allMatch(l -> l.replaceAll("\u001b\\[[0-9]*[A-Zm]", "").length() <= 80);
    // A head and two lines of values, so each step after the first goes up by three.
    assertThat(shown.split("\u001b\\[3A", -1)).hasSize(3);
  }
}
