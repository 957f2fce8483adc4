package io.tiefsee.recipe;

import io.tiefsee.eval.Interval;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A score on held-out questions, each answered several times.
 *
 * @param questions how many
 * @param samples answers to each
 * @param pass1 share of right answers: the chance that one sample is right
 * @param majority share of questions whose most frequent final answer is right
 * @param length mean tokens of an answer
 * @param truncated share of answers that the limit cut
 */
public record Evaluation(
    int questions,
    int samples,
    Interval pass1,
    Interval majority,
    double length,
    double truncated) {
  private static final long SEED = 1;

  /** The score of these answers; all groups of one size. */
  public static Evaluation of(List<Rollout.Group> groups) {
    List<Rollout> all = groups.stream().flatMap(g -> g.rollouts().stream()).toList();
    return new Evaluation(
        groups.size(),
        groups.isEmpty() ? 0 : groups.getFirst().rollouts().size(),
        interval(groups, Rollout.Group::accuracy),
        interval(groups, g -> g.majority() ? 1 : 0),
        all.stream().mapToInt(Rollout::length).average().orElse(0),
        all.stream().mapToInt(r -> r.truncated() ? 1 : 0).average().orElse(0));
  }

  private static Interval interval(
      List<Rollout.Group> groups, ToDoubleFunction<Rollout.Group> score) {
    return groups.isEmpty()
        ? new Interval(0, 0, 1)
        : Interval.of(groups.stream().mapToDouble(score).toArray(), SEED);
  }

  /** Adds the score to a step's metrics. */
  void into(Map<String, Double> metrics) {
    metrics.put(Metrics.PASS_1, pass1.value());
    metrics.put("pass@1_low", pass1.low());
    metrics.put("pass@1_high", pass1.high());
    metrics.put(Metrics.MAJORITY, majority.value());
    metrics.put("held_out_length", length);
    metrics.put("held_out_truncated", truncated);
  }
}
