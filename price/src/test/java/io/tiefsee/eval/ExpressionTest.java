package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {
  private static Expression parse(String text) {
    return ExpressionParser.parse(text).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "(17 + 25) * 3|126",
        "17+25*3|92",
        "10 - 4 - 3|3",
        "24 / 4 / 2|3",
        "24 ÷ (4 ÷ 2)|12",
        "7 − 9|-2",
        "-3 + 5|2",
        "-(3 - 5) × 2|4",
        "-3 * 4|-12",
        "3 * (-4)|-12",
        "3 x 4 · 5|60",
        "6 / (1 - 3/4)|24",
        "1,234,567 + 1|1234568",
        "1'234|1234",
        "0.5 + .25|3/4",
        "((((7))))|7",
      })
  void readsWhatPeopleWrite(String text, String value) {
    assertThat(parse(text).evaluate().orElseThrow()).hasToString(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "+",
        "3 +",
        "* 3",
        "(3",
        "3)",
        "()",
        "3 4",
        "(3)(4)",
        "3(4)",
        "3 ** 2",
        "3^2",
        "5 - -3",
        "--3",
        "3 + + 4",
        "1,23",
        "1,2345",
        "12,34,567",
        "1.",
        "1..2",
        "1.2.3",
        "0x10",
        "1e9",
        "5!",
        "√9",
        "９",
        "3 // 2",
        "3 % 2",
        "a + b",
        "3 + b",
        "3x7",
        "[3 + 4]",
        "{3}",
        "3 = 3",
        "1000000000000000000000000000000000"
      })
  void refusesWhatIsNone(String text) {
    assertThat(ExpressionParser.parse(text)).isEmpty();
  }

  @Test
  void boundsWhatItReads() {
    assertThat(ExpressionParser.parse("(".repeat(500) + "1" + ")".repeat(499))).isEmpty();
    assertThat(ExpressionParser.parse("1" + "+1".repeat(400))).isEmpty();
    assertThat(ExpressionParser.parse("9".repeat(999))).isEmpty();
    assertThat(ExpressionParser.parse("(".repeat(1_000_000))).isEmpty();
    assertThat(ExpressionParser.parse("1" + "*99999999999999999999".repeat(45))).isPresent();
  }

  @Test
  void divisionByZeroHasNoValue() {
    assertThat(parse("3 / (2 - 2)").evaluate()).isEmpty();
    assertThat(parse("0 * (1 / 0)").evaluate()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void printedAndReadAgainItIsTheSameTree(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 500; i++) {
      Expression expression = randomTree(random, random.nextInt(1, 8));
      for (Notation notation :
          new Notation[] {Notation.ASCII, Notation.TYPESET, Notation.ASCII.spaced(false)}) {
        assertThat(parse(expression.print(notation))).isEqualTo(expression);
      }
    }
  }

  private static Expression randomTree(SplittableRandom random, int leaves) {
    if (leaves == 1) {
      return Expression.of(random.nextInt(0, 2000));
    }
    int left = random.nextInt(1, leaves);
    return Expression.of(
        randomTree(random, left),
        Operator.values()[random.nextInt(4)],
        randomTree(random, leaves - left));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "(1 + 2) + 3|3 + (2 + 1)",
        "(1 + 2) - 3|1 - (3 - 2)",
        "1 + (2 - 3)|2 - (3 - 1)",
        "2 * 3 / 4|2 / (4 / 3)",
        "(1 + 2) * 3|3 * (2 + 1)",
        "-1 + 2|2 - 1",
      })
  void canonicalIsOneForTheSame(String one, String other) {
    assertThat(parse(one).canonical()).isEqualTo(parse(other).canonical());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 + 2|2 + 2",
        "1 - 2|2 - 1",
        "2 * 3 + 4|2 * (3 + 4)",
        "12 + 3|1 + 23",
        "6 / 2|2 / 6"
      })
  void canonicalTellsApart(String one, String other) {
    assertThat(parse(one).canonical()).isNotEqualTo(parse(other).canonical());
  }
}
