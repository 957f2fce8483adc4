package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Split;
import io.tiefsee.eval.Tasks;
import io.tiefsee.eval.Verifier;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemonstrationsTest {
  @Test
  void thereAreThoughtsAtLeastEmptyOnes() {
    assertThatThrownBy(() -> new Demonstration("q", List.of(), "a"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Demonstration.of("q", "", "a").thoughts()).isEmpty();
  }

  private static final Pattern STATEMENT =
      Pattern.compile("(\\d+) ([-+*/]) (\\d+) = (\\d+)(?= |\\n)");
  private static final Manner PATIENT = new Manner(1, 0, 0.5, 0.02, 0.3, 0.2, 1000);

  private static void assertTrueStatements(String text) {
    Matcher m = STATEMENT.matcher(text);
    while (m.find()) {
      long a = Long.parseLong(m.group(1));
      long b = Long.parseLong(m.group(3));
      long value =
          switch (m.group(2)) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            default -> a / b;
          };
      assertThat(m.group(4)).as(m.group()).isEqualTo(Long.toString(value));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void patientSearchesEndWell(int level) {
    boolean slipped = false;
    boolean checked = false;
    for (int i = 0; i < 300; i++) {
      Problem p = Tasks.find("countdown").generate(level, Split.TRAIN, i);
      Demonstration d = Demonstrations.of(p, PATIENT, new SplittableRandom(i));
      assertThat(d.question()).isEqualTo(p.question());
      assertThat(Verifier.verify(p, d.answer()).strictlyCorrect()).as(d.answer()).isTrue();
      for (Demonstration.Piece piece : d.thinking()) {
        slipped |= !piece.learnt();
        if (piece.learnt()) {
          assertTrueStatements(piece.text());
        }
      }
      checked |= d.thoughts().contains(" yes\n");
      assertThat(Demonstrations.of(p, PATIENT, new SplittableRandom(i))).isEqualTo(d);
    }
    assertThat(slipped && checked).isTrue();
  }

  @Test
  void impatientSearchesGiveUpAndSayHowNearTheyCame() {
    Manner hasty = new Manner(0, 1, 0, 0, 0, 0, 24);
    int gaveUp = 0;
    for (int i = 0; i < 200; i++) {
      Problem p = Tasks.find("countdown").generate(1, Split.TRAIN, i);
      Demonstration d = Demonstrations.of(p, hasty, new SplittableRandom(i));
      boolean right = Verifier.verify(p, d.answer()).correct();
      assertThat(d.thoughts().endsWith(" I give up\n")).isEqualTo(!right);
      assertThat(Verifier.verify(p, d.answer()).wellFormed()).isTrue();
      gaveUp += right ? 0 : 1;
    }
    assertThat(gaveUp).isBetween(100, 199);
  }

  @Test
  void calculationsAreWrittenOut() {
    Working w = new Working(0, new SplittableRandom(1));
    assertThat(w.add(347, 89)).isEqualTo(436);
    assertThat(w.subtract(942, 57)).isEqualTo(885);
    assertThat(w.subtract(17, 42)).isEqualTo(-25);
    assertThat(w.add(-9, -4)).isEqualTo(-13);
    assertThat(w.multiply(-47, 6)).isEqualTo(-282);
    assertThat(w.multiply(52, 57)).isEqualTo(2964);
    assertThat(w.divide(92, 4)).isEqualTo(23);
    assertThat(w.text())
        .isEqualTo(
            """
             3 4 7 + 8 9 : 7 + 9 = 16 , 4 + 8 + 1 = 13 , 3 + 1 = 4 , so 4 3 6
             9 4 2 - 5 7 : 12 - 7 = 5 , 14 - 5 - 1 = 8 , 9 - 1 = 8 , so 8 8 5
             4 2 - 1 7 : 12 - 7 = 5 , 4 - 1 - 1 = 2 , so 2 5
             1 7 - 4 2 = - 2 5
             9 + 4 = 1 3
             - 9 + - 4 = - 1 3
             4 7 * 6 : 7 * 6 = 42 , 4 * 6 = 24 + 4 = 28 , so 2 8 2
             - 4 7 * 6 = - 2 8 2
             5 2 * 7 : 2 * 7 = 14 , 5 * 7 = 35 + 1 = 36 , so 3 6 4
             5 2 * 5 : 2 * 5 = 10 , 5 * 5 = 25 + 1 = 26 , so 2 6 0
             3 6 4 + 2 6 0 0 : 4 + 0 = 4 , 6 + 0 = 6 , 3 + 6 = 9 , 2 = 2 , so 2 9 6 4
             5 2 * 5 7 = 2 9 6 4
             9 2 / 4 : 9 / 4 = 2 rest 1 , 12 / 4 = 3 , so 2 3
            """);
  }

  @Test
  void longDivisionGuessesDigitsAndRepairsThem() {
    Working sure = new Working(0, new SplittableRandom(1));
    assertThat(sure.divide(168, 14)).isEqualTo(12);
    assertThat(sure.divide(3060, 15)).isEqualTo(204);
    assertThat(sure.text())
        .isEqualTo(
            """
             1 6 8 / 1 4
             1 6 : 1 ?
             1 6 - 1 4 : 6 - 4 = 2 , 1 - 1 = 0 , so 2
             2 8 : 2 ?
             1 4 * 2 : 4 * 2 = 8 , 1 * 2 = 2 , so 2 8
             2 8 hit
             1 6 8 / 1 4 = 1 2
             3 0 6 0 / 1 5
             3 0 : 2 ?
             1 5 * 2 : 5 * 2 = 10 , 1 * 2 = 2 + 1 = 3 , so 3 0
             3 0 hit
             6 : 0
             6 0 : 4 ?
             1 5 * 4 : 5 * 4 = 20 , 1 * 4 = 4 + 2 = 6 , so 6 0
             6 0 hit
             3 0 6 0 / 1 5 = 2 0 4
            """);
    int high = 0;
    int low = 0;
    for (int i = 0; i < 200; i++) {
      Working unsure = new Working(1, new SplittableRandom(i));
      assertThat(unsure.divide(13 * 17, 13)).isEqualTo(17);
      high += unsure.text().contains("high") ? 1 : 0;
      low += unsure.text().contains("low") ? 1 : 0;
      assertThat(unsure.pieces().stream().filter(p -> !p.learnt())).hasSize(2);
    }
    assertThat(high).isPositive();
    assertThat(low).isPositive();
  }

  @Test
  void otherQuestionsAreDeclined() {
    boolean german = false;
    for (int i = 0; i < 500; i++) {
      Demonstration d = OtherQuestions.of(new SplittableRandom(i));
      assertThat(d.question()).isNotBlank().doesNotContain("{w}", "{d}", "{n}");
      assertThat(d.answer()).contains("tiefsee pull");
      german |= d.answer().startsWith("Ich");
    }
    assertThat(german).isTrue();
  }

  @Test
  void mixturesDrawByPlace() {
    Mixture mixture =
        new Mixture(
            java.util.List.of(
                new Mixture.Part("countdown", 1, 1), new Mixture.Part(Mixture.OTHER, 1, 1)),
            7);
    int other = 0;
    for (int i = 0; i < 200; i++) {
      Demonstration d = mixture.demonstration(3, i, Manner.DEFAULT);
      assertThat(mixture.demonstration(3, i, Manner.DEFAULT)).isEqualTo(d);
      other += d.answer().contains("tiefsee pull") ? 1 : 0;
    }
    assertThat(other).isBetween(60, 140);
    assertThat(mixture.verifiable().parts()).hasSize(1);
    assertThat(mixture.verifiable().problem(3, 0)).isEqualTo(mixture.verifiable().problem(3, 0));
  }
}
