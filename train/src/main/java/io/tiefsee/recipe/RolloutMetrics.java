package io.tiefsee.recipe;

import java.util.List;
import java.util.Map;

/** What is worth watching in a step's samples. */
final class RolloutMetrics {
  private RolloutMetrics() {}

  /**
   * Adds mean reward, accuracy, majority, length, form and looks back of all answers.
   *
   * @param rewards of the answers, [groups][group]
   */
  static void put(List<Rollout.Group> groups, List<double[]> rewards, Map<String, Double> metrics) {
    double reward = 0;
    double correct = 0;
    double formed = 0;
    double length = 0;
    double truncated = 0;
    double majority = 0;
    double verdicts = 0;
    double checks = 0;
    double restarts = 0;
    double n = 0;
    for (double[] ofGroup : rewards) {
      for (double r : ofGroup) {
        reward += r;
      }
    }
    for (Rollout.Group g : groups) {
      majority += g.majority() ? 1 : 0;
      for (Rollout r : g.rollouts()) {
        correct += r.marks().correct() ? 1 : 0;
        formed += r.marks().wellFormed() ? 1 : 0;
        truncated += r.truncated() ? 1 : 0;
        length += r.length();
        SelfChecks looks = SelfChecks.of(r.marks().thinking());
        verdicts += looks.verdicts();
        checks += looks.checks();
        restarts += looks.restarts();
        n++;
      }
    }
    metrics.put(Metrics.REWARD, reward / n);
    metrics.put(Metrics.ACCURACY, correct / n);
    metrics.put("majority", majority / groups.size());
    metrics.put("well_formed", formed / n);
    metrics.put(Metrics.LENGTH, length / n);
    metrics.put(Metrics.TRUNCATED, truncated / n);
    metrics.put(Metrics.VERDICTS, verdicts / n);
    metrics.put(Metrics.CHECKS, checks / n);
    metrics.put(Metrics.RESTARTS, restarts / n);
  }
}
