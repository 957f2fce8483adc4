package io.tiefsee.eval;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A mean with its 95 % confidence interval.
 *
 * @param low at least 0 and at most {@code value} for shares
 * @param high at least {@code value}
 */
public record Interval(double value, double low, double high) {
  private static final int RESAMPLES = 4000;
  private static final double LEVEL = 0.95;

  /** The standard normal's quantile of 97.5 %. */
  private static final double Z = 1.959963984540054;

  /**
   * The mean share of right answers over questions: by {@link #bootstrap} where questions were
   * asked several times, by {@link #wilson} where each was asked once. Wilson's too where all
   * questions scored 0 or all scored 1, since resampling equal numbers would claim certainty.
   *
   * @param scores the share of right answers of each question, 0 to 1
   * @throws IllegalArgumentException if there are none
   */
  public static Interval of(double[] scores, long seed) {
    long ones = Arrays.stream(scores).filter(s -> s == 1).count();
    boolean single = Arrays.stream(scores).allMatch(s -> s == 0 || s == 1);
    return single ? wilson(ones, scores.length) : bootstrap(scores, seed);
  }

  /**
   * The percentile bootstrap over questions (Efron 1979): questions are drawn with replacement,
   * {@value #RESAMPLES} times; the interval lies between the quantiles 2.5 % and 97.5 % of their
   * means. The draws within a question are not independent, so questions are resampled, not draws.
   *
   * @param scores one number per question
   * @throws IllegalArgumentException if there are none
   */
  public static Interval bootstrap(double[] scores, long seed) {
    int n = scores.length;
    if (n == 0) {
      throw new IllegalArgumentException("there are no questions");
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += scores[random.nextInt(n)];
      }
      means[r] = sum / n;
    }
    Arrays.sort(means);
    double mean = Arrays.stream(scores).sum() / n;
    return new Interval(
        mean,
        Math.min(mean, quantile(means, (1 - LEVEL) / 2)),
        Math.max(mean, quantile(means, (1 + LEVEL) / 2)));
  }

  /** Between the two nearest of the sorted values, linearly. */
  private static double quantile(double[] sorted, double q) {
    double at = q * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /**
   * Wilson's score interval of a share (Wilson 1927): right also for few trials and for shares near
   * 0 and 1.
   *
   * @throws IllegalArgumentException if there are no trials, or more successes than trials
   */
  public static Interval wilson(long successes, long trials) {
    if (trials <= 0 || successes < 0 || successes > trials) {
      throw new IllegalArgumentException(successes + " successes in " + trials + " trials");
    }
    double n = trials;
    double share = successes / n;
    double centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n);
    double half = Z / (1 + Z * Z / n) * Math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
    return new Interval(
        share, Math.clamp(centre - half, 0, share), Math.clamp(centre + half, share, 1));
  }
}
