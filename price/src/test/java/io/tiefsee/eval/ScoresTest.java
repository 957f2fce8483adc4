package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScoresTest {
  @Test
  void wilsonGivesThePublishedIntervals() {
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    assertInterval(Interval.wilson(81, 263), 0.2553, 0.3662);
    assertInterval(Interval.wilson(15, 148), 0.0624, 0.1605);
    assertInterval(Interval.wilson(0, 20), 0.0, 0.1611);
    assertInterval(Interval.wilson(1, 29), 0.0061, 0.1718);
    assertInterval(Interval.wilson(29, 29), 0.8830, 1.0);
    assertThatThrownBy(() -> Interval.wilson(3, 2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Interval.wilson(0, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertInterval(Interval interval, double low, double high) {
    assertThat(interval.low()).isCloseTo(low, within(0.00006));
    assertThat(interval.high()).isCloseTo(high, within(0.00006));
  }

  @Test
  void theBootstrapNearsTheNormalInterval() {
    SplittableRandom random = new SplittableRandom(5);
    double[] scores = new double[400];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextInt(9) / 8.0;
    }
    double mean = 0;
    double square = 0;
    for (double s : scores) {
      mean += s / scores.length;
      square += s * s / scores.length;
    }
    double half = 1.96 * Math.sqrt((square - mean * mean) / scores.length);
    Interval interval = Interval.bootstrap(scores, 1);
    assertThat(interval.value()).isCloseTo(mean, within(1e-12));
    assertThat(interval.low()).isCloseTo(mean - half, within(half / 10));
    assertThat(interval.high()).isCloseTo(mean + half, within(half / 10));
    assertThat(Interval.bootstrap(scores, 1)).isEqualTo(interval);
    assertThat(Interval.of(scores, 1)).isEqualTo(interval);
  }

  @Test
  void itCoversTheTruthInAboutNineteenOfTwentyCases() {
    SplittableRandom random = new SplittableRandom(11);
    int covered = 0;
    for (int run = 0; run < 300; run++) {
      double[] scores = new double[60];
      for (int q = 0; q < scores.length; q++) {
        // A question's own chance is even over 0 to 1, so that the mean of all questions is 1/2.
        double chance = random.nextDouble();
        for (int k = 0; k < 8; k++) {
          scores[q] += random.nextDouble() < chance ? 1 / 8.0 : 0;
        }
      }
      Interval interval = Interval.of(scores, run);
      covered += interval.low() <= 0.5 && 0.5 <= interval.high() ? 1 : 0;
    }
    assertThat(covered).isBetween(270, 297);
  }

  @Test
  void singleDrawsAndEqualScoresAreNotClaimedToBeCertain() {
    assertThat(Interval.of(new double[] {1, 0, 1, 1}, 1)).isEqualTo(Interval.wilson(3, 4));
    assertThat(Interval.of(new double[] {1, 1, 1}, 1).low()).isLessThan(0.5);
    assertThat(Interval.of(new double[] {0, 0, 0}, 1).high()).isGreaterThan(0.5);
    assertThatThrownBy(() -> Interval.of(new double[0], 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void passAtKIsTheChanceOfOneRightAnswer() {
    assertThat(Scores.passAt(1, 8, 2)).isCloseTo(0.25, within(1e-12));
    // 1 − C(3,2)/C(5,2) = 1 − 3/10
    assertThat(Scores.passAt(2, 5, 2)).isCloseTo(0.7, within(1e-12));
    assertThat(Scores.passAt(4, 5, 2)).isEqualTo(1);
    assertThat(Scores.passAt(5, 5, 0)).isEqualTo(0);
    assertThatThrownBy(() -> Scores.passAt(3, 2, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void votesAreCountedByValue() {
    Vote vote = Vote.of(List.of("0.5", "7", "1/2", "", "x = 1/2", "7", "0.50", "1/2"));
    assertThat(vote.groups())
        .containsExactly(
            new Vote.Group("1/2", List.of(0, 2, 4, 6, 7)), new Vote.Group("7", List.of(1, 5)));
    assertThat(vote.winner()).contains(vote.groups().getFirst());
    assertThat(Vote.of(List.of("", " ")).winner()).isEmpty();
    assertThat(Vote.of(List.of("b", "a", "a", "b")).winner())
        .contains(new Vote.Group("b", List.of(0, 3)));
  }

  @Test
  void votesForFormulasAreCountedByValueToo() {
    Vote vote =
        Vote.of(
            List.of("2\\sqrt{2}", "x^2-1", "\\sqrt{8}", "50\\%", "(x-1)(x+1)", "\\frac12", "√8"));
    assertThat(vote.groups().stream().map(Vote.Group::samples))
        .containsExactly(List.of(0, 2, 6), List.of(1, 4), List.of(3, 5));
    assertThat(Vote.finalAnswer("So the answer is \\(\\sqrt8\\).")).isEqualTo("\\sqrt8");
  }

  @Test
  void findsTheFinalAnswerOfAnyText() {
    assertThat(Vote.finalAnswer("We try 7.\n\nThe answer is **12**.")).isEqualTo("12");
    assertThat(Vote.finalAnswer("So \\boxed{\\frac{1}{2}} it is.\nReally."))
        .isEqualTo("\\frac{1}{2}");
    assertThat(Vote.finalAnswer("It costs $18 in all.")).isEqualTo("18");
    assertThat(Vote.finalAnswer("Paris")).isEqualTo("Paris");
    assertThat(Vote.finalAnswer("\\boxed{7")).isEmpty();
    assertThat(Vote.finalAnswer(" \n ")).isEmpty();
  }

  @Test
  void theConsensusIsTheMajoritysVerdict() {
    Problem problem = Tasks.find("arithmetic").generate(1, Split.TEST, 1);
    String right = ReferenceAnswer.of(problem);
    String wrong = right + "1";
    assertThat(consensus(problem, right, wrong, right, "no idea")).isTrue();
    assertThat(consensus(problem, right, wrong, wrong + ".0", right + "?")).isFalse();
    assertThat(consensus(problem, "no idea")).isFalse();
  }

  private static boolean consensus(Problem problem, String... answers) {
    return Scores.consensus(
        List.of(answers).stream().map(a -> Verifier.verify(problem, a)).toList());
  }
}
