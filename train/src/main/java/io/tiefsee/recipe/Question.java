package io.tiefsee.recipe;

/** Something to ask a model, and the one who marks its answers. Immutable. */
public interface Question {
  /** Equal questions have equal ids. */
  String id();

  /** As a person reads it. */
  String text();

  /** Token ids, at least one. */
  int[] prompt();

  /**
   * Marks an answer; depends on nothing but its tokens.
   *
   * @param tokens of the answer, without the one that ended it
   */
  Marks mark(int[] tokens);

  /**
   * What was found in an answer.
   *
   * @param correct whether the final answer is right
   * @param wellFormed whether it has the form that was asked for, such as thoughts that end
   * @param extracted the final answer, so that equal ones can be counted; empty if there is none
   * @param thinking the thoughts, without their marks
   * @param answer what follows the thoughts
   */
  record Marks(
      boolean correct, boolean wellFormed, String extracted, String thinking, String answer) {}

  /** A source of questions for training, by place. */
  interface Source {
    /**
     * The question at a place; the same place gives the same question.
     *
     * @param step of the training
     * @param index within the step
     */
    Question at(long step, int index);
  }
}
