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

  /** Work out {@code expression}; each step of it gives a whole number. */
  record Arithmetic(Expression expression) implements Content {}

  /**
   * Solve {@code left = right}; {@link Linear#of} gives the coefficients of a side.
   *
   * @param unknown its name: one letter
   * @param solution the one value that makes both sides equal
   */
  record Equation(String unknown, Expression left, Expression right, int solution)
      implements Content {}

  /**
   * Name the largest or the smallest.
   *
   * @param options in the order of the question, of different values
   */
  record Comparison(List<Expression> options, boolean largest) implements Content {
    public Comparison {
      options = List.copyOf(options);
    }
  }

  /**
   * What problems are about that are only measured with: no reasoning traces are written for it.
   */
  sealed interface Measured extends Content {}

  /**
   * A problem of a public file.
   *
   * @param name what the file calls it; empty if it has no names
   * @param subject what it is about, in the file's word; empty if it says nothing
   */
  record Published(String name, String subject) implements Measured {}

  /**
   * Put the numbers in order.
   *
   * @param numbers in the order of the question
   */
  record Sorting(List<Integer> numbers, boolean ascending) implements Content {
    public Sorting {
      numbers = List.copyOf(numbers);
    }
  }
}
