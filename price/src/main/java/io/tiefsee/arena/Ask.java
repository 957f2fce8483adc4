package io.tiefsee.arena;

import io.tiefsee.eval.Problem;

/**
 * One sample of a question.
 *
 * @param sample from 0
 * @param seed of the draws; it depends on the run's seed, the problem and the sample only, so that
 *     an answer does not depend on what else is asked; below 2^31, so that every endpoint takes it
 */
public record Ask(Problem problem, int sample, long seed) {
  /** The sample of a run with this seed. */
  public static Ask of(Problem problem, int sample, long runSeed) {
    return new Ask(problem, sample, Fingerprint.of(runSeed, problem.id(), sample).seed());
  }
}
