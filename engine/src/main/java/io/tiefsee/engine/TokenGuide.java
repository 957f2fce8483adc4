package io.tiefsee.engine;

/**
 * Has a say in every choice of a token: it may rule tokens out or prefer some. One guide an answer;
 * the engine's threads call it, one at a time, so it must be quick and may not block.
 */
@FunctionalInterface
public interface TokenGuide {
  /** Lets the model choose freely. */
  TokenGuide NONE = (tokens, promptLength, length, logits) -> {};

  /**
   * Changes the logits of the next token, after penalties and before sampling.
   *
   * @param tokens prompt and answer so far, [length]
   * @param promptLength how many of them are the prompt
   * @param logits [vocab]; −∞ rules a token out
   * @throws io.tiefsee.tensor.BadInput if the answer cannot go on; it alone then fails
   */
  void guide(int[] tokens, int promptLength, int length, float[] logits);

  /**
   * Whether the answer is over after its last token, beside the model's own end and the limits.
   * Called once after each token.
   */
  default boolean ends(int[] tokens, int promptLength, int length) {
    return false;
  }

  /** Both guides, this one first. */
  default TokenGuide and(TokenGuide next) {
    if (this == NONE) {
      return next;
    }
    return next == NONE ? this : new GuidePair(this, next);
  }
}
