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
}
