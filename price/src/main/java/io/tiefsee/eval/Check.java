package io.tiefsee.eval;

import java.util.List;

/** What a right answer must fulfil. */
public sealed interface Check {
  /** A number, worked out: an integer, a decimal or a fraction in lowest terms. */
  record Exact(Rational value) implements Check {}

  /** An expression that uses each of {@code numbers} exactly once and is worth {@code target}. */
  record Makes(List<Integer> numbers, int target) implements Check {
    public Makes {
      numbers = List.copyOf(numbers);
    }
  }
}
