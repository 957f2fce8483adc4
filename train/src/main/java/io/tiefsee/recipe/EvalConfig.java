package io.tiefsee.recipe;

/**
 * Table {@code [eval]}: how a model is scored on held-out problems.
 *
 * @param problems of each task, all different
 * @param samples answers a problem; pass@1 is their mean, majority@k their vote
 * @param temperature of the sampling
 * @param maxTokens of an answer
 * @param every steps between two scores while reinforcement runs, one before its first step
 *     included; 0: only after its last step
 * @param quickProblems problems of a score while the stage runs
 * @param before the model is scored before its first stage too, in the log as {@code before}
 */
public record EvalConfig(
    int problems,
    int samples,
    double temperature,
    int maxTokens,
    int every,
    int quickProblems,
    boolean before) {
  public static final EvalConfig DEFAULTS = new EvalConfig(300, 8, 1, 256, 20, 100, false);

  public EvalConfig {
    Limits.atLeast("problems", problems, 1);
    Limits.atLeast("samples", samples, 1);
    Limits.within("temperature", temperature, 0, 10);
    Limits.atLeast("max_tokens", maxTokens, 1);
    Limits.atLeast("every", every, 0);
    Limits.atLeast("quick_problems", quickProblems, 1);
  }
}
