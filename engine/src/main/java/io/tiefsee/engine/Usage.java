package io.tiefsee.engine;

/**
 * What a finished generation took.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens those of them whose keys and values were still there
 * @param completionTokens tokens that were chosen, an end-of-generation token included
 * @param queueNanos from submission to the first step
 * @param promptNanos from the first step to the first token
 * @param generateNanos from the first to the last token
 */
public record Usage(
    int promptTokens,
    int cachedTokens,
    int completionTokens,
    long queueNanos,
    long promptNanos,
    long generateNanos) {

  /** Prompt tokens computed per second. */
  public double promptTokensPerSecond() {
    return promptNanos == 0 ? 0 : (promptTokens - cachedTokens) * 1e9 / promptNanos;
  }

  /** Tokens per second after the first. */
  public double tokensPerSecond() {
    return generateNanos == 0 ? 0 : (completionTokens - 1) * 1e9 / generateNanos;
  }
}
