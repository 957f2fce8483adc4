package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Continue a sequence by its next term. A sequence is only asked if no other rule of this task
 * explains it with another next term.
 */
final class SequencesTask extends DrawnTask<Content.Sequence> {
  private static final List<String> LEVELS =
      List.of(
          "the same number added each time",
          "multiplied by the same number each time, or differences that grow evenly",
          "sums of the two terms before, or a sum and a product in turns",
          "two sequences in turns");

  private static final int SHOWN = 6;
  private static final int SHOWN_OF_TWO = 8;
  private static final long LARGEST = 1_000_000;

  private static final List<String> WORDINGS =
      List.of(
          "What comes next: %s, …?",
          "Continue the sequence by one term: %s",
          "Find the next number in the sequence %s, …",
          "What is the next term of %s, …?",
          "Which number follows %s?",
          "%s, ? What number replaces the question mark?",
          "The sequence %s goes on by a simple rule. Give the next number.");

  /** Each gives the next term if the terms follow its rule. */
  private static final List<Function<List<Long>, Optional<Long>>> RULES =
      List.of(
          SequencesTask::afterEvenDifferences,
          SequencesTask::afterEvenRatios,
          SequencesTask::afterEvenSecondDifferences,
          SequencesTask::afterSums,
          SequencesTask::afterTurns,
          SequencesTask::afterTwoSequences);

  @Override
  public String name() {
    return "sequences";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    return LEVELS.get(level - 1);
  }

  @Override
  Content.Sequence draw(int level, Randomness random) {
    for (; ; ) {
      List<Long> terms = terms(level, random);
      long next = terms.removeLast();
      boolean small = Math.abs(next) <= LARGEST;
      if (small && nexts(terms).equals(Set.of(next))) {
        return new Content.Sequence(terms, next);
      }
    }
  }

  /** What the rules say comes next. */
  static Set<Long> nexts(List<Long> terms) {
    Set<Long> nexts = new TreeSet<>();
    RULES.forEach(rule -> rule.apply(terms).ifPresent(nexts::add));
    return nexts;
  }

  /** The terms shown and the next one. */
  private static List<Long> terms(int level, Randomness random) {
    return switch (level) {
      case 1 -> added(random.between(-50, 99), nonZero(20, random), 0, SHOWN);
      case 2 ->
          random.coin()
              ? multiplied(nonZero(30, random), random.between(2, 5) * sign(random), SHOWN)
              : added(random.between(-30, 60), nonZero(12, random), nonZero(9, random), SHOWN);
      case 3 ->
          random.coin()
              ? summed(random.between(1, 60), random.between(1, 60))
              : inTurns(random.between(1, 40), nonZero(25, random), random.between(2, 4));
      default -> {
        List<Long> one = one(random);
        List<Long> other = one(random);
        List<Long> both = new ArrayList<>();
        for (int i = 0; i <= SHOWN_OF_TWO; i++) {
          both.add((i % 2 == 0 ? one : other).get(i / 2));
        }
        yield both;
      }
    };
  }

  private static List<Long> one(Randomness random) {
    return random.between(0, 2) == 0
        ? multiplied(random.between(1, 9), random.between(2, 3), SHOWN)
        : added(random.between(-20, 50), nonZero(12, random), 0, SHOWN);
  }

  private static int sign(Randomness random) {
    return random.between(0, 3) == 0 ? -1 : 1;
  }

  private static int nonZero(int most, Randomness random) {
    int size = random.between(1, most);
    return random.between(0, 2) == 0 ? -size : size;
  }

  private static List<Long> added(long first, long step, long growth, int shown) {
    List<Long> terms = new ArrayList<>();
    long term = first;
    for (int i = 0; i <= shown; i++) {
      terms.add(term);
      term += step + growth * i;
    }
    return terms;
  }

  private static List<Long> multiplied(long first, long ratio, int shown) {
    List<Long> terms = new ArrayList<>();
    long term = first;
    for (int i = 0; i <= shown; i++, term *= ratio) {
      terms.add(term);
    }
    return terms;
  }

  private static List<Long> summed(long first, long second) {
    List<Long> terms = new ArrayList<>(List.of(first, second));
    while (terms.size() <= SHOWN) {
      terms.add(terms.getLast() + terms.get(terms.size() - 2));
    }
    return terms;
  }

  private static List<Long> inTurns(long first, long step, long factor) {
    List<Long> terms = new ArrayList<>(List.of(first));
    while (terms.size() <= SHOWN) {
      terms.add(terms.size() % 2 == 1 ? terms.getLast() + step : terms.getLast() * factor);
    }
    return terms;
  }

  private static Optional<Long> afterEvenDifferences(List<Long> terms) {
    long step = terms.get(1) - terms.get(0);
    return follows(terms, added(terms.getFirst(), step, 0, terms.size()));
  }

  private static Optional<Long> afterEvenRatios(List<Long> terms) {
    long first = terms.getFirst();
    if (first == 0 || terms.get(1) % first != 0) {
      return Optional.empty();
    }
    return follows(terms, multiplied(first, terms.get(1) / first, terms.size()));
  }

  private static Optional<Long> afterEvenSecondDifferences(List<Long> terms) {
    long step = terms.get(1) - terms.get(0);
    long growth = terms.get(2) - terms.get(1) - step;
    return follows(terms, added(terms.getFirst(), step, growth, terms.size()));
  }

  private static Optional<Long> afterSums(List<Long> terms) {
    List<Long> summed = new ArrayList<>(terms.subList(0, 2));
    while (summed.size() <= terms.size()) {
      summed.add(summed.getLast() + summed.get(summed.size() - 2));
    }
    return follows(terms, summed);
  }

  private static Optional<Long> afterTurns(List<Long> terms) {
    long second = terms.get(1);
    if (second == 0 || terms.get(2) % second != 0) {
      return Optional.empty();
    }
    long step = second - terms.get(0);
    long factor = terms.get(2) / second;
    List<Long> turns = new ArrayList<>(terms.subList(0, 1));
    while (turns.size() <= terms.size()) {
      turns.add(turns.size() % 2 == 1 ? turns.getLast() + step : turns.getLast() * factor);
    }
    return follows(terms, turns);
  }

  private static Optional<Long> afterTwoSequences(List<Long> terms) {
    if (terms.size() < SHOWN_OF_TWO) {
      return Optional.empty();
    }
    List<Long> even = new ArrayList<>();
    List<Long> odd = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      (i % 2 == 0 ? even : odd).add(terms.get(i));
    }
    Optional<Long> next = afterEvenDifferences(even).or(() -> afterEvenRatios(even));
    boolean other = afterEvenDifferences(odd).or(() -> afterEvenRatios(odd)).isPresent();
    return next.filter(n -> other);
  }

  /** The last of the longer list, if the terms are its start. */
  private static Optional<Long> follows(List<Long> terms, List<Long> longer) {
    return longer.subList(0, terms.size()).equals(terms)
        ? Optional.of(longer.get(terms.size()))
        : Optional.empty();
  }

  @Override
  String canonical(Content.Sequence content) {
    return content.terms().stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  @Override
  String word(Content.Sequence content, Randomness random) {
    Notation notation = Wording.notation(random);
    return random
        .oneOf(WORDINGS)
        .formatted(
            content.terms().stream()
                .map(term -> Expression.of(term).print(notation))
                .collect(Collectors.joining(", ")));
  }

  @Override
  Check check(Content.Sequence content) {
    return new Check.Exact(Rational.of(content.next()));
  }
}
