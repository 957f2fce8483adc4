package io.tiefsee.engine;

/**
 * Hears of each step of an engine, for meters and monitors. Called by the engine's thread after the
 * step's tokens were chosen and before anybody can read them, so that what a request took is
 * accounted for when its reader sees its end. It must be quick; nothing else happens while it runs.
 */
@FunctionalInterface
public interface StepListener {
  /** Hears nothing. */
  StepListener NONE = step -> {};

  /**
   * @param step valid during the call only
   */
  void stepDone(Step step);

  /** What one step did, and for whom. */
  interface Step {
    /** Wall time of the step. */
    long nanos();

    /** Requests in the step; 0 for a step of {@link Engine#logits} or {@link Engine#embed}. */
    int sequences();

    /** The {@code i}th of them. */
    Generation generation(int i);

    /** Tokens of its prompt (or of an answer that is computed again) that were put through. */
    int promptTokens(int i);

    /** Tokens of its answer that were put through to get the next one: 0 or 1. */
    int answerTokens(int i);

    /** Tokens chosen for it: 0 or 1. */
    int generatedTokens(int i);
  }
}
