package io.tiefsee.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.eval.Content;
import io.tiefsee.eval.Expression;
import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Problems;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is asked twice, and nothing that was answered is lost. */
class TrialRunTest {
  private static final List<Problem> PROBLEMS = Problems.of(List.of("compare:1"), 6, 3);

  @TempDir private Path folder = Path.of("");

  /** Knows the answer to the first half of the problems. */
  private final ScriptedEndpoint server = new ScriptedEndpoint(TrialRunTest::answer);

  @AfterEach
  void close() {
    server.close();
  }

  private static String answer(String question) {
    for (int i = 0; i < PROBLEMS.size(); i++) {
      if (PROBLEMS.get(i).question().equals(question)) {
        return ScriptedEndpoint.completion("hm", i < 3 ? right(PROBLEMS.get(i)) : "none of them");
      }
    }
    throw new IllegalArgumentException(question);
  }

  private static String right(Problem problem) {
    io.tiefsee.eval.Check.Choice check = (io.tiefsee.eval.Check.Choice) problem.check();
    Content.Comparison content = (Content.Comparison) problem.content();
    Expression option = content.options().get(check.right());
    return option.toString();
  }

  private static Contestant contestant(Integer... ks) {
    return Contestant.of("test", true, Protocol.DEFAULTS, List.of(ks), "m");
  }

  private TrialRun.Opener opener(int parallel, int retries) {
    Endpoint endpoint = server.endpoint(parallel, retries, 60);
    return () ->
        EndpointAnswerer.open(
            endpoint,
            Protocol.DEFAULTS,
            Map.of(),
            BILLING,
            new Purse(Optional.empty(), BigDecimal.ZERO),
            Duration.ofMillis(1));
  }

  private static final Billing BILLING =
      new Billing(
          (tokens, at) -> Optional.of(Bill.ofPrice(new BigDecimal("0.5"), "EUR")), false, "EUR");

  private static final TrialRun.View NO_VIEW = (name, done, total, correct, left) -> {};

  @Test
  void answersAreJudgedAndCounted() {
    List<String> progress = new ArrayList<>();
    try (TrialLog log = TrialLog.open(folder)) {
      TrialRun run =
          new TrialRun(
              log,
              (name, done, total, correct, left) ->
                  progress.add("%s %d/%d %d".formatted(name, done, total, correct)));
      assertThat(run.ask(contestant(1, 2), PROBLEMS, opener(3, 0))).isTrue();
      assertThat(progress).hasSize(13).startsWith("test 0/12 0").endsWith("test 12/12 6");
      Score one = Score.of(contestant(1, 2), 1, PROBLEMS, log, BILLING).orElseThrow();
      Score two = Score.of(contestant(1, 2), 2, PROBLEMS, log, BILLING).orElseThrow();
      assertThat(one.accuracy().value()).isEqualTo(0.5);
      assertThat(two.accuracy().value()).isEqualTo(0.5);
      assertThat(one.accuracies()).containsExactly(1.0, 1.0, 1.0, 0.0, 0.0, 0.0);
      assertThat(one.bill().orElseThrow().cost()).isEqualByComparingTo("0.5");
      assertThat(two.bill().orElseThrow().cost()).isEqualByComparingTo("1.0");
      assertThat(one.costPerCorrect().orElseThrow()).isEqualByComparingTo("1");
      assertThat(two.costPerCorrect().orElseThrow()).isEqualByComparingTo("2");
      assertThat(one.lengths().thinking()).isEqualTo(15);
      assertThat(one.isOnFront(List.of(one, two))).isTrue();
      assertThat(two.isOnFront(List.of(one, two))).isFalse();
    }
    assertThat(server.requests()).hasSize(12);
  }

  @Test
  void aRunThatWasCutGoesOn() throws IOException {
    List<Trial> first;
    try (TrialLog log = TrialLog.open(folder)) {
      assertThat(new TrialRun(log, NO_VIEW).ask(contestant(2), PROBLEMS, opener(1, 0))).isTrue();
      first = log.all();
    }
    Path file = folder.resolve(TrialLog.FILE);
    List<String> lines = Files.readAllLines(file);
    String cut = String.join("\n", lines.subList(0, 7)) + "\n" + lines.get(7).substring(0, 40);
    Files.writeString(file, cut);
    try (TrialLog log = TrialLog.open(folder)) {
      assertThat(log.all()).isEqualTo(first.subList(0, 7));
      assertThat(new TrialRun(log, NO_VIEW).ask(contestant(2), PROBLEMS, opener(1, 0))).isTrue();
      assertThat(log.all()).hasSize(12);
    }
    assertThat(server.requests()).hasSize(12 + 5);
    try (TrialLog log = TrialLog.open(folder)) {
      TrialRun run = new TrialRun(log, NO_VIEW);
      TrialRun.Opener never =
          () -> {
            throw new AssertionError("there is nothing to ask");
          };
      assertThat(run.ask(contestant(2), PROBLEMS, never)).isTrue();
      assertThat(run.ask(contestant(1), PROBLEMS, never)).as("samples are shared").isTrue();
    }
  }

  @Test
  void anEndpointThatGoesDownLeavesWhatIsDone() {
    for (int i = 0; i < 4; i++) {
      server.then(ScriptedEndpoint.status(200, ScriptedEndpoint.completion("", "7")));
    }
    for (int i = 0; i < 20; i++) {
      server.then(ScriptedEndpoint.status(503, "{\"message\":\"shutting down\"}"));
    }
    try (TrialLog log = TrialLog.open(folder)) {
      TrialRun run = new TrialRun(log, NO_VIEW);
      assertThatThrownBy(() -> run.ask(contestant(1), PROBLEMS, opener(1, 2)))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("503: shutting down (tried 3 times)");
      assertThat(log.all()).hasSize(4);
      assertThat(Score.of(contestant(1), 1, PROBLEMS, log, BILLING)).isEmpty();
    }
    try (TrialLog log = TrialLog.open(folder)) {
      assertThat(log.all()).hasSize(4);
    }
  }

  @Test
  void stoppingKeepsWhatIsDone() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    server.then(ScriptedEndpoint.status(200, ScriptedEndpoint.completion("", "7")));
    server.then(exchange -> {
      asked.countDown();
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    try (TrialLog log = TrialLog.open(folder)) {
      TrialRun run = new TrialRun(log, NO_VIEW);
      Thread stopper =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  if (asked.await(60, TimeUnit.SECONDS)) {
                    run.stop();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      assertThat(run.ask(contestant(1), PROBLEMS, opener(1, 0))).isFalse();
      stopper.join();
      assertThat(log.all()).hasSize(1);
      assertThat(run.isStopped()).isTrue();
    } finally {
      over.countDown();
    }
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void twoRunsDoNotShareAFolder() {
    try (TrialLog log = TrialLog.open(folder)) {
      assertThat(log.all()).isEmpty();
      assertThatThrownBy(() -> TrialLog.open(folder))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("in use by another run");
    }
  }

  @Test
  void aFolderThatCannotBeWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> TrialLog.open(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("cannot be written");
  }

  @Test
  void aLogOfSomethingElse() throws IOException {
    Files.writeString(folder.resolve(TrialLog.FILE), "{\"step\":1}\n");
    assertThatThrownBy(() -> TrialLog.open(folder))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("trials.jsonl:1 is no trial");
  }

  @Test
  void everyKOfTheSamplesVote() {
    // Right, wrong, right, right: of the first question; the pairs tie, and the first one counts.
    server.then(ScriptedEndpoint.status(200, answer(PROBLEMS.get(0).question())));
    server.then(ScriptedEndpoint.status(200, ScriptedEndpoint.completion("", "0")));
    try (TrialLog log = TrialLog.open(folder)) {
      Contestant contestant = contestant(1, 2, 4);
      List<Problem> one = PROBLEMS.subList(0, 1);
      assertThat(new TrialRun(log, NO_VIEW).ask(contestant, one, opener(1, 0))).isTrue();
      assertThat(score(contestant, 1, one, log)).isEqualTo("3/4");
      assertThat(score(contestant, 2, one, log)).isEqualTo("2/2");
      assertThat(score(contestant, 4, one, log)).isEqualTo("1/1");
    }
  }

  private static String score(Contestant c, int k, List<Problem> problems, TrialLog log) {
    Score score = Score.of(c, k, problems, log, BILLING).orElseThrow();
    assertThat(score.accuracy().value()).isEqualTo((double) score.right() / score.votes());
    return score.right() + "/" + score.votes();
  }

  @Test
  void anotherPriceNeedsNoNewAnswers() {
    try (TrialLog log = TrialLog.open(folder)) {
      assertThat(new TrialRun(log, NO_VIEW).ask(contestant(1), PROBLEMS, opener(1, 0))).isTrue();
      Billing later =
          new Billing(
              (tokens, at) -> Optional.of(Bill.ofPrice(BigDecimal.valueOf(tokens.output()), "USD")),
              false,
              "USD");
      Score score = Score.of(contestant(1), 1, PROBLEMS, log, later).orElseThrow();
      assertThat(score.bill().orElseThrow().cost()).isEqualByComparingTo("20");
      assertThat(score.costPerCorrect().orElseThrow()).isEqualByComparingTo("40");
      Billing none = Billing.byReceipt("EUR");
      assertThat(Score.of(contestant(1), 1, PROBLEMS, log, none).orElseThrow().bill()).isEmpty();
    }
  }
}
