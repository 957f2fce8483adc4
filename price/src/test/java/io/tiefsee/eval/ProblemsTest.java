package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemsTest {
  @Test
  void levelsAndWholeTasksAreDrawnFromTheTestSplit() {
    List<Problem> problems = Problems.of(List.of("countdown:2", "sort"), 10, 3);
    assertThat(problems).hasSize(20).allMatch(p -> Split.of(p.id()) == Split.TEST);
    assertThat(problems.subList(0, 10)).allMatch(p -> p.task().equals("countdown"));
    assertThat(problems.subList(0, 10)).allMatch(p -> p.level() == 2);
    assertThat(problems.subList(10, 20).stream().map(Problem::level))
        .containsExactly(1, 1, 1, 2, 2, 2, 3, 3, 4, 4);
    assertThat(problems.stream().map(Problem::id)).doesNotHaveDuplicates();
    assertThat(Problems.of(List.of("countdown:2", "sort"), 10, 3)).isEqualTo(problems);
    assertThat(Problems.of(List.of("countdown:2"), 10, 4)).isNotEqualTo(problems.subList(0, 10));
  }

  @Test
  void aProblemNamedTwiceIsAskedOnce() {
    assertThat(Problems.of(List.of("sort:1", "sort:1"), 5, 1)).hasSize(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "chess       | there is no task 'chess'",
        "countdown:9 | the task countdown has levels 1 to 4, not 9",
        "countdown:x | 'x' is no level of the task countdown: it has levels 1 to 4",
        "countdown:  | '' is no level of the task countdown",
        "gsm8k       | the task gsm8k needs its file: gsm8k:PATH",
        "\"\"        | there is no task ''",
      })
  void whatCannotBeFoundIsSaidInOneLine(String spec, String message) {
    assertThatThrownBy(() -> Problems.of(List.of(spec), 1, 1))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void countsHaveLimits() {
    assertThatThrownBy(() -> Problems.of(List.of("sort"), 0, 1)).isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> Problems.of(List.of(), 1, 1)).isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> Problems.of(List.of("sort"), Problems.ALL, 1))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("at most 100000");
  }
}
