package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.train.TrainableModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recipe on a toy, from nothing: which of two numbers is the larger? The demonstrator of the
 * cold start only shows the form and names either number; that the larger one pays, reinforcement
 * learning finds out by itself, and it holds for pairs that were never seen.
 */
final class ToyTest {
  private static final int NUMBERS = 24;
  private static final int BEGIN = NUMBERS;
  private static final int END = NUMBERS + 1;
  private static final int HELD_OUT = 150;

  private static final ModelSpec SPEC =
      new ModelSpec(
          "deepseek2",
          "toy",
          32,
          NUMBERS + 2,
          64,
          1e-6f,
          new AttentionSpec.Mla(2, 0, 32, 16, 8, 16, (float) (1 / Math.sqrt(24))),
          new RopeSpec(8, 10_000, true, new RopeSpec.None()),
          List.of(
              new FfnSpec.Dense(64),
              new FfnSpec.Moe(4, 2, 32, 32, FfnSpec.Gate.SIGMOID, true, 1f, 1, 1)));

  private static final StageConfig CONFIG =
      StageConfig.parse(
          "toy",
          """
          [sft]
          steps = 400
          batch = 32
          optimiser.learning_rate = 5e-3
          [grpo]
          steps = 60
          prompts = 24
          group = 8
          max_tokens = 3
          format_reward = 0.0
          optimiser.learning_rate = 2e-3
          [eval]
          samples = 1
          max_tokens = 3
          every = 0
          [output]
          checkpoint_every = 30
          """,
          List.of());

  /** Two different numbers; right is the larger one, then the end. */
  private record Pair(int a, int b) implements Question {
    @Override
    public String id() {
      return a + "," + b;
    }

    @Override
    public String text() {
      return id();
    }

    @Override
    public int[] prompt() {
      return new int[] {BEGIN, a, b};
    }

    @Override
    public Marks mark(int[] tokens) {
      boolean formed = tokens.length == 1 && tokens[0] < NUMBERS;
      boolean right = formed && tokens[0] == Math.max(a, b);
      return new Marks(right, formed, formed ? "" + tokens[0] : "", "", "");
    }
  }

  private final List<Pair> train = new ArrayList<>();
  private final List<Question> heldOut = new ArrayList<>();
  @TempDir private Path temp = Path.of("");

  private Pair draw(SplittableRandom random) {
    return train.get(random.nextInt(train.size()));
  }

  @Test
  void reinforcementLearningLiftsTheHeldOutScoreBeyondChance() {
    List<Pair> all = new ArrayList<>();
    for (int a = 0; a < NUMBERS; a++) {
      for (int b = 0; b < NUMBERS; b++) {
        if (a != b) {
          all.add(new Pair(a, b));
        }
      }
    }
    Collections.shuffle(all, new Random(1));
    heldOut.addAll(all.subList(0, HELD_OUT));
    train.addAll(all.subList(HELD_OUT, all.size()));
    assertThat(train).doesNotContainAnyElementsOf(heldOut.stream().map(q -> (Pair) q).toList());

    try (TrainableModel model = TrainableModel.random(SPEC, true, 0.05, 1);
        RunFolder folder = RunFolder.open(temp, "toy", CONFIG, n -> {})) {
      StageRunner runner =
          new StageRunner(folder, CONFIG.output(), StageRunner.View.NONE, () -> false);
      int before = coldStart(model, runner);
      int after = reinforce(model, runner);
      // The cold start has the form, and guesses: half of the answers are right.
      assertThat(before).isBetween(HELD_OUT / 3, HELD_OUT * 2 / 3);
      assertThat(atLeast(after, HELD_OUT, (double) before / HELD_OUT)).isLessThan(1e-6);
    }
  }

  private int coldStart(TrainableModel model, StageRunner runner) {
    Example.Source demonstrations =
        (step, index) -> {
          SplittableRandom random = new SplittableRandom(Seeds.of(1, step, index));
          Pair p = draw(random);
          int answer = random.nextBoolean() ? p.a : p.b;
          return new Example(
              new int[] {BEGIN, p.a, p.b, answer, END},
              new boolean[] {false, false, false, true, true});
        };
    try (Learner learner = learner(model, CONFIG.sft().optimiser());
        Sft sft = new Sft("sft", CONFIG.sft(), learner, demonstrations)) {
      assertThat(runner.run(sft, Set.of())).isTrue();
    }
    return right(model);
  }

  private int reinforce(TrainableModel model, StageRunner runner) {
    Question.Source questions =
        (step, index) -> draw(new SplittableRandom(Seeds.of(2, step, index)));
    try (Learner learner = learner(model, CONFIG.grpo().optimiser());
        Grpo grpo =
            new Grpo(
                "grpo",
                CONFIG.seed(),
                CONFIG.grpo(),
                CONFIG.eval(),
                learner,
                questions,
                List.of(),
                Set.of(END),
                Isa.best(),
                1)) {
      assertThat(runner.run(grpo, Set.of("sft"))).isTrue();
    }
    return right(model);
  }

  private static Learner learner(TrainableModel model, OptimiserConfig o) {
    return new Learner(
        model, new Learner.Options(o.adamW(), (float) o.balance(), 4096), Isa.best(), 1);
  }

  /** Held-out questions that are answered right, each asked once. */
  private int right(TrainableModel model) {
    Rollouts.Room room = new Rollouts.Room(64, 4096);
    try (Rollouts rollouts = new Rollouts(model.transformer(), Set.of(END), room, Isa.best(), 1)) {
      return (int)
          rollouts.sample(heldOut, 1, new Rollouts.Sampling(1, 3), 7, 0).stream()
              .filter(g -> g.accuracy() == 1)
              .count();
    }
  }

  /** Chance of at least k hits in n throws of a coin that hits with p: the binomial test. */
  private static double atLeast(int k, int n, double p) {
    double sum = 0;
    double logChoose = 0;
    for (int i = 0; i <= n; i++) {
      if (i >= k) {
        sum += Math.exp(logChoose + i * Math.log(p) + (n - i) * Math.log(1 - p));
      }
      logChoose += Math.log(n - i) - Math.log(i + 1);
    }
    return sum;
  }
}
