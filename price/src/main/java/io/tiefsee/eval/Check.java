package io.tiefsee.eval;

import java.time.LocalDate;
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

  /** A day, in any usual form; a day of the week beside it must be right. */
  record Day(LocalDate day) implements Check {}

  /**
   * A number with a unit.
   *
   * @param unit in which the value is asked for: its name, see {@code Units}; an answer may leave
   *     it out, but not give another
   */
  record Quantity(Rational value, String unit) implements Check {}

  /**
   * One or several words of a choice, in this order.
   *
   * @param keys what each of them belongs to, by which they may be named too ({@code Anna: cat});
   *     empty if there is only one
   * @param right the words
   * @param options all words that might have been
   */
  record Words(List<String> keys, List<String> right, List<String> options) implements Check {
    public Words {
      keys = List.copyOf(keys);
      right = List.copyOf(right);
      options = List.copyOf(options);
    }
  }

  /**
   * A function in JavaScript that passes the tests, which are run in a {@link
   * io.tiefsee.sandbox.Sandbox}.
   *
   * @param function its name
   * @param solution a source that passes
   */
  record Code(String function, List<Case> cases, String solution) implements Check {
    public Code {
      cases = List.copyOf(cases);
    }
  }

  /**
   * A test of a function.
   *
   * @param arguments a JSON array
   * @param expected the result as JSON
   */
  record Case(String arguments, String expected) {}

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
