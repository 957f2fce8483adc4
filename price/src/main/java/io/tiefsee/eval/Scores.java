package io.tiefsee.eval;

import java.util.List;

/** Scores of several answers to one question. */
public final class Scores {
  private Scores() {}

  /**
   * The chance that at least one of {@code k} answers is right, estimated without bias from more of
   * them: {@code 1 − C(n−c, k) / C(n, k)} (Chen et al. 2021). With {@code k = 1} it is the share of
   * right answers.
   *
   * @param samples n, how many answers there are
   * @param right c, how many of them are right
   * @throws IllegalArgumentException unless {@code 1 ≤ k ≤ n} and {@code 0 ≤ c ≤ n}
   */
  public static double passAt(int k, int samples, int right) {
    if (k < 1 || k > samples || right < 0 || right > samples) {
      throw new IllegalArgumentException(
          "pass@%d of %d answers, %d of them right".formatted(k, samples, right));
    }
    double allWrong = 1;
    for (int i = 0; i < k; i++) {
      allWrong *= Math.max(0, samples - right - i) / (double) (samples - i);
    }
    return 1 - allWrong;
  }

  /**
   * cons@k: whether the majority of the answers is right. Answers of which nothing could be read
   * have no vote; with no vote at all the question counts as wrong.
   *
   * @param verdicts on the k answers
   */
  public static boolean consensus(List<Verdict> verdicts) {
    return Vote.of(verdicts.stream().map(Verdict::extracted).toList())
        .winner()
        .map(group ->
            group.samples().stream()
                .map(verdicts::get)
                .filter(v -> v.extracted().strip().equals(group.answer()))
                .anyMatch(Verdict::correct))
        .orElse(false);
  }
}
