package io.tiefsee.price;

import io.tiefsee.engine.Usage;

/**
 * Tokens as price lists tell them apart.
 *
 * @param promptHit of the prompt, found in the cache
 * @param promptMiss of the prompt, computed
 * @param thinking generated as thoughts
 * @param answer generated otherwise
 */
public record TokenCount(int promptHit, int promptMiss, int thinking, int answer) {
  /** Of an answer of the engine, {@code thinking} of whose tokens are thoughts. */
  public static TokenCount of(Usage usage, int thinking) {
    int thoughts = Math.min(thinking, usage.completionTokens());
    return new TokenCount(
        usage.cachedTokens(),
        usage.promptTokens() - usage.cachedTokens(),
        thoughts,
        usage.completionTokens() - thoughts);
  }

  /** Thoughts and answer. */
  public int output() {
    return thinking + answer;
  }

  public TokenCount plus(TokenCount o) {
    return new TokenCount(
        promptHit + o.promptHit,
        promptMiss + o.promptMiss,
        thinking + o.thinking,
        answer + o.answer);
  }
}
