package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tasks that are only measured with: that what they call right is right. */
class MeasuredTasksTest {
  private static boolean isRight(Check check, String answer) {
    return Verifier.verify(
            new Problem("made", 1, "made:1", "?", new Content.Published("", ""), check), answer)
        .correct();
  }

  @ParameterizedTest
  @CsvSource({
    "2000-01-01, Saturday",
    "1969-07-20, Sunday",
    "1900-03-01, Thursday",
    "1600-02-29, Tuesday",
    "1582-10-14, Thursday",
    "2400-02-29, Tuesday",
  })
  void weekdaysAreThoseOfTheGregorianCalendar(LocalDate day, String weekday) {
    DatesTask task = new DatesTask();
    Check check =
        task.check(new Content.Dates(Content.DateQuestion.WEEKDAY, day, Optional.empty(), 0));
    assertThat(isRight(check, "It is a " + weekday + ".")).isTrue();
    assertThat(isRight(check, "Answer: **" + weekday + "**")).isTrue();
    assertThat(isRight(check, "It is not a " + weekday + ".")).isFalse();
    assertThat(isRight(check, weekday + " or Monday")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2024-03-05",
        "2024-3-5",
        "2024/03/05",
        "March 5, 2024",
        "Mar. 5, 2024",
        "Tuesday, March 5th, 2024",
        "the 5th of March 2024",
        "5 March 2024",
        "tuesday, 5 mar 2024",
        "It is March 5, 2024.",
        "30 days after 2024-02-04 is 2024-03-05.",
        "\\boxed{\\text{March 5, 2024}}",
        "Answer: **2024−03−05**",
      })
  void aDateIsReadInAnyUsualForm(String answer) {
    assertThat(isRight(new Check.Day(LocalDate.of(2024, 3, 5)), answer)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2024-05-03",
        "3/5/2024",
        "Monday, March 5, 2024",
        "March 5",
        "2024-02-30",
        "March 5, 2024 or March 6, 2024",
        "not 2024-03-05",
        "2024-03-05 = 2024-03-06",
        "12024-03-05",
        "March 55, 2024",
        "Mayor 5, 2024",
        "",
      })
  void anotherDayOrNoneIsWrong(String answer) {
    assertThat(isRight(new Check.Day(LocalDate.of(2024, 3, 5)), answer)).isFalse();
  }

  @Test
  void cluesLeaveOneSolution() {
    for (int seed = 0; seed < 60; seed++) {
      int people = 3 + seed % 3;
      int kinds = 1 + seed % 2;
      List<LogicClue> clues = LogicClue.unique(people, kinds, new Randomness(seed));
      List<int[][]> left =
          LogicClue.solutions(people, kinds).stream()
              .filter(s -> clues.stream().allMatch(c -> c.holds(s)))
              .toList();
      assertThat(left).hasSize(1);
      for (int[] kind : left.getFirst()) {
        for (int person = 0; person < people; person++) {
          assertThat(kind[person]).isEqualTo(person);
        }
      }
      assertThat(clues.stream().filter(c -> c instanceof LogicClue.Has).count())
          .isLessThanOrEqualTo(people - 2);
    }
    assertThat(LogicClue.solutions(5, 2)).hasSize(14_400);
  }

  @Test
  void whoHasWhatMayBeSaidWithNames() {
    Check check =
        new Check.Words(List.of("Anna", "Ben"), List.of("cat", "dog"), List.of("cat", "dog"));
    for (String right :
        List.of(
            "cat, dog",
            "Cat and dog.",
            "Anna: cat, Ben: dog",
            "Anna has the cat, and Ben has the dog",
            "Anna – the cat; Ben – the dog",
            "**Answer:** cat, dog",
            "\\boxed{\\text{cat}, \\text{dog}}",
            "So:\n[cat, dog]")) {
      assertThat(isRight(check, right)).as(right).isTrue();
    }
    for (String wrong :
        List.of(
            "dog, cat",
            "Ben: cat, Anna: dog",
            "Anna: dog, Ben: cat",
            "cat",
            "cat, dog, cat",
            "not cat, dog",
            "cat, dog?")) {
      assertThat(isRight(check, wrong)).as(wrong).isFalse();
    }
  }

  @Test
  void aSequenceHasOneNextTermOnly() {
    assertThat(SequencesTask.nexts(List.of(2L, 4L, 6L, 8L, 10L, 12L))).containsExactly(14L);
    assertThat(SequencesTask.nexts(List.of(3L, 6L, 12L, 24L, 48L, 96L))).containsExactly(192L);
    assertThat(SequencesTask.nexts(List.of(1L, 4L, 9L, 16L, 25L, 36L))).containsExactly(49L);
    assertThat(SequencesTask.nexts(List.of(1L, 1L, 2L, 3L, 5L, 8L))).containsExactly(13L);
    assertThat(SequencesTask.nexts(List.of(2L, 5L, 10L, 13L, 26L, 29L))).containsExactly(58L);
    assertThat(SequencesTask.nexts(List.of(1L, 10L, 2L, 20L, 3L, 40L, 4L, 80L)))
        .containsExactly(5L);
    assertThat(SequencesTask.nexts(List.of(3L, 1L, 4L, 1L, 5L, 9L))).isEmpty();
    for (int level = 1; level <= 4; level++) {
      for (Problem problem : Tasks.find("sequences").distinct(level, Split.TEST, 5, 100)) {
        Content.Sequence content = (Content.Sequence) problem.content();
        assertThat(SequencesTask.nexts(content.terms())).containsExactly(content.next());
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5    | kilometres     | metres          | 5000",
        "1    | miles          | metres          | 1609.344",
        "1    | pounds         | grams           | 453.59237",
        "16   | ounces         | pounds          | 1",
        "36   | kilometres per hour | metres per second | 10",
        "1    | gibibytes      | kibibytes       | 1048576",
        "2    | hectares       | square metres   | 20000",
        "1    | cubic metres   | litres          | 1000",
        "90   | minutes        | hours           | 1.5",
        "12   | inches         | feet            | 1",
      })
  void factorsAreExact(long value, String from, String to, String result) {
    Rational factor =
        Units.find(from).orElseThrow().factor().dividedBy(Units.find(to).orElseThrow().factor());
    assertThat(UnitsTask.decimal(Rational.of(value).times(factor))).isEqualTo(result);
  }

  @Test
  void quantitiesAreReadWithTheUnitAskedFor() {
    Check check = new Check.Quantity(Rational.of(5000), "metres");
    for (String right :
        List.of(
            "5000",
            "5,000 m",
            "5000 meters",
            "5 km = 5000 m",
            "**5000 metres**",
            "That is 5000 m in all.",
            "\\boxed{5000\\text{ m}}",
            "\\boxed{5 \\text{ km} = 5000 \\text{ m}}",
            "5000.0 m")) {
      assertThat(isRight(check, right)).as(right).isTrue();
    }
    for (String wrong :
        List.of(
            "5 km",
            "5000 km",
            "5000 kg",
            "500 m",
            "5000 m = 5 km",
            "4 km = 5000 m",
            "about 5000 m",
            "5000 or 500 m",
            "That is 5000 km in all.",
            "5 km = 50 m",
            "m",
            "")) {
      assertThat(isRight(check, wrong)).as(wrong).isFalse();
    }
  }

  @Test
  void nothingOfWhatIsMeasuredHasSeveralRightAnswers() {
    for (String name : List.of("dates", "logic", "sequences", "units")) {
      Task task = Tasks.find(name);
      Set<String> answers = new HashSet<>();
      List<Problem> problems = new ArrayList<>();
      for (int level = 1; level <= task.levels(); level++) {
        problems.addAll(task.distinct(level, Split.TEST, 3, 25));
      }
      for (Problem problem : problems) {
        String right = ReferenceAnswer.of(problem);
        answers.add(right);
        assertThat(Verifier.verify(problem, right).strictlyCorrect()).as(right).isTrue();
      }
      // Guessing one answer for all does not pay.
      assertThat(answers).hasSizeGreaterThan(problems.size() / 5);
    }
  }
}
