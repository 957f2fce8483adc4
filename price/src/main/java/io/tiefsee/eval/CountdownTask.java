package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Make a target from given numbers with + − × ÷, each number used exactly once (as in TinyZero, and
 * unlike the television game, where numbers may be left over). Each problem has a solution whose
 * steps give whole numbers that are not negative; an answer may also go through fractions.
 *
 * <p>A level has no problem of a lower one. Different problems (TRAIN and TEST): level 1 has 4,149
 * and 609, level 2 has 19,854 and 2,817, level 3 has 59,077 and 8,449, level 4 has 1,768,678 and
 * 252,332.
 */
final class CountdownTask extends DrawnTask<Content.Countdown> {
  /**
   * @param count how many numbers
   * @param most the largest number there may be
   * @param above one number at least is larger than this, or the target larger than 100
   * @param target the largest target
   */
  private record Level(int count, int most, int above, int target) {}

  private static final int EASY_TARGET = 100;

  private static final List<Level> LEVELS =
      List.of(
          new Level(3, 12, 0, EASY_TARGET),
          new Level(3, 25, 12, EASY_TARGET),
          new Level(4, 12, 0, EASY_TARGET),
          new Level(4, 25, 12, 999));

  private static final List<String> WORDINGS =
      List.of(
          "Use %s to make %s",
          "Use %s to make %s.",
          "Use the numbers %s to make %s.",
          "Make %2$s from %1$s.",
          "Make %2$s using %1$s.",
          "Can you make %2$s from %1$s?",
          "How can I get %2$s from %1$s?",
          "Using each of the numbers %s exactly once, make %s.",
          "Combine %s with + - * / to get %s.",
          "Find an expression with %s that equals %s.",
          "With the numbers %s, reach %s.");

  @Override
  public String name() {
    return "countdown";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    Level it = LEVELS.get(level - 1);
    return "%d numbers of 1 to %d, targets up to %d".formatted(it.count, it.most, it.target)
        + (level == 1 || level == 3 ? "" : ", beyond level " + (level - 1));
  }

  @Override
  Content.Countdown draw(int level, Randomness random) {
    Level it = LEVELS.get(level - 1);
    for (; ; ) {
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < it.count; i++) {
        numbers.add(random.between(1, it.most));
      }
      List<Integer> targets = targets(level, numbers);
      if (!targets.isEmpty()) {
        return new Content.Countdown(numbers, random.oneOf(targets));
      }
    }
  }

  /** The targets that a level allows for these numbers. */
  static List<Integer> targets(int level, List<Integer> numbers) {
    Level it = LEVELS.get(level - 1);
    boolean large = numbers.stream().anyMatch(number -> number > it.above);
    return CountdownSolver.targets(numbers).headSet((long) it.target, true).stream()
        .filter(target -> large || target > EASY_TARGET)
        .map(Long::intValue)
        .toList();
  }

  @Override
  String canonical(Content.Countdown content) {
    return content.numbers().stream().sorted().map(String::valueOf).collect(Collectors.joining(","))
        + "="
        + content.target();
  }

  @Override
  String word(Content.Countdown content, Randomness random) {
    List<String> numbers = content.numbers().stream().map(String::valueOf).toList();
    return random.oneOf(WORDINGS).formatted(Wording.anyList(numbers, random), content.target());
  }

  @Override
  Check check(Content.Countdown content) {
    return new Check.Makes(content.numbers(), content.target());
  }
}
