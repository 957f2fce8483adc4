package io.tiefsee.engine;

import static io.tiefsee.engine.Load.prompt;
import static io.tiefsee.engine.Load.sampled;
import static io.tiefsee.engine.Load.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.engine.Generation.FinishReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Same seed, same answer, whatever the load: random arrivals, cancels, time-outs, priorities,
 * preemptions and prefixes from memory and disk.
 */
@Timeout(300)
class EngineStressTest {
  private static final int FAMILIES = 5;

  @TempDir Path folder;

  private record Request(int[] prompt, long seed, int tokens, RequestOptions options, int cancel) {}

  /** Prompts of a few families that begin alike. */
  private static List<Request> requests(Random random, int count) {
    List<Request> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] prompt = prompt(random.nextInt(FAMILIES), 1 + random.nextInt(170));
      int own = random.nextInt(prompt.length + 1);
      for (int k = own; k < prompt.length; k++) {
        prompt[k] = 3 + random.nextInt(400);
      }
      RequestOptions.Builder options =
          RequestOptions.builder()
              .priority(random.nextInt(3))
              .scope(random.nextBoolean() ? "a" : "b");
      if (random.nextInt(8) == 0) {
        options.timeout(Duration.ofMillis(1 + random.nextInt(200)));
      }
      int cancel = random.nextInt(4) == 0 ? random.nextInt(20) : Integer.MAX_VALUE;
      list.add(
          new Request(prompt, random.nextInt(3), 1 + random.nextInt(70), options.build(), cancel));
    }
    return list;
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama_tiny.Q4_0.gguf", "deepseek_v3_tiny.Q8_0.gguf"})
  void theLoadChangesNothing(String name) throws InterruptedException {
    Path model = Load.LLAMA.resolveSibling(name);
    List<Request> requests = requests(new Random(5), 120);
    List<int[]> alone = new ArrayList<>();
    try (Engine engine = Engine.open(model)) {
      for (Request r : requests) {
        alone.add(engine.submit(r.prompt, sampled(r.seed, r.tokens)).await());
      }
    }
    EngineOptions options =
        EngineOptions.builder()
            .contextLength(256)
            .cacheTokens(640)
            .maxBatchTokens(48)
            .maxSequences(7)
            .diskCache(new EngineOptions.DiskCache(folder, 1 << 20))
            .build();
    long hits = 0;
    long preemptions = 0;
    long diskHits = 0;
    for (int round = 0; round < 3; round++) {
      try (Engine engine = Engine.open(model, options)) {
        run(engine, requests, alone, new Random(round));
        until(() -> {
          EngineStatus s = engine.status();
          return s.finished() == requests.size() && s.pagesFree() == s.pagesTotal();
        });
        EngineStatus end = engine.status();
        assertThat(end.running() + end.waiting()).isZero();
        hits += end.prefixHitTokens();
        preemptions += end.preemptions();
        diskHits += end.diskHitTokens();
      }
    }
    assertThat(hits).isPositive();
    assertThat(preemptions).isPositive();
    assertThat(diskHits).isPositive();
  }

  /** Four users at once, each with a quarter of the requests. */
  private static void run(Engine engine, List<Request> requests, List<int[]> alone, Random random)
      throws InterruptedException {
    List<Thread> users = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (int u = 0; u < 4; u++) {
      int user = u;
      long seed = random.nextLong();
      users.add(
          Thread.ofVirtual()
              .uncaughtExceptionHandler((thread, e) -> {
                synchronized (failures) {
                  failures.add(e);
                }
              })
              .start(() -> use(engine, requests, alone, user, new Random(seed))));
    }
    for (Thread user : users) {
      user.join();
    }
    assertThat(failures).isEmpty();
  }

  private static void use(
      Engine engine, List<Request> requests, List<int[]> alone, int user, Random random) {
    try {
      int next = user;
      while (next < requests.size()) {
        List<Integer> which = new ArrayList<>();
        List<Generation> running = new ArrayList<>();
        for (int i = random.nextInt(8); i >= 0 && next < requests.size(); i--, next += 4) {
          Request r = requests.get(next);
          which.add(next);
          running.add(
              engine.submit(r.prompt, sampled(r.seed, r.tokens), TokenGuide.NONE, r.options));
        }
        for (int i = 0; i < running.size(); i++) {
          check(requests.get(which.get(i)), running.get(i), alone.get(which.get(i)));
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void check(Request r, Generation g, int[] alone) throws InterruptedException {
    if (r.cancel < r.tokens) {
      boolean ignored = g.token(r.cancel).isPresent();
      g.cancel();
    }
    int[] answer = g.await();
    FinishReason reason = g.finishReason().orElseThrow();
    assertThat(answer).isEqualTo(Arrays.copyOf(alone, answer.length));
    switch (reason) {
      case LENGTH -> assertThat(answer).hasSize(r.tokens);
      case CANCELLED -> assertThat(r.cancel).isLessThan(r.tokens);
      case TIMEOUT -> assertThat(r.options.timeout()).isPresent();
      case STOP -> throw new AssertionError("an end of generation was not asked for");
    }
    assertThat(g.usage().cachedTokens()).isLessThan(Math.max(1, r.prompt.length));
  }
}
