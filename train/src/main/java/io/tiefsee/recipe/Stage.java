package io.tiefsee.recipe;

import java.util.List;
import java.util.Map;

/**
 * One stage of the recipe: a number of steps that can be stopped after any of them and gone on with
 * later to the same bits. So everything random in a step derives from the run's seed, the stage's
 * name, the step and an index within it; and what one step leaves for the next is in {@link
 * #state}.
 *
 * <p>A stage is made anew from its configuration at each start; what a checkpoint holds is then
 * copied into its state. One thread calls.
 */
public interface Stage extends AutoCloseable {
  /** Name in the log and of the checkpoints: lower case, digits and hyphens. */
  String name();

  /** Steps in all. */
  long steps();

  /**
   * Takes a step.
   *
   * @param step counted from 0
   * @throws io.tiefsee.tensor.BadInput if it cannot go on, like after a loss that is not finite;
   *     the run then ends with that line, and the last good checkpoint stays
   */
  Step step(long step);

  /** Live views of all that one step leaves for the next. */
  StageState state();

  @Override
  void close();

  /**
   * What a step did.
   *
   * @param metrics by name; see {@link Metrics} for the names that the reports draw
   * @param samples some answers to look at, or none
   * @param kept rows that a stage which makes a data set adds to it; the runner writes them so that
   *     a run that is cut and goes on has each of them once
   */
  record Step(Map<String, Double> metrics, List<Sample> samples, List<Sample> kept) {
    public Step {
      metrics = Map.copyOf(metrics);
      samples = List.copyOf(samples);
      kept = List.copyOf(kept);
    }

    public static Step of(Map<String, Double> metrics) {
      return new Step(metrics, List.of(), List.of());
    }
  }

  /**
   * One answer of the model to a problem.
   *
   * @param problem id of the problem
   * @param prompt as it was asked
   * @param thinking the thoughts, without their marks
   * @param answer what follows the thoughts
   * @param reward what it got
   */
  record Sample(String problem, String prompt, String thinking, String answer, double reward) {}
}
