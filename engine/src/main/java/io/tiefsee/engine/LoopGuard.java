package io.tiefsee.engine;

import io.tiefsee.tensor.BadInput;

/**
 * When a repetition counts as endless: the text ends in {@code minRepeats} or more equal stretches
 * that follow one another directly and have {@code minTokens} or more tokens together.
 *
 * @param minTokens of all repeats together
 * @param minRepeats equal stretches, at least 2
 * @param maxPeriod tokens of one stretch at most
 */
public record LoopGuard(int minTokens, int minRepeats, int maxPeriod) {
  private static final LoopGuard DEFAULTS = new LoopGuard(64, 3, 256);

  public LoopGuard {
    if (minTokens < 1 || minRepeats < 2 || maxPeriod < 1) {
      throw new BadInput(
          "a loop guard needs at least 1 token, 2 repeats and a period of 1, not "
              + minTokens
              + ", "
              + minRepeats
              + " and "
              + maxPeriod);
    }
  }

  /** Three or more repeats of up to 256 tokens, 64 tokens or more together. */
  public static LoopGuard defaults() {
    return DEFAULTS;
  }
}
