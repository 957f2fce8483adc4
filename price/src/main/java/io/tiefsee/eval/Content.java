package io.tiefsee.eval;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

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

  /** What a date task asks. */
  enum DateQuestion {
    WEEKDAY,
    DAYS_BETWEEN,
    DAYS_LATER
  }

  /**
   * A question about days of the Gregorian calendar, before 1582 too.
   *
   * @param other the second day, for DAYS_BETWEEN
   * @param days how many later, or earlier if negative, for DAYS_LATER
   */
  record Dates(DateQuestion question, LocalDate day, Optional<LocalDate> other, int days)
      implements Measured {}

  /**
   * Who has what.
   *
   * @param people in the order of the question
   * @param things by kind, each kind in the order of the people who have them
   * @param clues sentences that leave one solution only
   * @param asked which kind is asked for
   */
  record Logic(List<String> people, List<List<String>> things, List<String> clues, int asked)
      implements Measured {
    public Logic {
      people = List.copyOf(people);
      things = things.stream().map(List::copyOf).toList();
      clues = List.copyOf(clues);
    }
  }

  /** Continue the terms. */
  record Sequence(List<Long> terms, long next) implements Measured {
    public Sequence {
      terms = List.copyOf(terms);
    }
  }

  /** Say a quantity in another unit; both by name. */
  record Conversion(Rational value, String from, String to, Rational result) implements Measured {}

  /**
   * Write a function.
   *
   * @param kind what it takes: {@code number}, {@code list} or {@code text}
   * @param steps what it does, in words
   */
  record Programming(String kind, List<String> steps, Check.Code check) implements Measured {
    public Programming {
      steps = List.copyOf(steps);
    }
  }

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
