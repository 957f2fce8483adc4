package io.tiefsee.arena;

import io.tiefsee.eval.Interval;
import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Scores;
import io.tiefsee.eval.Verdict;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a contestant does where k answers vote on each question. With k = 1 accuracy is pass@1, else
 * cons@k. Where there are more samples than k, each k of them that follow each other vote, and the
 * accuracy of a question is the mean over these votes.
 *
 * @param trials all samples of all questions
 * @param accuracies of each question, 0 to 1
 * @param firsts of each question, whether the first k samples get it right
 * @param accuracy the mean over the questions
 * @param strict as accuracy, but only what is in the right form too counts as right
 * @param right how many votes of k answers were right
 * @param votes how many votes there were; {@code right / votes} is the accuracy, exactly
 * @param lengths of single answers
 * @param seconds that k answers to a question take, in the mean: their share of the time in which
 *     questions were being answered
 * @param bill what k answers to a question cost, in the mean; empty unless all have a bill
 */
public record Score(
    Contestant contestant,
    int k,
    List<Trial> trials,
    List<Double> accuracies,
    List<Boolean> firsts,
    Interval accuracy,
    Interval strict,
    int right,
    int votes,
    Lengths lengths,
    double seconds,
    Optional<Bill> bill) {
  private static final MathContext CONTEXT = MathContext.DECIMAL128;

  /** Of the bootstraps: the same trials give the same intervals. */
  static final long SEED = 1;

  /**
   * How long answers are.
   *
   * @param thinking tokens of the thoughts, in the mean
   * @param answer tokens after the thoughts, in the mean
   * @param truncated share of answers that a limit cut
   */
  public record Lengths(double thinking, double answer, double truncated) {
    static Lengths of(List<Trial> trials) {
      return new Lengths(
          trials.stream().mapToInt(t -> t.reply().tokens().thinking()).average().orElse(0),
          trials.stream().mapToInt(t -> t.reply().tokens().answer()).average().orElse(0),
          share(trials.stream().map(t -> t.reply().truncated()).toList()));
    }

    public double total() {
      return thinking + answer;
    }
  }

  /**
   * The score; empty if a question lacks an answer.
   *
   * @param billing makes the bills of the answers
   */
  static Optional<Score> of(
      Contestant contestant, int k, List<Problem> problems, TrialLog log, Billing billing) {
    int right = 0;
    List<Trial> trials = new ArrayList<>();
    List<Double> accuracies = new ArrayList<>();
    List<Boolean> firsts = new ArrayList<>();
    List<Double> stricts = new ArrayList<>();
    for (Problem problem : problems) {
      List<Verdict> verdicts = new ArrayList<>();
      for (int sample = 0; sample < contestant.samples(); sample++) {
        Optional<Trial> trial =
            log.find(new Trial.Key(contestant.fingerprint(), problem.id(), sample));
        if (trial.isEmpty()) {
          return Optional.empty();
        }
        trials.add(trial.get());
        verdicts.add(trial.get().verdict());
      }
      List<Boolean> votes = votes(verdicts, k);
      right += (int) votes.stream().filter(v -> v).count();
      accuracies.add(share(votes));
      firsts.add(votes.getFirst());
      stricts.add(share(votes(verdicts.stream().map(Score::strictly).toList(), k)));
    }
    return Optional.of(
        new Score(
            contestant,
            k,
            List.copyOf(trials),
            List.copyOf(accuracies),
            List.copyOf(firsts),
            interval(accuracies),
            interval(stricts),
            right,
            problems.size() * (contestant.samples() / k),
            Lengths.of(trials),
            k * trials.stream().mapToDouble(Trial::seconds).average().orElse(0),
            bill(trials, k, billing)));
  }

  /** A verdict that lets pass only what is in the right form. */
  private static Verdict strictly(Verdict v) {
    return new Verdict(v.strictlyCorrect(), v.wellFormed(), v.extracted(), v.why());
  }

  private static List<Boolean> votes(List<Verdict> verdicts, int k) {
    List<Boolean> votes = new ArrayList<>();
    for (int from = 0; from + k <= verdicts.size(); from += k) {
      List<Verdict> group = verdicts.subList(from, from + k);
      votes.add(k == 1 ? group.getFirst().correct() : Scores.consensus(group));
    }
    return votes;
  }

  private static double share(List<Boolean> of) {
    return of.stream().mapToInt(b -> b ? 1 : 0).average().orElse(0);
  }

  private static Interval interval(List<Double> of) {
    return Interval.of(of.stream().mapToDouble(Double::doubleValue).toArray(), SEED);
  }

  private static Optional<Bill> bill(List<Trial> trials, int k, Billing billing) {
    BigDecimal cost = BigDecimal.ZERO;
    BigDecimal marginal = BigDecimal.ZERO;
    BigDecimal joules = BigDecimal.ZERO;
    boolean metered = true;
    String method = "";
    for (Trial trial : trials) {
      Optional<Bill> bill = billing.bill(trial);
      if (bill.isEmpty()) {
        return Optional.empty();
      }
      cost = cost.add(bill.get().cost());
      marginal = marginal.add(bill.get().marginal());
      metered &= bill.get().joules().isPresent();
      joules = joules.add(bill.get().joules().orElse(BigDecimal.ZERO));
      method = bill.get().method();
    }
    return Optional.of(
        new Bill(
            each(cost, trials.size(), k),
            each(marginal, trials.size(), k),
            billing.currency(),
            metered ? Optional.of(each(joules, trials.size(), k)) : Optional.empty(),
            method));
  }

  private static BigDecimal each(BigDecimal all, int trials, int k) {
    return all.multiply(BigDecimal.valueOf(k)).divide(BigDecimal.valueOf(trials), CONTEXT);
  }

  /** Of a question, as a pair of contestant and k is named. */
  public String title() {
    return contestant.title() + (k == 1 ? "" : ", k = " + k);
  }

  /** Cost of k answers, over accuracy; empty if there is no bill or nothing is right. */
  public Optional<BigDecimal> costPerCorrect() {
    return bill.flatMap(b -> perCorrect(b.cost()));
  }

  public Optional<BigDecimal> joulesPerCorrect() {
    return bill.flatMap(Bill::joules).flatMap(this::perCorrect);
  }

  public Optional<BigDecimal> secondsPerCorrect() {
    return perCorrect(BigDecimal.valueOf(seconds));
  }

  /** Of something of all trials together, the part of k answers to a question. */
  BigDecimal perAnswer(BigDecimal ofAll) {
    return each(ofAll, trials.size(), k);
  }

  /** Of something of k answers to a question, over accuracy; empty if nothing is right. */
  Optional<BigDecimal> perCorrect(BigDecimal perAnswer) {
    return right == 0
        ? Optional.empty()
        : Optional.of(
            perAnswer
                .multiply(BigDecimal.valueOf(votes))
                .divide(BigDecimal.valueOf(right), CONTEXT));
  }

  /**
   * Whether another is at least as good in accuracy and in cost per right answer, and not equal.
   */
  private boolean isDominatedBy(Score other) {
    int cheaper = other.costPerCorrect().orElseThrow().compareTo(costPerCorrect().orElseThrow());
    int better = Double.compare(other.accuracy.value(), accuracy.value());
    return cheaper <= 0 && better >= 0 && (cheaper < 0 || better > 0);
  }

  /** Whether no other is better in one of accuracy and cost per right answer, and not worse. */
  public boolean isOnFront(List<Score> all) {
    return costPerCorrect().isPresent()
        && all.stream().filter(s -> s.costPerCorrect().isPresent()).noneMatch(this::isDominatedBy);
  }
}
