package io.tiefsee.engine;

import static io.tiefsee.engine.Load.LLAMA;
import static io.tiefsee.engine.Load.PAGE;
import static io.tiefsee.engine.Load.prompt;
import static io.tiefsee.engine.Load.sampled;
import static io.tiefsee.engine.Load.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.engine.Load.Gate;
import io.tiefsee.tensor.BadInput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many requests at once: turns, priorities, time-outs, shared work, and what can be seen of it. */
@Timeout(120)
class EngineLoadTest {
  private static final RequestOptions PLAIN = RequestOptions.defaults();

  /** What each request's steps were, in order. */
  private static final class Log implements StepListener {
    record Entry(Generation generation, int prompt, int answer, int generated) {}

    private final List<List<Entry>> steps = new ArrayList<>();

    @Override
    public synchronized void stepDone(Step step) {
      assertThat(step.nanos()).isPositive();
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < step.sequences(); i++) {
        entries.add(
            new Entry(
                step.generation(i),
                step.promptTokens(i),
                step.answerTokens(i),
                step.generatedTokens(i)));
      }
      steps.add(entries);
    }

    synchronized List<List<Entry>> steps() {
      return List.copyOf(steps);
    }

    /** Prompt tokens computed for each request. */
    Map<Generation, Integer> promptTokens() {
      Map<Generation, Integer> sums = new IdentityHashMap<>();
      steps().forEach(s -> s.forEach(e -> sums.merge(e.generation, e.prompt, Integer::sum)));
      return sums;
    }

    /** The requests in the order of their first steps. */
    List<Generation> order() {
      Set<Generation> order = new LinkedHashSet<>();
      steps().forEach(s -> s.forEach(e -> order.add(e.generation)));
      return List.copyOf(order);
    }
  }

  private final Log log = new Log();

  private Engine open(EngineOptions.Builder options) {
    return Engine.open(LLAMA, options.steps(log).build());
  }

  @Test
  void samplesOfOnePromptShareItsPagesFromTheStart() throws InterruptedException {
    int[] prompt = prompt(1, 3 * PAGE + 38);
    List<int[]> alone = new ArrayList<>();
    try (Engine engine = Engine.open(LLAMA)) {
      for (int i = 0; i < 6; i++) {
        alone.add(engine.submit(prompt, sampled(i, 12)).await());
      }
    }
    for (int batch : new int[] {512, 24}) {
      Log steps = new Log();
      EngineOptions options = EngineOptions.builder().maxBatchTokens(batch).steps(steps).build();
      try (Engine engine = Engine.open(LLAMA, options)) {
        Gate gate = new Gate(0);
        Generation first = engine.submit(prompt(2, 5), sampled(1, 2), gate);
        gate.awaitReached();
        List<Generation> samples = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          samples.add(engine.submit(prompt, sampled(i, 12)));
        }
        gate.open();
        first.await();
        int computed = 0;
        for (int i = 0; i < 6; i++) {
          assertThat(samples.get(i).await()).isEqualTo(alone.get(i));
          computed += steps.promptTokens().get(samples.get(i));
        }
        // One computes all of it, each of the others its last token.
        assertThat(computed).isEqualTo(prompt.length + 5);
        assertThat(engine.status().prefixHitTokens()).isEqualTo(5L * (prompt.length - 1));
      }
    }
  }

  @Test
  void theCommonPartOfAPageIsSharedToo() throws InterruptedException {
    int[] first = prompt(1, 150);
    int[] second = prompt(2, 150);
    System.arraycopy(first, 0, second, 0, PAGE + 30);
    int[] alone;
    try (Engine engine = Engine.open(LLAMA)) {
      alone = engine.submit(second, sampled(1, 20)).await();
    }
    try (Engine engine = open(EngineOptions.builder())) {
      engine.submit(first, sampled(1, 20)).await();
      Generation g = engine.submit(second, sampled(1, 20));
      assertThat(g.await()).isEqualTo(alone);
      assertThat(g.usage().cachedTokens()).isEqualTo(PAGE + 30);
      assertThat(log.promptTokens().get(g)).isEqualTo(150 - PAGE - 30);
    }
  }

  @Test
  void aScopeSeesNoOthersPrefixes() throws InterruptedException {
    try (Engine engine = open(EngineOptions.builder())) {
      int[] prompt = prompt(1, 200);
      int[] expected = null;
      for (String scope : List.of("a", "b", "a")) {
        Generation g =
            engine.submit(prompt, sampled(1, 5), TokenGuide.NONE, PLAIN.withScope(scope));
        int[] answer = g.await();
        assertThat(g.usage().cachedTokens())
            .isEqualTo(expected == null || scope.equals("b") ? 0 : 192);
        expected = expected == null ? answer : expected;
        assertThat(answer).isEqualTo(expected);
      }
    }
  }

  @Test
  void scopesTakeTurns() throws InterruptedException {
    try (Engine engine = open(EngineOptions.builder().maxSequences(1))) {
      Gate gate = new Gate(0);
      Generation holder = engine.submit(prompt(0, 5), sampled(0, 2), gate);
      gate.awaitReached();
      Gate second = new Gate(0);
      List<Generation> a = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        TokenGuide guide = i == 0 ? second : TokenGuide.NONE;
        a.add(engine.submit(prompt(i, 10), sampled(i, 2), guide, PLAIN.withScope("a")));
      }
      Generation b =
          engine.submit(prompt(50, 10), sampled(5, 2), TokenGuide.NONE, PLAIN.withScope("b"));
      assertThat(b.queuePosition()).isPositive();
      gate.open();
      second.awaitReached();
      assertThat(a.get(0).queuePosition()).isZero();
      assertThat(b.queuePosition()).isEqualTo(1);
      assertThat(a.get(1).queuePosition()).isEqualTo(2);
      assertThat(a.get(9).queuePosition()).isEqualTo(10);
      second.open();
      for (Generation g : a) {
        g.await();
      }
      b.await();
      List<Generation> order = log.order();
      assertThat(order.subList(0, 4)).containsExactly(holder, a.get(0), b, a.get(1));
    }
  }

  @Test
  void aHigherPriorityGoesFirstAndWhoGivesWayGoesOnUnchanged() throws InterruptedException {
    int[] alone;
    try (Engine engine = Engine.open(LLAMA)) {
      alone = engine.submit(prompt(1, 100), sampled(1, 40)).await();
    }
    try (Engine engine = open(EngineOptions.builder().maxSequences(1))) {
      Gate gate = new Gate(7);
      Generation low = engine.submit(prompt(1, 100), sampled(1, 40), gate);
      gate.awaitReached();
      Generation equal = engine.submit(prompt(2, 100), sampled(2, 3));
      Generation high =
          engine.submit(prompt(3, 100), sampled(3, 3), TokenGuide.NONE, PLAIN.withPriority(1));
      gate.open();
      assertThat(low.await()).isEqualTo(alone);
      equal.await();
      high.await();
      assertThat(log.order()).containsExactly(low, high, equal);
      assertThat(engine.status().preemptions()).isEqualTo(1);
      assertThat(low.usage().cachedTokens()).isZero();
    }
  }

  @Test
  void answersGoOnWhileALongPromptIsComputed() throws InterruptedException {
    try (Engine engine = open(EngineOptions.builder().maxBatchTokens(32).cacheTokens(2048))) {
      Gate gate = new Gate(2);
      Generation answering = engine.submit(prompt(1, 5), sampled(1, 200), gate);
      gate.awaitReached();
      Generation longPrompt = engine.submit(prompt(2, 450), sampled(2, 2));
      Generation shortPrompt = engine.submit(prompt(3, 20), sampled(3, 2));
      gate.open();
      answering.await();
      longPrompt.await();
      shortPrompt.await();
      int steps = 0;
      boolean done = false;
      for (List<Log.Entry> step : log.steps()) {
        done |= step.stream().anyMatch(e -> e.generation == answering && e.generated == 0);
        if (step.stream().anyMatch(e -> e.generation == longPrompt && e.prompt > 0)) {
          steps++;
          assertThat(step).anyMatch(e -> e.generation == answering && e.generated == 1);
          assertThat(step.stream().mapToInt(Log.Entry::prompt).sum()).isLessThan(32);
        }
      }
      assertThat(steps).isGreaterThanOrEqualTo(450 / 32);
      assertThat(done).isFalse();
      // The short prompt overtakes the long one.
      assertThat(log.order()).containsExactly(answering, shortPrompt, longPrompt);
    }
  }

  @Test
  void timeOutsEndWaitingAndRunningRequests() throws InterruptedException {
    Duration time = Duration.ofMillis(20);
    RequestOptions soon = PLAIN.withTimeout(time);
    try (Engine engine = open(EngineOptions.builder().maxSequences(1))) {
      Gate gate = new Gate(1);
      Generation holder = engine.submit(prompt(1, 5), sampled(1, 2), gate);
      gate.awaitReached();
      Generation waiting = engine.submit(prompt(2, 5), sampled(1, 400), TokenGuide.NONE, soon);
      long submitted = System.nanoTime();
      until(() -> System.nanoTime() - submitted > time.toNanos());
      gate.open();
      assertThat(waiting.await()).isEmpty();
      assertThat(waiting.finishReason()).contains(FinishReason.TIMEOUT);
      assertThat(waiting.queuePosition()).isZero();
      assertThat(holder.await()).hasSize(2);

      long begin = System.nanoTime();
      TokenGuide slow =
          (tokens, promptLength, length, logits) -> {
            if (length - promptLength == 3) {
              until(() -> System.nanoTime() - begin > 2 * time.toNanos());
            }
          };
      Generation running = engine.submit(prompt(1, 5), sampled(1, 400), slow, soon);
      assertThat(running.await()).hasSizeLessThanOrEqualTo(4);
      assertThat(running.finishReason()).contains(FinishReason.TIMEOUT);
      assertThat(engine.submit(prompt(1, 5), sampled(1, 3)).await()).hasSize(3);
    }
    assertThatThrownBy(() -> PLAIN.withTimeout(Duration.ZERO)).isInstanceOf(BadInput.class);
  }

  @Test
  void aPromptThatNobodyWaitsForIsLeftInTheMiddleOfAStep() throws InterruptedException {
    AtomicReference<Generation> started = new AtomicReference<>();
    CountDownLatch known = new CountDownLatch(1);
    AtomicInteger layers = new AtomicInteger();
    EngineOptions.Progress cancels =
        (what, done, total) -> {
          if (what.equals("prompt") && layers.incrementAndGet() == 1) {
            Load.await(known);
            started.get().cancel();
          }
        };
    try (Engine engine = open(EngineOptions.builder().progress(cancels))) {
      assertThat(engine.spec().layers()).isGreaterThan(1);
      Generation g = engine.submit(prompt(1, 400), sampled(1, 5));
      started.set(g);
      known.countDown();
      assertThat(g.await()).isEmpty();
      assertThat(g.finishReason()).contains(FinishReason.CANCELLED);
      assertThat(layers).hasValue(1);
      Generation again = engine.submit(prompt(1, 400), sampled(1, 5));
      assertThat(again.await()).hasSize(5);
      assertThat(again.usage().cachedTokens()).isZero();
      until(() -> engine.status().pagesFree() == engine.status().pagesTotal());
    }
  }

  @Test
  void theStatusAddsUp() throws InterruptedException {
    try (Engine engine = open(EngineOptions.builder().maxSequences(2))) {
      EngineStatus idle = engine.status();
      assertThat(idle.slots()).isEqualTo(2);
      assertThat(idle.pagesFree()).isEqualTo(idle.pagesTotal()).isEqualTo(8);
      Gate gate = new Gate(1);
      Generation first = engine.submit(prompt(1, 100), sampled(1, 3), gate);
      gate.awaitReached();
      Generation second = engine.submit(prompt(2, 100), sampled(1, 3));
      Generation third = engine.submit(prompt(3, 100), sampled(1, 3));
      assertThat(engine.status().requests()).isEqualTo(3);
      assertThat(engine.status().waiting()).isGreaterThanOrEqualTo(2);
      assertThat(engine.status().running()).isEqualTo(1);
      assertThat(engine.status().pagesFree()).isEqualTo(6);
      gate.open();
      first.await();
      second.await();
      third.await();
      until(() -> engine.status().running() == 0);
      EngineStatus end = engine.status();
      assertThat(end.finished()).isEqualTo(3);
      assertThat(end.generatedTokens()).isEqualTo(9);
      assertThat(end.promptTokens()).isEqualTo(300);
      assertThat(end.prefixMissTokens()).isEqualTo(300);
      assertThat(end.pagesFree()).isEqualTo(8);
    }
    int prompts = log.steps().stream().flatMap(List::stream).mapToInt(Log.Entry::prompt).sum();
    int answers = log.steps().stream().flatMap(List::stream).mapToInt(Log.Entry::answer).sum();
    int chosen = log.steps().stream().flatMap(List::stream).mapToInt(Log.Entry::generated).sum();
    assertThat(prompts).isEqualTo(300);
    assertThat(answers).isEqualTo(6);
    assertThat(chosen).isEqualTo(9);
  }

  @Test
  void aListenerHearsAStepBeforeTheReaderDoes() throws InterruptedException {
    AtomicInteger heard = new AtomicInteger();
    try (Engine engine = Engine.open(LLAMA)) {
      engine.addStepListener(step -> {
        for (int i = 0; i < step.sequences(); i++) {
          heard.addAndGet(step.generatedTokens(i));
        }
      });
      for (int i = 1; i <= 50; i++) {
        engine.submit(prompt(1, 5), sampled(i, 1)).await();
        assertThat(heard).hasValue(i);
      }
    }
  }
}
