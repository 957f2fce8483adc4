package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of answers, wrong ones dressed as right ones and right ones in odd clothes. */
class VerifierAttackTest {
  /** Clothes in which a final answer still counts as well-formed. */
  private static final List<UnaryOperator<String>> CLOTHES =
      List.of(
          it -> it,
          it -> "  " + it + "  \n\n",
          it -> it + ".",
          it -> "**" + it + "**",
          it -> "`" + it + "`",
          it -> "$" + it + "$",
          it -> "\\(" + it + "\\)",
          it -> "\\boxed{" + it + "}",
          it -> "$$\\boxed{" + it + "}$$",
          it -> "Thus the answer is \\boxed{" + it + "}.",
          it -> "Answer: " + it,
          it -> "**Answer:** " + it,
          it -> "Final answer: **" + it + "**.",
          it -> "The answer is " + it + ".",
          it -> "I tried 1 + 1 = 2 and 99.\nThen I saw it.\n" + it,
          it -> it.replace("-", "−"),
          it -> it.replace("-", "–").replace("*", "×").replace("/", "÷"),
          it -> it.replace("*", "\\times"),
          it -> it.replace(" ", ""),
          it -> it.replace(" ", "  "),
          it -> it.replace(" ", "\u00a0"));

  /** Code is attacked in {@link CodeJudgeTest}. */
  static Stream<Arguments> levels() {
    return TasksTest.levels().filter(a -> !a.get()[0].equals("code"));
  }

  @ParameterizedTest
  @MethodSource("levels")
  void rightAnswersAreRightInAnyClothes(String task, int level) {
    for (int seed = 0; seed < 20; seed++) {
      Problem problem = Tasks.find(task).generate(level, Split.TEST, seed);
      String right = ReferenceAnswer.of(problem);
      for (UnaryOperator<String> clothes : CLOTHES) {
        String answer = clothes.apply(right);
        assertThat(Verifier.verify(problem, answer))
            .as("%s | %s", problem.question(), answer)
            .returns(true, Verdict::strictlyCorrect);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("levels")
  void wrongAnswersAreWrongInAnyClothes(String task, int level) {
    for (int seed = 0; seed < 20; seed++) {
      Problem problem = Tasks.find(task).generate(level, Split.TEST, seed);
      String right = ReferenceAnswer.of(problem);
      List<String> wrongs = wrongs(problem, right, new SplittableRandom(seed));
      for (String wrong : wrongs) {
        for (UnaryOperator<String> clothes : CLOTHES) {
          String answer = clothes.apply(wrong);
          assertThat(Verifier.verify(problem, answer))
              .as("%s | %s", problem.question(), answer)
              .returns(false, Verdict::correct);
        }
      }
      String wrong = wrongs.getFirst();
      for (String hedged :
          List.of(
              wrong + " or " + right,
              right + " or " + wrong,
              "It is " + wrong + ", not " + right,
              "Not " + right + " but " + wrong,
              right + "\n" + wrong,
              "\\boxed{" + right + "} \\boxed{" + wrong + "}",
              "Answer: " + right + "\nAnswer: " + wrong,
              right + " ≠ " + wrong,
              right + " = " + wrong,
              "\\boxed{" + right)) {
        assertThat(Verifier.verify(problem, hedged))
            .as("%s | %s", problem.question(), hedged)
            .returns(false, Verdict::correct);
      }
    }
  }

  /** Answers known to be wrong, since each is made from a right one by a change that matters. */
  private static List<String> wrongs(Problem problem, String right, SplittableRandom random) {
    return switch (problem.check()) {
      case Check.Exact check -> wrongNumbers(check.value());
      case Check.Makes check -> wrongExpressions(check, random);
      case Check.Choice check -> {
        List<String> wrongs = new ArrayList<>();
        for (int i = 0; i < check.options().size(); i++) {
          if (i != check.right()) {
            wrongs.add(check.options().get(i).print(Notation.ASCII));
          }
        }
        wrongs.add(right + " + 1");
        wrongs.add(right + " + 0");
        wrongs.add(wrongs.getFirst() + " = " + right);
        yield wrongs;
      }
      case Check.Order check -> wrongLists(check, right);
      case Check.Maths check -> List.of(right + " + 1", "0.000123", "x", "(" + right + ", 1)");
      case Check.Letter check -> List.of(check.right() == 0 ? "B" : "A", "Z", right + right);
      case Check.Day check -> wrongDays(check.day());
      case Check.Quantity check -> wrongQuantities(check);
      case Check.Words check -> wrongWords(check, right);
      case Check.Code check -> throw new AssertionError(check);
    };
  }

  private static List<String> wrongNumbers(Rational value) {
    String it = value.toString();
    List<String> wrongs = new ArrayList<>();
    for (long delta : new long[] {1, -1, 10, -10, 100}) {
      wrongs.add(value.plus(Rational.of(delta)).toString());
    }
    wrongs.add(it + ".5");
    wrongs.add(it + ".001");
    wrongs.add(it + "1");
    wrongs.add(it + " + 0");
    wrongs.add("1 * " + it.replace("-", ""));
    wrongs.add(value.times(Rational.of(2)) + " / 2");
    wrongs.add(value.plus(Rational.of(1)) + " - 1");
    wrongs.add("x = " + value.plus(Rational.of(1)) + " = " + it);
    wrongs.add("0 + 0 = " + (value.isZero() ? "1" : it));
    if (!value.isZero()) {
      wrongs.add(value.negate().toString());
      wrongs.add(it + "0");
    }
    return wrongs;
  }

  private static List<String> wrongExpressions(Check.Makes check, SplittableRandom random) {
    List<Integer> numbers = check.numbers();
    List<String> wrongs = new ArrayList<>();
    for (Expression solution : CountdownSolver.solutions(numbers, check.target())) {
      String text = solution.print(Notation.ASCII);
      wrongs.add(text + " = " + (check.target() + 1));
      wrongs.add(text + " + 1 - 1");
      wrongs.add(text + " * 1");
      wrongs.add("(" + text + ") / 1 = " + check.target());
      if (wrongs.size() > 40) {
        break;
      }
    }
    wrongs.add(String.valueOf(check.target()));
    wrongs.add(check.target() + " + 0 = " + check.target());
    for (int i = 0; i < 20; i++) {
      // Numbers used twice or left out, but for luck: then the value is another.
      List<Expression> parts = new ArrayList<>();
      boolean swap = random.nextBoolean();
      numbers.forEach(n -> parts.add(Expression.of(n)));
      if (swap) {
        parts.set(random.nextInt(parts.size()), Expression.of(random.nextInt(26, 90)));
      }
      while (parts.size() > 1) {
        Expression left = parts.remove(random.nextInt(parts.size()));
        Expression right = parts.remove(random.nextInt(parts.size()));
        parts.add(Expression.of(left, Operator.values()[random.nextInt(4)], right));
      }
      Expression made = parts.getFirst();
      boolean hits = made.evaluate().filter(Rational.of(check.target())::equals).isPresent();
      if (swap || !hits) {
        wrongs.add(made.print(Notation.ASCII));
        wrongs.add(made.print(Notation.ASCII) + " = " + check.target());
      }
    }
    return wrongs;
  }

  private static List<String> wrongDays(LocalDate day) {
    List<String> wrongs = new ArrayList<>();
    for (LocalDate other :
        List.of(day.plusDays(1), day.minusDays(1), day.plusYears(1), day.minusMonths(1))) {
      wrongs.add(other.toString());
      wrongs.add(DateTimeFormatter.ofPattern("MMMM d, yyyy", Locale.ENGLISH).format(other));
      wrongs.add(DateTimeFormatter.ofPattern("EEEE, d MMMM yyyy", Locale.ENGLISH).format(other));
    }
    DayOfWeek next = day.getDayOfWeek().plus(1);
    wrongs.add(next.getDisplayName(TextStyle.FULL, Locale.ENGLISH) + ", " + day);
    wrongs.add(day + "1");
    wrongs.add("1" + day);
    wrongs.add(day.getYear() + "-" + day.getMonthValue());
    return wrongs;
  }

  private static List<String> wrongQuantities(Check.Quantity check) {
    String number = UnitsTask.decimal(check.value());
    Units.Unit unit = Units.find(check.unit()).orElseThrow();
    List<String> wrongs = new ArrayList<>();
    for (Units.Unit other : Units.of(unit.dimension())) {
      if (!other.equals(unit)) {
        wrongs.add(number + " " + other.name());
        // The same quantity, but not in the unit asked for.
        Rational same = check.value().times(unit.factor()).dividedBy(other.factor());
        wrongs.add(same + " " + other.symbol());
      }
    }
    wrongs.add(number + "1 " + unit.symbol());
    wrongs.add("-" + number + " " + unit.name());
    wrongs.add(number + " apples");
    wrongs.add(number + " * 1 " + unit.symbol());
    wrongs.add("1 " + unit.name() + " = " + number + "1 " + unit.name());
    wrongs.add(check.value().times(Rational.of(10)) + " " + unit.name());
    return wrongs;
  }

  private static List<String> wrongWords(Check.Words check, String right) {
    List<String> wrongs = new ArrayList<>();
    List<String> words = check.right();
    if (words.size() == 1) {
      check.options().stream().filter(o -> !o.equals(right)).forEach(wrongs::add);
    } else {
      wrongs.add(String.join(", ", words.reversed()));
      wrongs.add(String.join(", ", words.subList(1, words.size())));
      wrongs.add(words.getFirst() + ", " + right);
      wrongs.add(check.keys().getLast() + ": " + right);
    }
    wrongs.add(right + ", " + words.getFirst());
    wrongs.add(right + "x");
    wrongs.add("unknown");
    return wrongs;
  }

  private static List<String> wrongLists(Check.Order check, String right) {
    List<String> items = List.of(right.split(", "));
    List<String> wrongs = new ArrayList<>();
    wrongs.add(String.join(", ", items.subList(1, items.size())));
    wrongs.add(right + ", " + items.getLast());
    wrongs.add(right + ", 0");
    wrongs.add(
        check.numbers().getFirst().plus(Rational.of(1)) + right.substring(right.indexOf(',')));
    if (!items.reversed().equals(items)) {
      wrongs.add(String.join(", ", items.reversed()));
      wrongs.add(String.join(check.ascending() ? " < " : " > ", items.reversed()));
      wrongs.add(String.join(check.ascending() ? " > " : " < ", items));
    }
    return wrongs;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void garbageIsNoAnswerAndDoesNoHarm(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> pieces =
        List.of(
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            "\\boxed{",
            "\\frac{",
            "\\text{",
            "\\",
            "$",
            "**",
            "=",
            "+",
            "-",
            "*",
            "/",
            "×",
            "÷",
            "−",
            ",",
            ".",
            " ",
            "\n",
            "\t",
            "\0",
            "\ud800",
            "😀",
            "x",
            "Answer:",
            "or",
            "not",
            "<",
            ">",
            "→",
            "and",
            "e",
            "^",
            "!",
            "%",
            "ⅷ",
            "½",
            "²",
            "٣");
    List<Problem> problems =
        Tasks.all().stream().map(task -> task.generate(1, Split.TEST, seed)).toList();
    for (int i = 0; i < 2000; i++) {
      StringBuilder garbage = new StringBuilder();
      for (int n = random.nextInt(1, 40); n > 0; n--) {
        garbage.append(pieces.get(random.nextInt(pieces.size())));
      }
      for (Problem problem : problems) {
        Verdict verdict = Verifier.verify(problem, garbage.toString());
        assertThat(verdict.correct()).as(garbage.toString()).isFalse();
        assertThat(verdict.why()).isNotBlank().hasSizeLessThan(200);
        // With digits anything may come out, but nothing may be thrown.
        Verifier.verify(problem, garbage.toString().replace("x", "1").replace("e", "24"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(", "-", "9", " ", "\n", "=", "1=", "1,", "1 ", "1\n", "\\boxed{", "\\frac{", "\\frac{1}{",
        "\\frac{1}{2}", "\\text{", "{", "}", "**", "$", ".", "1+", "9*", "(1)", "1/", "or ", "n't ",
        "a", "a1", "Answer: ", "and ", " , and", "< ", "😀", "1,234", "\\left("
      })
  void hugeAnswersAreJudgedInBoundedTime(String piece) {
    String huge = piece.repeat(1_000_000 / piece.length());
    List<Problem> problems =
        Tasks.all().stream()
            .filter(task -> !task.name().equals("code"))
            .map(task -> task.generate(1, Split.TEST, 1))
            .toList();
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (Problem problem : problems) {
            Verifier.verify(problem, huge);
            Verifier.verify(problem, huge + "\n" + huge.substring(0, 3999));
            String right = ReferenceAnswer.of(problem);
            assertThat(Verifier.verify(problem, huge + "\n" + right).strictlyCorrect())
                .isEqualTo(true);
          }
        });
  }
}
