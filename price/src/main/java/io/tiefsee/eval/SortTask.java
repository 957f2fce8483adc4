package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Put a list of whole numbers in order. */
final class SortTask extends DrawnTask<Content.Sorting> {
  /**
   * @param count how many numbers
   * @param least the least number there may be
   * @param most the largest
   */
  private record Level(int count, int least, int most) {}

  private static final List<Level> LEVELS =
      List.of(
          new Level(3, 0, 99),
          new Level(5, 0, 99),
          new Level(5, -999, 999),
          new Level(8, -9999, 9999));

  private static final List<String> ASCENDING =
      List.of(
          "in ascending order",
          "from smallest to largest",
          "from least to greatest",
          "in increasing order",
          "smallest first");

  private static final List<String> DESCENDING =
      List.of(
          "in descending order",
          "from largest to smallest",
          "from greatest to least",
          "in decreasing order",
          "largest first");

  /** With %1$s for the numbers and %2$s for the order. */
  private static final List<String> WORDINGS =
      List.of(
          "Sort %1$s %2$s.",
          "Sort these numbers %2$s: %1$s",
          "Put %1$s in order, %2$s.",
          "Arrange %1$s %2$s.",
          "Order the numbers %1$s %2$s.",
          "List %1$s %2$s.",
          "%1$s: sort them %2$s.");

  @Override
  public String name() {
    return "sort";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    Level it = LEVELS.get(level - 1);
    return "%d numbers of %d to %d, up or down".formatted(it.count, it.least, it.most);
  }

  @Override
  Content.Sorting draw(int level, Randomness random) {
    Level it = LEVELS.get(level - 1);
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < it.count; i++) {
      numbers.add(random.between(it.least, it.most));
    }
    return new Content.Sorting(numbers, random.coin());
  }

  @Override
  String canonical(Content.Sorting content) {
    return sorted(content).stream()
        .map(String::valueOf)
        .collect(Collectors.joining(",", content.ascending() ? "up:" : "down:", ""));
  }

  @Override
  String word(Content.Sorting content, Randomness random) {
    Notation notation = Wording.notation(random);
    List<String> numbers =
        content.numbers().stream().map(n -> Expression.of(n).print(notation)).toList();
    return random
        .oneOf(WORDINGS)
        .formatted(
            Wording.anyList(numbers, random),
            random.oneOf(content.ascending() ? ASCENDING : DESCENDING));
  }

  @Override
  Check check(Content.Sorting content) {
    return new Check.Order(
        sorted(content).stream().map(number -> Rational.of(number)).toList(), content.ascending());
  }

  private static List<Integer> sorted(Content.Sorting content) {
    List<Integer> sorted = content.numbers().stream().sorted().toList();
    return content.ascending() ? sorted : sorted.reversed();
  }
}
