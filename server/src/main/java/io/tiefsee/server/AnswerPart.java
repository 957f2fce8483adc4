package io.tiefsee.server;

/** A part of an answer as it arrives. */
public sealed interface AnswerPart {
  /** Some of the thoughts. */
  record Thought(String text) implements AnswerPart {}

  /** Some of the answer's text. */
  record Text(String text) implements AnswerPart {}

  /**
   * The beginning of a call of a function.
   *
   * @param index of the call within the answer
   * @param id by which its result will be given
   */
  record Call(int index, String id, String name) implements AnswerPart {}

  /** Some of the arguments of a call, as JSON text. */
  record Arguments(int index, String text) implements AnswerPart {}
}
