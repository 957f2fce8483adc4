package io.tiefsee.sandbox;

import java.util.List;

/** What became of a program. */
public sealed interface Outcome {
  /** What one call gave. */
  sealed interface Result {
    /**
     * @param json the value as JSON; numbers that are whole have no point
     */
    record Value(String json) implements Result {}

    /**
     * @param why the error's message in one line, or what is wrong with the value
     */
    record Failed(String why) implements Result {}
  }

  /** The program ran; one result for each call. */
  record Ran(List<Result> results) implements Outcome {
    public Ran {
      results = List.copyOf(results);
    }
  }

  /**
   * There is nothing to call: it does not parse, fails at its top level, or lacks the function.
   *
   * @param why in one line
   */
  record Refused(String why) implements Outcome {}

  /**
   * It was stopped: out of time, memory or output.
   *
   * @param why in one line
   */
  record Stopped(String why) implements Outcome {}
}
