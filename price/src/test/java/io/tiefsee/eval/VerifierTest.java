package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the four kinds of check take for a right answer, a wrong one and none. */
class VerifierTest {
  private static Problem problem(Check check) {
    return new Problem("test", 1, "test:1", "?", new Content.Countdown(List.of(1), 1), check);
  }

  private static Verdict exact(String answer, long numerator, long denominator) {
    return Verifier.verify(problem(new Check.Exact(Rational.of(numerator, denominator))), answer);
  }

  private static Verdict makes(String answer) {
    return Verifier.verify(problem(new Check.Makes(List.of(3, 7, 9, 4), 24)), answer);
  }

  private static Verdict choice(String answer) {
    List<Expression> options =
        Stream.of("17 + 25", "50 - 9").map(o -> ExpressionParser.parse(o).orElseThrow()).toList();
    return Verifier.verify(problem(new Check.Choice(options, 0)), answer);
  }

  private static Verdict order(String answer) {
    List<Rational> numbers = Stream.of(-5, 3, 120, 1234).map(Rational::of).toList();
    return Verifier.verify(problem(new Check.Order(numbers, true)), answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1234",
        " 1234 \n\n",
        "1234.",
        "1,234",
        "1234.0",
        "1234.",
        "1234/1",
        "+1234",
        "x = 1234",
        "x=1234.",
        "1234 = x",
        "Answer: 1234",
        "**Answer:** 1234",
        "**Answer: 1234**",
        "Final answer: x = 1,234.",
        "The answer is 1234.",
        "So the final answer is: **1234**",
        "$1234$",
        "\\(1234\\)",
        "\\[ x = 1{,}234 \\]",
        "\\boxed{1234}",
        "$$\\boxed{x = 1234}$$",
        "The answer is $\\boxed{1,\\!234}$.",
        "\\boxed{\\text{1234}}",
        "First 17 + 25 = 42.\nThen more.\n1234",
        "600 * 2 + 34 = 1200 + 34 = 1234",
        "\\boxed{12}\nI was wrong: \\boxed{1234}",
        "I was wrong.\n\\boxed{12} no, \\boxed{1234}",
      })
  void aNumberInTheRightForm(String answer) {
    assertThat(exact(answer, 1234, 1)).returns(true, Verdict::strictlyCorrect);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "So we get 1234 in the end",
        "x is 1234",
        "It makes 1234\nI hope that helps.",
        "= 1234 apples",
        "\\boxed{1234}\nThat was easy.",
        "(600 * 2) + 34 makes 1234",
      })
  void aNumberElsewhere(String answer) {
    assertThat(exact(answer, 1234, 1))
        .returns(true, Verdict::correct)
        .returns(false, Verdict::wellFormed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1235",
        "-1234",
        "12.34",
        "1234.5",
        "12,34",
        "1.234",
        "01 234",
        "1200 + 34",
        "2468 / 2",
        "1234 * 1",
        "(1234 + 0)",
        "--1234",
        "1200 + 33 = 1234",
        "1234 = 1235",
        "1234 or 1235",
        "not 1234",
        "It is 1235, not 1234",
        "either 1234 or 1235",
        "about 1234",
        "≈ 1234",
        "> 1234",
        "1234^2",
        "1234!",
        "1234%",
        "√1234",
        "1e1234",
        "a1234",
        "1234km",
        "x1234",
        "0x1234",
        "1234?",
        "\\sqrt{1234}",
        "\\boxed{1234",
        "1234\n\\boxed{",
        "\\boxed{}",
        "1234\n\\boxed{7}",
        "\\boxed{1234}\n\\boxed{7}",
        "1234\n7",
        "Answer: 1234\nAnswer: 7",
        "１２３４",
        "twelve hundred",
        "",
        " ",
        "\n",
        ".",
        "=",
        "= =",
      })
  void noSuchNumber(String answer) {
    assertThat(exact(answer, 1234, 1)).returns(false, Verdict::correct);
  }

  @Test
  void fractionsAndSigns() {
    for (String right :
        List.of(
            "-3/4",
            "−3/4",
            "-0.75",
            "-.75",
            "x = -3/4",
            "-\\frac{3}{4}",
            "\\frac{-3}{4}",
            "(-3)/4",
            "-(3/4)",
            "\\boxed{-\\dfrac{3}{4}}",
            "6 / (-8) = -3/4",
            "– 0.750")) {
      assertThat(exact(right, -3, 4)).as(right).returns(true, Verdict::strictlyCorrect);
    }
    for (String wrong :
        List.of("3/4", "-6/8", "-4/3", "-0.7", "-75", "-3", "4", "-1 1/4", "-3/0")) {
      assertThat(exact(wrong, -3, 4)).as(wrong).returns(false, Verdict::correct);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(7 - 4) * 9 - 3",
        "(7 - 4) * 9 - 3 = 24",
        "24 = (7 - 4) * 9 - 3",
        "(7−4)×9−3=24.",
        "-3 + 9 * (7 - 4)",
        "((7 - 4) · 9) - 3 = 27 - 3 = 24",
        "3 * (9 - 4) + 7 + 2 = 24\n(7 - 4) x 9 - 3 = 24",
        "Answer: **(7 - 4) * 9 - 3**",
        "\\boxed{(7 - 4) \\times 9 - 3 = 24}",
        "$\\left(7 - 4\\right) \\cdot 9 - 3$",
      })
  void countdownInTheRightForm(String answer) {
    assertThat(makes(answer)).returns(true, Verdict::strictlyCorrect);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "You can write (7 - 4) * 9 - 3, which makes 24",
        "(7 - 4) * 9 - 3 = 24 is what we need",
        "(7 - 4) * 9 - 3 = 24\nDone",
      })
  void countdownElsewhere(String answer) {
    assertThat(makes(answer)).returns(true, Verdict::correct).returns(false, Verdict::wellFormed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "24",
        "4! = 24",
        "3 * 8 = 24",
        "7 + 9 + 4 + 3 = 24",
        "(7 - 4) * 9 - 3 = 25",
        "(7 - 4) * 9 - 3 = 24 = 25",
        "(7 - 4) * 9 = 24",
        "(7 - 4) * 9 - 3 * 1 = 24",
        "(7 - 4) * 9 - 3 + 0",
        "(7 - 4) * (9 - 3) + 3 + 3",
        "34 - 9 - 7 + 6",
        "37 - 9 - 4 = 24",
        "7 - 4 * 9 - 3",
        "(7 - 4)(9) - 3",
        "(7 - 4) ** 9 - 3",
        "(7 - 4) * 9 - 3 = 24 or 7 + 9 + 4 + 3",
        "24 / (7 - 7) * 9 * 3 * 4",
        "(7 - 4 * 9 - 3 = 24",
        "7, 4, 9, 3 -> 24",
        "__import__('os')",
      })
  void noCountdown(String answer) {
    assertThat(makes(answer)).returns(false, Verdict::correct);
  }

  @Test
  void oneOfSeveral() {
    for (String right :
        List.of(
            "17 + 25", "42", "17+25 = 42", "25 + 17", "**17 + 25**", "Answer: 17 + 25.", "42.0")) {
      assertThat(choice(right)).as(right).returns(true, Verdict::strictlyCorrect);
    }
    for (String wrong :
        List.of(
            "50 - 9",
            "41",
            "40 + 2",
            "17 + 25 = 41",
            "17 + 25 or 50 - 9",
            "17 + 26",
            "17",
            "25",
            "17 + 25 < 50 - 9",
            "42 > 43",
            "50 - 9 is less than 17 + 25",
            "42 = 50 - 8",
            "")) {
      assertThat(choice(wrong)).as(wrong).returns(false, Verdict::correct);
    }
    assertThat(choice("It is 17 + 25"))
        .returns(true, Verdict::correct)
        .returns(false, Verdict::wellFormed);
  }

  @Test
  void lists() {
    for (String right :
        List.of(
            "-5, 3, 120, 1234",
            "[-5, 3, 120, 1234]",
            "−5,3,120,1234",
            "-5 3 120 1234",
            "-5 < 3 < 120 < 1234",
            "-5, 3, 120 and 1234.",
            "-5, 3, 120, and 1,234",
            "-5; 3; 120; 1234",
            "-5 → 3 → 120 → 1234",
            "Answer: -5, 3, 120, 1234",
            "\\boxed{-5, 3, 120, 1234}",
            "\\boxed{[-5, 3, 120, 1234]}")) {
      assertThat(order(right)).as(right).returns(true, Verdict::strictlyCorrect);
    }
    for (String wrong :
        List.of(
            "5, 3, 120, 1234",
            "3, -5, 120, 1234",
            "-5, 3, 120",
            "-5, 3, 120, 1234, 1234",
            "1234, 120, 3, -5",
            "-5 > 3 > 120 > 1234",
            "-5 < 3 > 120 < 1234",
            "-5, 3, 120, 1, 234",
            "-5, 3, 1201234",
            "-5",
            "",
            "-5, 3, 120, 1234 or 1234, 120, 3, -5",
            ",,,",
            "-5,,3,120,1234")) {
      assertThat(order(wrong)).as(wrong).returns(false, Verdict::correct);
    }
    assertThat(order("The sorted numbers are -5, 3, 120, 1234"))
        .returns(true, Verdict::correct)
        .returns(false, Verdict::wellFormed);
  }

  @Test
  void saysWhatIsWrong() {
    assertThat(makes("37 - 9 - 4 = 24").why())
        .isEqualTo("it does not use each of the numbers exactly once");
    assertThat(makes("7 + 9 + 4 + 3").why()).isEqualTo("it makes 23, not 24");
    assertThat(makes("7 + 9 + 4 + 3 = 24").why()).isEqualTo("the two sides are not equal");
    assertThat(makes("no idea").why()).isEqualTo("'no idea' is not an expression");
    assertThat(exact("2 * 3", 6, 1).why()).isEqualTo("'2 * 3' is not worked out");
    assertThat(exact("", 6, 1).why()).isEqualTo("there is no answer");
    assertThat(order("3, -5, 120, 1234").why()).isEqualTo("the order is wrong");
  }
}
