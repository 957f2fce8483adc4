package io.tiefsee.arena;

import io.tiefsee.eval.Interval;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Two scores on the same questions.
 *
 * @param a the one that comes first in the arena
 * @param b the other
 * @param difference accuracy of b less that of a, with its interval of 95 % by the paired bootstrap
 *     over questions
 * @param onlyA questions that only a gets right, by its first k samples
 * @param onlyB questions that only b gets right
 * @param p of the exact test of McNemar
 * @param adjusted p after Holm, for all pairs of the arena together
 */
public record Paired(
    Score a, Score b, Interval difference, int onlyA, int onlyB, double p, double adjusted) {
  /** By which a difference is called significant. */
  private static final double LEVEL = 0.05;

  public boolean isSignificant() {
    return adjusted < LEVEL;
  }

  /** All pairs of scores on the same questions. */
  public static List<Paired> of(List<Score> scores) {
    List<Paired> pairs = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      for (int j = i + 1; j < scores.size(); j++) {
        pairs.add(of(scores.get(i), scores.get(j)));
      }
    }
    List<Double> adjusted = holm(pairs.stream().map(Paired::p).toList());
    return IntStream.range(0, pairs.size())
        .mapToObj(i -> pairs.get(i).with(adjusted.get(i)))
        .toList();
  }

  private static Paired of(Score a, Score b) {
    int n = a.accuracies().size();
    double[] differences =
        IntStream.range(0, n)
            .mapToDouble(i -> b.accuracies().get(i) - a.accuracies().get(i))
            .toArray();
    int onlyA = count(a, b);
    int onlyB = count(b, a);
    double p = mcNemar(onlyA, onlyB);
    return new Paired(a, b, Interval.bootstrap(differences, Score.SEED), onlyA, onlyB, p, p);
  }

  private static int count(Score right, Score wrong) {
    return (int)
        IntStream.range(0, right.firsts().size())
            .filter(i -> right.firsts().get(i) && !wrong.firsts().get(i))
            .count();
  }

  private Paired with(double newAdjusted) {
    return new Paired(a, b, difference, onlyA, onlyB, p, newAdjusted);
  }

  /**
   * The exact test of McNemar (1947), two-sided: of the questions on which two differ, each is as
   * likely to be won by the one as by the other, if they are equally good. So p is twice the
   * binomial's tail, 1 at most.
   *
   * @param onlyA questions that only the one gets right
   * @param onlyB questions that only the other gets right
   */
  static double mcNemar(int onlyA, int onlyB) {
    int n = onlyA + onlyB;
    BigInteger ways = BigInteger.ONE;
    BigInteger tail = BigInteger.ZERO;
    for (int i = 0; i <= Math.min(onlyA, onlyB); i++) {
      tail = tail.add(ways);
      ways = ways.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1L));
    }
    // 2^-n is too small for a double where there are many questions; so 64 bits are kept.
    int excess = Math.max(0, tail.bitLength() - 64);
    return Math.min(1, Math.scalb(tail.shiftRight(excess).doubleValue(), excess + 1 - n));
  }

  /**
   * Holm's adjustment (1979): the smallest p times their number, the next times one less, and so
   * on; none less than the one before, none above 1. What is below the level then is wrong, in any
   * of the pairs, with at most that chance.
   */
  static List<Double> holm(List<Double> ps) {
    List<Integer> order =
        IntStream.range(0, ps.size()).boxed().sorted(Comparator.comparing(ps::get)).toList();
    double[] adjusted = new double[ps.size()];
    double most = 0;
    for (int rank = 0; rank < order.size(); rank++) {
      int i = order.get(rank);
      most = Math.max(most, Math.min(1, ps.get(i) * (ps.size() - rank)));
      adjusted[i] = most;
    }
    return IntStream.range(0, ps.size()).mapToObj(i -> adjusted[i]).toList();
  }
}
