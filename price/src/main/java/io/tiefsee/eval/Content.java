package io.tiefsee.eval;

import java.util.List;

/** What a problem is about, apart from its wording: enough to write a reasoning trace for it. */
public sealed interface Content {
  /**
   * Make {@code target} from all of {@code numbers}.
   *
   * @param numbers in the order of the question
   */
  record Countdown(List<Integer> numbers, int target) implements Content {
    public Countdown {
      numbers = List.copyOf(numbers);
    }
  }
}
