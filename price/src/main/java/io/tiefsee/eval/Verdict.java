package io.tiefsee.eval;

/**
 * What a verifier says of an answer.
 *
 * @param correct the final answer, read leniently, is right
 * @param wellFormed the final answer stands where and how it should; see {@link Verifier}
 * @param extracted what was taken for the final answer; empty if none was found
 * @param why one line: what is right or wrong with it
 */
public record Verdict(boolean correct, boolean wellFormed, String extracted, String why) {
  /** Right and in the right form: the strict score. The lenient score is {@link #correct}. */
  public boolean strictlyCorrect() {
    return correct && wellFormed;
  }
}
