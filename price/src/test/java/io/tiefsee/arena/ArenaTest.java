package io.tiefsee.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.eval.Check;
import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Problems;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.CashierOptions;
import io.tiefsee.tensor.BadInput;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** An arena of a model in this process and two endpoints, and its report. */
class ArenaTest {
  private static final List<String> TASKS = List.of("arithmetic:1", "equations:1");
  private static final List<Problem> PROBLEMS = Problems.of(TASKS, 5, 1);
  private static final Path MODEL =
      Path.of(
          System.getProperty("tiefsee.root", ".."),
          "engine/src/test/resources/golden/gguf/llama_tiny.Q4_0.gguf");

  @TempDir private Path folder = Path.of("");

  /** Is always right. */
  private final ScriptedEndpoint good = new ScriptedEndpoint(q -> answer(q, true));

  /** Is never right. */
  private final ScriptedEndpoint bad = new ScriptedEndpoint(q -> answer(q, false));

  @AfterEach
  void close() {
    good.close();
    bad.close();
  }

  private static String answer(String question, boolean right) {
    Problem problem =
        PROBLEMS.stream().filter(p -> p.question().equals(question)).findFirst().orElseThrow();
    String value = ((Check.Exact) problem.check()).value().toString();
    return ScriptedEndpoint.completion("Hm.", right ? value : value + "1");
  }

  private ArenaConfig config(String more) throws IOException {
    Path file = folder.resolve("arena.toml");
    Files.writeString(
        file,
        """
        title = "A <b>test</b> </script>"
        tasks = ["arithmetic:1", "equations:1"]
        questions = 5
        max_tokens = 8
        as_of = "2025-02-09"
        [[remote]]
        name = "good"
        url = "%s"
        model = "m"
        price = "DeepSeek R1"
        k = [1, 3]
        retries = 0
        [[remote]]
        name = "bad"
        url = "%s"
        model = "m"
        retries = 0
        %s
        """
            .formatted(good.base(), bad.base(), more));
    return ArenaConfig.load(file, List.of());
  }

  private ArenaReport run(ArenaConfig config) {
    CashierOptions options = CashierOptions.defaults().withAsOf(config.asOf());
    try (Cashier cashier = Cashier.open(options);
        TrialLog log = TrialLog.open(folder.resolve("out"))) {
      Entrants entrants = new Entrants(Path::of, Map.of(), cashier, config.asOf());
      ArenaRun run = new ArenaRun(config, entrants, log, (name, done, total, correct, left) -> {});
      return ArenaReport.of(config, run.run(), log, cashier.book());
    }
  }

  @Test
  void theReportHasItAll() throws IOException {
    ArenaReport report =
        run(
            config(
                """
                [[local]]
                name = "tiny"
                model = "%s"
                budgets = [4, 0]
                """
                    .formatted(MODEL)));
    assertThat(report.scores()).hasSize(5);
    assertThat(report.outcome().failures()).isEmpty();
    Score best = report.best().orElseThrow();
    assertThat(best.title()).isEqualTo("good");
    assertThat(best.accuracy().value()).isEqualTo(1);
    // 6 tokens at 0.55, 4 at 0.14 and 20 at 2.19 dollars a million, exchanged.
    assertThat(best.bill().orElseThrow().cost())
        .isBetween(new BigDecimal("0.00004"), new BigDecimal("0.00005"));

    ReportFiles.write(folder, report);
    JsonNode json = ScriptedEndpoint.JSON.readTree(Files.readString(folder.resolve("report.json")));
    assertThat(json.path("points")).hasSize(5);
    JsonNode tiny = json.at("/points/0");
    assertThat(tiny.path("contestant").asString("")).isEqualTo("tiny");
    assertThat(tiny.path("budget").asInt(0)).isEqualTo(4);
    assertThat(tiny.path("accuracy").asDouble(1)).isZero();
    assertThat(tiny.path("high").asDouble(0)).isPositive();
    assertThat(tiny.has("cost_per_answer")).isTrue();
    assertThat(tiny.has("cost_per_correct")).as("nothing is right").isFalse();
    JsonNode first = json.at("/points/2");
    assertThat(first.path("contestant").asString("")).isEqualTo("good");
    assertThat(first.path("pareto").asBoolean(false)).isTrue();
    assertThat(json.at("/points/3/k").asInt(0)).isEqualTo(3);
    assertThat(json.at("/points/3/pareto").asBoolean(true)).as("thrice the price").isFalse();
    assertThat(json.at("/by_task/equations:1")).hasSize(5);
    JsonNode pair = json.at("/pairs/1");
    assertThat(pair.path("difference").asDouble(0)).isEqualTo(1);
    assertThat(pair.path("only_b").asInt(0)).isEqualTo(10);
    assertThat(pair.path("p").asDouble(0)).isEqualTo(2 / 1024.0);

    String markdown = Files.readString(folder.resolve("report.md"));
    assertThat(markdown).contains("| good ", "100.0 % [72.2–100.0]", "significant");
    BufferedImage image = ImageIO.read(folder.resolve("report.png").toFile());
    assertThat(image.getWidth()).isEqualTo(1520);
    assertThat(colours(image)).isGreaterThan(20);
    assertThatHtmlNeedsNothing(Files.readString(folder.resolve("report.html")));
  }

  private static long colours(BufferedImage image) {
    return java.util.Arrays.stream(
            image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
        .distinct()
        .count();
  }

  /** No element brings anything from elsewhere, and the data cannot leave their element. */
  private static void assertThatHtmlNeedsNothing(String html) {
    assertThat(Pattern.compile("<(link|iframe|img|object|embed|base)\\b").matcher(html).find())
        .isFalse();
    assertThat(
            Pattern.compile("<script[^>]+src|@import|url\\(|sourceMappingURL").matcher(html).find())
        .isFalse();
    assertThat(html.split("<script>", -1)).hasSize(3);
    assertThat(html.split("</script>", -1)).hasSize(3);
    assertThat(html)
        .contains("default-src 'none'", "A \\u003cb>test\\u003c/b>")
        .endsWith("</html>\n");
  }

  @Test
  void whoFailsDoesNotKeepTheOthersFromGoingOn() throws IOException {
    bad.then(ScriptedEndpoint.status(200, ScriptedEndpoint.completion("", "1")));
    for (int i = 0; i < 100; i++) {
      bad.then(ScriptedEndpoint.status(500, "{\"error\":\"out of order\"}"));
    }
    ArenaConfig config = config("parallel = 1");
    ArenaReport report = run(config);
    assertThat(report.scores()).extracting(Score::title).containsExactly("good", "good, k = 3");
    assertThat(report.outcome().failures()).containsOnlyKeys("bad");
    assertThat(report.outcome().failures().values())
        .singleElement()
        .asString()
        .contains("500: out of order");
    assertThat(Markdown.of(report)).contains("**bad** did not finish");
    int asked = good.requests().size();
    assertThat(run(config).scores()).hasSize(2);
    assertThat(good.requests()).as("nothing is asked twice").hasSize(asked);
  }

  @Test
  void whoIsNotThereStopsItBeforeAnythingIsAsked() throws IOException {
    ArenaConfig config = config("");
    bad.close();
    assertThatThrownBy(() -> run(config))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("cannot be reached");
    assertThat(good.requests()).isEmpty();
  }

  @Test
  void aPriceThatIsMissingForTheDay() throws IOException {
    ArenaConfig config = config("");
    ArenaConfig early =
        new ArenaConfig(
            config.title(),
            config.tasks(),
            config.questions(),
            config.seed(),
            config.temperature(),
            config.topP(),
            config.maxTokens(),
            Optional.empty(),
            Optional.of(java.time.LocalDate.of(2001, 1, 1)),
            config.local(),
            config.remote());
    assertThatThrownBy(() -> run(early))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("2001-01-01");
  }

  @Test
  void twoOfOneNameAreRefused() throws IOException {
    assertThatThrownBy(() -> run(config("[[local]]\nname = \"good\"\nmodel = \"" + MODEL + "\"")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("two contestants are called 'good'");
  }

  @Test
  void breakEvenByHand() {
    // A machine of 365.2425 € that serves a year wears off 1 € a day.
    assertThat(
            BreakEven.fixedPerDay(
                new io.tiefsee.price.Costs.Hardware(
                    new BigDecimal("365.2425"), BigDecimal.ONE, BigDecimal.ONE)))
        .isEqualByComparingTo("1");
    Score local = score(new Bill(bd("0.005"), bd("0.001"), "EUR", Optional.empty(), ""), 2);
    BreakEven even = BreakEven.of(local, "other", bd("0.022"), BigDecimal.ONE).orElseThrow();
    // Half of the answers are right: 1 / (0.022 · 0.5 − 0.001) = 100.
    assertThat(even.questionsPerDay().orElseThrow()).isEqualByComparingTo("100");
    assertThat(even.capacity()).isEqualByComparingTo("43200");
    assertThat(even.isWithinReach()).isTrue();
    BreakEven never = BreakEven.of(local, "other", bd("0.002"), BigDecimal.ONE).orElseThrow();
    assertThat(never.questionsPerDay()).isEmpty();
    assertThat(never.isWithinReach()).isFalse();
  }

  private static BigDecimal bd(String text) {
    return new BigDecimal(text);
  }

  private static Score score(Bill bill, double seconds) {
    var half = new io.tiefsee.eval.Interval(0.5, 0.4, 0.6);
    return new Score(
        Contestant.of("here", false, Protocol.DEFAULTS, List.of(1)),
        1,
        List.of(),
        List.of(),
        List.of(),
        half,
        half,
        1,
        2,
        new Score.Lengths(0, 0, 0),
        seconds,
        Optional.of(bill));
  }
}
