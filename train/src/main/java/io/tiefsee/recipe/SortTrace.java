package io.tiefsee.recipe;

import io.tiefsee.eval.Content;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Thoughts on a list to sort: take the least (or the largest) of what is left, again and again.
 *
 * <pre>
 *  least of 31 7 28 : 7
 *  least of 31 28 : 28
 *  least of 31 : 31
 * </pre>
 */
final class SortTrace {
  private SortTrace() {}

  static Demonstration of(String question, Content.Sorting problem) {
    StringBuilder text = new StringBuilder();
    List<Integer> left = new ArrayList<>(problem.numbers());
    List<Integer> sorted = new ArrayList<>();
    while (!left.isEmpty()) {
      Integer next = problem.ascending() ? Collections.min(left) : Collections.max(left);
      text.append(problem.ascending() ? " least of" : " largest of");
      left.forEach(n -> text.append(' ').append(show(n)));
      text.append(" : ").append(show(next)).append('\n');
      left.remove(next);
      sorted.add(next);
    }
    String answer = sorted.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return Demonstration.of(question, text.toString(), answer);
  }

  /** Not in digits: numbers up to 99 are one token, and their order is known by heart. */
  private static String show(int n) {
    return n < 0 ? "- " + -n : Integer.toString(n);
  }
}
