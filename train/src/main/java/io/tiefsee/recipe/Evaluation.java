package io.tiefsee.recipe;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A score on held-out questions, each answered several times.
 *
 * @param questions how many
 * @param samples answers to each
 * @param pass1 share of right answers: the chance that one sample is right
 * @param pass1Interval 95 %
 * @param majority share of questions whose most frequent final answer is right
 * @param majorityInterval 95 %
 * @param length mean tokens of an answer
 * @param truncated share of answers that the limit cut
 */
public record Evaluation(
    int questions,
    int samples,
    double pass1,
    Interval pass1Interval,
    double majority,
    Interval majorityInterval,
    double length,
    double truncated) {
  private static final int RESAMPLES = 2000;

  /** The normal distribution's 97.5th percentile. */
  private static final double Z = 1.959964;

  /** From low to high. */
  public record Interval(double low, double high) {
    /** Score interval of a share k / n (Wilson, 1927). */
    public static Interval wilson(double share, int n) {
      if (n == 0) {
        return new Interval(0, 1);
      }
      double z2 = Z * Z / n;
      double centre = (share + z2 / 2) / (1 + z2);
      double half = Z / (1 + z2) * Math.sqrt((share * (1 - share) + z2 / 4) / n);
      return new Interval(Math.max(0, centre - half), Math.min(1, centre + half));
    }

    /**
     * Percentile bootstrap of a mean (Efron, 1979), with a fixed seed. The values are drawn, not
     * what they are means of: answers to one question are no independent witnesses.
     */
    public static Interval bootstrap(double[] values) {
      if (values.length == 0) {
        return new Interval(0, 1);
      }
      Random random = new Random(1);
      double[] means = new double[RESAMPLES];
      for (int i = 0; i < RESAMPLES; i++) {
        for (int j = 0; j < values.length; j++) {
          means[i] += values[random.nextInt(values.length)] / values.length;
        }
      }
      Arrays.sort(means);
      return new Interval(means[RESAMPLES * 25 / 1000], means[RESAMPLES * 975 / 1000 - 1]);
    }
  }

  /** The score of these answers; all groups of one size. */
  public static Evaluation of(List<Rollout.Group> groups) {
    double[] accuracies = groups.stream().mapToDouble(Rollout.Group::accuracy).toArray();
    double majority = groups.stream().mapToDouble(g -> g.majority() ? 1 : 0).average().orElse(0);
    List<Rollout> all = groups.stream().flatMap(g -> g.rollouts().stream()).toList();
    return new Evaluation(
        groups.size(),
        groups.isEmpty() ? 0 : groups.getFirst().rollouts().size(),
        Arrays.stream(accuracies).average().orElse(0),
        Interval.bootstrap(accuracies),
        majority,
        Interval.wilson(majority, groups.size()),
        all.stream().mapToInt(Rollout::length).average().orElse(0),
        all.stream().mapToInt(r -> r.truncated() ? 1 : 0).average().orElse(0));
  }

  /** Adds the score to a step's metrics. */
  void into(Map<String, Double> metrics) {
    metrics.put(Metrics.PASS_1, pass1);
    metrics.put("pass@1_low", pass1Interval.low);
    metrics.put("pass@1_high", pass1Interval.high);
    metrics.put(Metrics.MAJORITY, majority);
    metrics.put("held_out_length", length);
    metrics.put("held_out_truncated", truncated);
  }
}
