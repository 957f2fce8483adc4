package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.eval.Interval;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewardTest {
  private static Rollout rollout(boolean correct, String extracted, int length, String thinking) {
    return new Rollout(
        new int[length],
        new float[length],
        false,
        new Question.Marks(correct, !extracted.isEmpty(), extracted, thinking, extracted));
  }

  private static Rollout.Group group(Rollout... rollouts) {
    return new Rollout.Group(new Toys.Echo(3, 2), List.of(rollouts));
  }

  @Test
  void advantages() {
    assertThat(Advantages.of(new double[] {1, 0, 0, 0}, false))
        .containsExactly(0.75, -0.25, -0.25, -0.25);
    double[] scaled = Advantages.of(new double[] {1, 0, 0, 0}, true);
    assertThat(scaled[0]).isCloseTo(Math.sqrt(3), within(1e-3));
    assertThat(scaled[1]).isCloseTo(-1 / Math.sqrt(3), within(1e-3));
    assertThat(Advantages.of(new double[] {0.1, 0.1, 0.1}, false)).containsExactly(0, 0, 0);
    assertThat(Advantages.differ(new double[] {0.1, 0.1})).isFalse();
    assertThat(Advantages.differ(new double[] {0.1, 0.1, 1})).isTrue();
  }

  @Test
  void rulesAddUp() {
    Rollout.Group g =
        group(
            rollout(true, "7", 10, "so"),
            rollout(false, "8", 20, "сo"),
            rollout(false, "", 30, ""));
    assertThat(new Reward(1, 0.1, 0, 0).of(g)).containsExactly(1.1, 0.1, 0);
    assertThat(new Reward(0, 0, 2, 0).of(g)).containsExactly(2, 1, 2);
    assertThat(new Reward(0, 0, 0, 1).of(g)).containsExactly(0.5, 0, -0.5);
  }

  @Test
  void softPunishmentOfLongAnswers() {
    GrpoConfig c =
        Configs.with(
            GrpoConfig.DEFAULTS,
            "overlong",
            GrpoConfig.Overlong.PUNISH,
            "maxTokens",
            100,
            "overlongCache",
            20);
    Rollout.Group g =
        group(rollout(true, "7", 80, ""), rollout(true, "7", 90, ""), rollout(true, "7", 100, ""));
    double[] rewards = c.rewards(g);
    assertThat(rewards[0]).isCloseTo(1.1, within(1e-12));
    assertThat(rewards[1]).isCloseTo(0.6, within(1e-12));
    assertThat(rewards[2]).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void majorityCountsFinalAnswers() {
    assertThat(
            group(rollout(true, "7", 1, ""), rollout(false, "8", 1, ""), rollout(true, "7", 1, ""))
                .majority())
        .isTrue();
    assertThat(
            group(rollout(true, "7", 1, ""), rollout(false, "8", 1, ""), rollout(false, "8", 1, ""))
                .majority())
        .isFalse();
    assertThat(
            group(rollout(true, "7", 1, ""), rollout(false, "", 1, ""), rollout(false, "", 1, ""))
                .majority())
        .isTrue();
    assertThat(group(rollout(false, "", 1, "")).majority()).isFalse();
  }

  @Test
  void evaluationCountsQuestionsAndAnswers() {
    List<Rollout.Group> groups = new ArrayList<>();
    groups.add(group(rollout(true, "7", 10, ""), rollout(false, "8", 30, "")));
    groups.add(group(rollout(false, "8", 10, ""), rollout(false, "8", 30, "")));
    Evaluation e = Evaluation.of(groups);
    assertThat(e.questions()).isEqualTo(2);
    assertThat(e.pass1().value()).isEqualTo(0.25);
    assertThat(e.pass1().low()).isLessThan(0.25);
    assertThat(e.majority()).isEqualTo(Interval.wilson(1, 2));
    assertThat(e.length()).isEqualTo(20);
  }
}
