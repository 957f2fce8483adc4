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

  /**
   * One of the options, as it stands in the question or by its value.
   *
   * @param options of different values
   * @param right which of them, from 0
   */
  record Choice(List<Expression> options, int right) implements Check {
    public Choice {
      options = List.copyOf(options);
    }
  }

  /**
   * A mathematical answer of the same value, however it is written; see {@link MathsEquality}.
   *
   * @param reference in LaTeX or plain signs
   */
  record Maths(String reference) implements Check {}

  /**
   * The letter of an option, A for the first.
   *
   * @param right which of them, from 0
   */
  record Letter(List<String> options, int right) implements Check {
    public Letter {
      options = List.copyOf(options);
    }

    String letter() {
      return String.valueOf((char) ('A' + right));
    }
  }

  /**
   * A list of numbers in this order.
   *
   * @param ascending which of the signs &lt; and &gt; may stand between them
   */
  record Order(List<Rational> numbers, boolean ascending) implements Check {
    public Order {
      numbers = List.copyOf(numbers);
    }
  }
}
