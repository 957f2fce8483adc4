package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TasksTest {
  static Stream<Arguments> levels() {
    List<Arguments> levels = new ArrayList<>();
    for (Task task : Tasks.all()) {
      for (int level = 1; level <= task.levels(); level++) {
        levels.add(Arguments.of(task.name(), level));
      }
    }
    return levels.stream();
  }

  @ParameterizedTest
  @MethodSource("levels")
  void theSameArgumentsGiveTheSameProblem(String name, int level) {
    Task task = Tasks.find(name);
    for (Split split : Split.values()) {
      for (long seed = -20; seed < 20; seed++) {
        assertThat(task.generate(level, split, seed)).isEqualTo(task.generate(level, split, seed));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("levels")
  void hasThreeHundredProblemsToMeasureWithAndNoneOfThemToLearnFrom(String name, int level) {
    Task task = Tasks.find(name);
    Set<String> test = ids(task.distinct(level, Split.TEST, 1, 300));
    Set<String> train = ids(task.distinct(level, Split.TRAIN, 1, 1000));
    assertThat(test).hasSize(300);
    assertThat(train).hasSize(1000).doesNotContainAnyElementsOf(test);
    assertThat(test).allMatch(id -> Split.of(id) == Split.TEST);
    assertThat(train).allMatch(id -> Split.of(id) == Split.TRAIN);
  }

  private static Set<String> ids(List<Problem> problems) {
    Set<String> ids = new HashSet<>();
    problems.forEach(problem -> ids.add(problem.id()));
    return ids;
  }

  @ParameterizedTest
  @MethodSource("levels")
  void isWordedInManyWays(String name, int level) {
    Task task = Tasks.find(name);
    Set<String> wordings = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      Problem problem = task.generate(level, Split.TRAIN, seed);
      assertThat(problem.task()).isEqualTo(name);
      assertThat(problem.level()).isEqualTo(level);
      assertThat(problem.id()).startsWith(name + ":");
      assertThat(problem.question()).isNotBlank().doesNotContain("%", "null", "\n", "  ");
      wordings.add(problem.question().replaceAll("[^a-zA-Z]+", " "));
    }
    assertThat(wordings).hasSizeGreaterThanOrEqualTo(6);
  }

  @Test
  void saysWhichTasksAndLevelsThereAre() {
    assertThatThrownBy(() -> Tasks.find("chess"))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("there is no task 'chess'; choose one of ")
        .hasMessageContaining("countdown");
    Task task = Tasks.find("countdown");
    assertThatThrownBy(() -> task.generate(0, Split.TEST, 1))
        .isInstanceOf(BadInput.class)
        .hasMessage("the task countdown has levels 1 to 4, not 0");
    assertThatThrownBy(() -> task.describe(5)).isInstanceOf(BadInput.class);
    assertThat(task.describe(1)).isEqualTo("3 numbers of 1 to 12, targets up to 100");
  }

  @Test
  void aLevelWithTooFewProblemsSaysSo() {
    assertThatThrownBy(() -> Tasks.find("countdown").distinct(1, Split.TEST, 1, 700))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("ask for fewer");
  }
}
