package io.tiefsee.recipe;

/**
 * Table {@code [reject]}: samples of the trained model, verified, become a data set (DeepSeek-R1,
 * section 2.3.3).
 *
 * @param steps batches of prompts
 * @param prompts of a step
 * @param samples answers a prompt
 * @param keep right answers that are kept a prompt at most, different ones, the shortest first
 * @param temperature of the sampling
 * @param maxTokens of an answer
 */
public record RejectConfig(
    int steps, int prompts, int samples, int keep, double temperature, int maxTokens) {
  public static final RejectConfig DEFAULTS = new RejectConfig(20, 64, 4, 1, 1, 256);

  public RejectConfig {
    Limits.atLeast("steps", steps, 0);
    Limits.atLeast("prompts", prompts, 1);
    Limits.atLeast("samples", samples, 1);
    Limits.within("keep", keep, 1, samples);
    Limits.within("temperature", temperature, 0, 10);
    Limits.atLeast("max_tokens", maxTokens, 1);
  }
}
