package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Tries everything: all ways to join the given numbers, two at a time, until one is left. Good for
 * up to five numbers (four: about 4,000 ends, five: some 100,000).
 */
public final class CountdownSolver {
  private CountdownSolver() {}

  /**
   * The positive values that all of the numbers, each used once, can make by steps whose results
   * are whole and not negative.
   */
  public static NavigableSet<Long> targets(List<Integer> numbers) {
    NavigableSet<Long> found = new TreeSet<>();
    join(numbers.stream().mapToLong(Integer::longValue).toArray(), numbers.size(), found);
    found.remove(0L);
    return found;
  }

  /** Joins two of the first {@code count} numbers in each possible way; keeps what is left at 1. */
  private static void join(long[] numbers, int count, NavigableSet<Long> found) {
    if (count == 1) {
      found.add(numbers[0]);
      return;
    }
    for (int i = 0; i < count; i++) {
      for (int j = i + 1; j < count; j++) {
        long[] rest = numbers.clone();
        long a = Math.max(numbers[i], numbers[j]);
        long b = Math.min(numbers[i], numbers[j]);
        rest[j] = numbers[count - 1];
        for (long value : results(a, b)) {
          rest[i] = value;
          join(rest, count - 1, found);
        }
      }
    }
  }

  /** With a ≥ b: sum, difference, product and, where it comes out even, the quotient. */
  private static long[] results(long a, long b) {
    return b != 0 && a % b == 0
        ? new long[] {a + b, a - b, a * b, a / b}
        : b == 0 ? new long[] {a, 0} : new long[] {a + b, a - b, a * b};
  }

  /**
   * The different ways to make the target of all numbers, each used once, fractions and negative
   * numbers allowed on the way. Ways that differ only in the order of summands or factors, or in
   * the brackets among them, are one.
   */
  public static List<Expression> solutions(List<Integer> numbers, long target) {
    return solutions(numbers, target, false);
  }

  /** Those {@link #solutions} that have whole numbers, not negative, on the way. */
  public static List<Expression> wholeSolutions(List<Integer> numbers, long target) {
    return solutions(numbers, target, true);
  }

  private static List<Expression> solutions(List<Integer> numbers, long target, boolean whole) {
    List<Term> terms = new ArrayList<>();
    for (int number : numbers) {
      terms.add(new Term(Expression.of(number), Rational.of(number)));
    }
    Map<String, Expression> found = new LinkedHashMap<>();
    join(terms, Rational.of(target), whole, found);
    return List.copyOf(found.values());
  }

  private record Term(Expression expression, Rational value) {}

  private static void join(
      List<Term> terms, Rational target, boolean whole, Map<String, Expression> found) {
    if (terms.size() == 1) {
      Expression expression = terms.getFirst().expression();
      if (terms.getFirst().value().equals(target)) {
        found.putIfAbsent(expression.canonical(), expression);
      }
      return;
    }
    for (int i = 0; i < terms.size(); i++) {
      for (int j = 0; j < terms.size(); j++) {
        for (Operator operator : Operator.values()) {
          boolean ordered = operator == Operator.MINUS || operator == Operator.DIVIDE;
          if (i == j || (!ordered && i > j)) {
            continue;
          }
          Optional<Term> joined = join(terms.get(i), operator, terms.get(j));
          if (joined.isPresent() && (!whole || isNatural(joined.get().value()))) {
            List<Term> rest = new ArrayList<>(terms);
            rest.remove(Math.max(i, j));
            rest.set(Math.min(i, j), joined.get());
            join(rest, target, whole, found);
          }
        }
      }
    }
  }

  private static Optional<Term> join(Term left, Operator operator, Term right) {
    return operator == Operator.DIVIDE && right.value().isZero()
        ? Optional.empty()
        : Optional.of(
            new Term(
                Expression.of(left.expression(), operator, right.expression()),
                operator.apply(left.value(), right.value())));
  }

  private static boolean isNatural(Rational value) {
    return value.isWhole() && value.signum() >= 0;
  }
}
