package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A majority vote over several answers to one question (self-consistency, Wang et al. 2022).
 * Answers are grouped by value: {@code 0.5}, {@code 1/2} and {@code \frac{1}{2}} are one.
 *
 * @param groups the largest first; of two that are equally large, the one that came up first
 */
public record Vote(List<Group> groups) {
  /**
   * Answers of one value.
   *
   * @param answer the most frequent way in which it was written
   * @param samples which answers they are, from 0
   */
  public record Group(String answer, List<Integer> samples) {
    public Group {
      samples = List.copyOf(samples);
    }

    public int count() {
      return samples.size();
    }
  }

  public Vote {
    groups = List.copyOf(groups);
  }

  /**
   * A vote over final answers.
   *
   * @param answers as {@link Verdict#extracted} or {@link #finalAnswer} give them; an empty one is
   *     no vote
   */
  public static Vote of(List<String> answers) {
    List<List<Integer>> members = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      String answer = answers.get(i);
      if (answer.isBlank()) {
        continue;
      }
      Optional<List<Integer>> group =
          members.stream().filter(m -> same(answers.get(m.getFirst()), answer)).findFirst();
      if (group.isPresent()) {
        group.get().add(i);
      } else {
        members.add(new ArrayList<>(List.of(i)));
      }
    }
    return new Vote(
        members.stream()
            .map(m -> new Group(mostFrequent(m, answers), m))
            .sorted(Comparator.comparingInt(Group::count).reversed())
            .toList());
  }

  /** The group with the most votes; empty if nobody voted. */
  public Optional<Group> winner() {
    return groups.stream().findFirst();
  }

  /**
   * The final answer in a text to whose question no {@link Problem} is known: what the last {@code
   * \boxed{…}} holds, else what follows a label such as {@code Answer:} in the last line, else the
   * last line's last number, else the last line. Empty if the text is.
   */
  public static String finalAnswer(String text) {
    return AnswerText.finalAnswer(text);
  }

  private static boolean same(String a, String b) {
    return a.strip().equals(b.strip())
        || Readers.value(a).flatMap(v -> Readers.value(b).filter(v::equals)).isPresent()
        || MathsEquality.equal(a, b)
        || MathsEquality.equal(b, a);
  }

  private static String mostFrequent(List<Integer> members, List<String> answers) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    members.forEach(m -> counts.merge(answers.get(m).strip(), 1, Integer::sum));
    int most = counts.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    return counts.entrySet().stream()
        .filter(e -> e.getValue() == most)
        .findFirst()
        .orElseThrow()
        .getKey();
  }
}
