package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CountdownTest {
  private final Task task = Tasks.find("countdown");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void everyProblemCanBeSolvedInWholeNumbers(int level) {
    for (int seed = 0; seed < 100; seed++) {
      Problem problem = task.generate(level, Split.TRAIN, seed);
      Content.Countdown it = (Content.Countdown) problem.content();
      List<Expression> solutions = CountdownSolver.wholeSolutions(it.numbers(), it.target());
      assertThat(solutions).as(problem.question()).isNotEmpty();
      for (Expression solution : solutions) {
        assertThat(solution.staysWhole()).isTrue();
        for (Notation notation : List.of(Notation.ASCII, Notation.TYPESET)) {
          String answer = solution.print(notation);
          Verdict verdict = Verifier.verify(problem, answer);
          assertThat(verdict.strictlyCorrect()).as("%s: %s", answer, verdict).isTrue();
        }
      }
    }
  }

  /** Every expression over the numbers: it is right exactly if its value is the target. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theVerifierAgreesWithTryingEverything(int level) {
    for (int seed = 0; seed < 5; seed++) {
      Problem problem = task.generate(level, Split.TEST, seed);
      Content.Countdown it = (Content.Countdown) problem.content();
      List<Expression> all = new ArrayList<>();
      everyTree(it.numbers().stream().map(n -> Expression.of(n)).toList(), all);
      SplittableRandom random = new SplittableRandom(seed);
      Set<String> right = new HashSet<>();
      for (Expression tree : all) {
        boolean hits = tree.evaluate().filter(Rational.of(it.target())::equals).isPresent();
        if (hits) {
          right.add(tree.canonical());
        }
        if (hits || random.nextInt(20) == 0) {
          assertThat(Verifier.verify(problem, tree.print(Notation.ASCII)).correct())
              .as("%s for %s", tree.print(Notation.ASCII), problem.id())
              .isEqualTo(hits);
        }
      }
      assertThat(CountdownSolver.solutions(it.numbers(), it.target()))
          .extracting(Expression::canonical)
          .containsExactlyInAnyOrderElementsOf(right);
    }
  }

  /** All trees: every pair of neighbours or not, joined by every operator, in both orders. */
  private static void everyTree(List<Expression> parts, List<Expression> into) {
    if (parts.size() == 1) {
      into.add(parts.getFirst());
      return;
    }
    for (int i = 0; i < parts.size(); i++) {
      for (int j = 0; j < parts.size(); j++) {
        if (i != j) {
          List<Expression> rest = new ArrayList<>(parts);
          rest.remove(parts.get(i));
          rest.remove(parts.get(j));
          for (Operator operator : Operator.values()) {
            List<Expression> next = new ArrayList<>(rest);
            next.add(Expression.of(parts.get(i), operator, parts.get(j)));
            everyTree(next, into);
          }
        }
      }
    }
  }

  @Test
  void findsTheKnownSolutions() {
    assertThat(CountdownSolver.solutions(List.of(1, 3, 4, 6), 24))
        .extracting(solution -> solution.print(Notation.ASCII))
        .containsExactly("6 / (1 - 3 / 4)");
    assertThat(CountdownSolver.wholeSolutions(List.of(1, 3, 4, 6), 24)).isEmpty();
    assertThat(CountdownSolver.targets(List.of(1, 3, 4, 6))).doesNotContain(24L);
    assertThat(CountdownSolver.targets(List.of(3, 7, 9, 4))).contains(24L);
    assertThat(CountdownSolver.targets(List.of(2, 2))).containsExactly(1L, 4L);
  }

  /** The figures stand in the documentation of the task. */
  @Test
  void hasAsManyProblemsAsDocumented() {
    assertThat(count(1)).isEqualTo(Map.of(Split.TRAIN, 4149, Split.TEST, 609));
    assertThat(count(2)).isEqualTo(Map.of(Split.TRAIN, 19854, Split.TEST, 2817));
    assertThat(count(3)).isEqualTo(Map.of(Split.TRAIN, 59077, Split.TEST, 8449));
  }

  private static Map<Split, Integer> count(int level) {
    Map<Split, Integer> count = new HashMap<>();
    int most = level % 2 == 1 ? 12 : 25;
    CountdownTask task = new CountdownTask();
    for (List<Integer> numbers : multisets(level <= 2 ? 3 : 4, most, 1)) {
      for (int target : CountdownTask.targets(level, numbers)) {
        String id = "countdown:" + task.canonical(new Content.Countdown(numbers, target));
        count.merge(Split.of(id), 1, Integer::sum);
      }
    }
    return count;
  }

  private static List<List<Integer>> multisets(int size, int most, int least) {
    if (size == 0) {
      return List.of(List.of());
    }
    List<List<Integer>> all = new ArrayList<>();
    for (int first = least; first <= most; first++) {
      for (List<Integer> rest : multisets(size - 1, most, first)) {
        List<Integer> one = new ArrayList<>(List.of(first));
        one.addAll(rest);
        all.add(one);
      }
    }
    return all;
  }
}
