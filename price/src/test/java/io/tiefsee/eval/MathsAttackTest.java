package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of mathematical answers: wrong ones dressed as right ones, right ones in odd notation.
 */
class MathsAttackTest {
  /** Where an answer may stand so that it counts as well-formed. */
  private static final List<UnaryOperator<String>> CLOTHES =
      List.of(
          it -> "\\boxed{" + it + "}",
          it -> "We get $$\\boxed{" + it + "}$$",
          it -> "First \\boxed{99999} was tried.\nThus the answer is $\\boxed{" + it + "}$.",
          it -> "**Answer:** \\(" + it + "\\)",
          it -> "The final answer is $" + it + "$.",
          it -> "\\[\\fbox{" + it + "}\\]",
          it -> "\\boxed{" + it.replace(" ", "\\,") + "}",
          it -> "\\boxed{ " + it.replace("\\frac", "\\dfrac") + " }");

  /** Notations of a fraction, all of which mean the same. */
  private static List<String> fractions(long above, long below, SplittableRandom random) {
    long k = random.nextInt(2, 9);
    List<String> all = new ArrayList<>();
    String sign = above < 0 ? "-" : "";
    long a = Math.abs(above);
    all.add(above + "/" + below);
    all.add(sign + "\\frac{" + a + "}{" + below + "}");
    all.add("\\frac{" + above + "}{" + below + "}");
    all.add(sign + "\\frac{" + a * k + "}{" + below * k + "}");
    all.add("x = " + sign + "\\frac{" + a + "}{" + below + "}");
    all.add(sign + a + " \\div " + below);
    if (a > below && a % below != 0) {
      all.add(sign + a / below + "\\frac{" + a % below + "}{" + below + "}");
    }
    if (a < 10 && below < 10) {
      all.add(sign + "\\frac" + a + below);
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void fractionsAreJudgedByValue(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 60; i++) {
      long above = random.nextInt(-60, 60);
      long below = random.nextInt(2, 40);
      List<String> right = fractions(above, below, random);
      Problem problem = problem(right.get(random.nextInt(right.size())));
      for (String answer : right) {
        judge(problem, answer, true);
      }
      for (long delta : new long[] {1, -1}) {
        for (String answer : fractions(above + delta, below, random)) {
          judge(problem, answer, false);
        }
      }
      if (2 * above != 0) {
        judge(problem, "\\frac{" + -above + "}{" + below + "}", false);
        judge(problem, "\\frac{" + above + "}{" + 2 * below + "}", false);
      }
      judge(problem, "\\{" + above + ", " + below + "\\}", false);
      judge(problem, above + "\\cdot\\frac{1}{" + below + "} + 1 - 1", false);
    }
  }

  @Test
  void closedFormsAreJudgedByValue() {
    Map<String, List<String>> forms =
        Map.of(
            "2\\sqrt{3}", List.of("\\sqrt{12}", "\\frac{6}{\\sqrt3}", "2 \\cdot 3^{1/2}", "3.4641"),
            "\\frac{\\pi}{4}", List.of("\\arctan 1", "0.25\\pi", "\\pi/4", "0.785398", "π/4"),
            "1+\\sqrt2", List.of("\\frac{1}{\\sqrt{2}-1}", "\\sqrt2 + 1", "\\sqrt{3+2\\sqrt2}"),
            "-1,3", List.of("\\{3, -1\\}", "x = -1, x = 3", "1 \\pm 2", "x=3 or x=-1", "3; -1"),
            "[2,5)", List.of("2 \\le x < 5", "x \\in [2, 5)", "[2, 5\\,)", "5 > x \\geq 2"),
            "x^2-4", List.of("(x-2)(x+2)", "-(4-x^2)", "x\\cdot x - 2^2", "f(x) = (x+2)(x-2)"));
    forms.forEach((reference, rights) -> {
      Problem problem = problem(reference);
      judge(problem, reference, true);
      rights.forEach(right -> judge(problem, right, true));
      forms.forEach((other, others) -> {
        if (!other.equals(reference)) {
          judge(problem, other, false);
          others.forEach(wrong -> judge(problem, wrong, false));
        }
      });
    });
  }

  @Test
  void whatIsSaidTwiceOrHedgedIsNotRight() {
    Problem problem = problem("12");
    for (String wrong :
        List.of(
            "\\boxed{12} or \\boxed{13}",
            "\\boxed{12 \\text{ or } 13}",
            "\\boxed{12, 13}",
            "\\boxed{\\{12, 13\\}}",
            "\\boxed{11 < x < 13}",
            "\\boxed{12 \\pm 0.1}",
            "\\boxed{\\neq 12}",
            "\\boxed{-12}",
            "\\boxed{12",
            "\\boxed{}",
            "\\boxed{12}\nNo: \\boxed{14}",
            "It is not 12",
            "12 or 13",
            "Perhaps 12",
            "The answer is 12 or 13.",
            "\\boxed{6 + 6}",
            "\\boxed{12 + 0}",
            "\\boxed{2 \\cdot 6}",
            "\\boxed{13 = 12}",
            "\\boxed{x = 13 = 12}",
            "\\boxed{12\\%}\n\\boxed{13}",
            "\\boxed{1 2}",
            "\\boxed{12i}",
            "\\boxed{12x}",
            "\\boxed{12!}",
            "\\boxed{\\text{twelve}}",
            "\\boxed{the answer}",
            "\\boxed{12.0000001}",
            "\\boxed{12 \\text{ km} = 13}",
            "")) {
      assertThat(Verifier.verify(problem, wrong).correct()).as(wrong).isFalse();
    }
  }

  @Test
  void severalBoxesAreOneAnswer() {
    Problem pair = problem("(2,2),(6,2)");
    for (String right :
        List.of(
            "$\\boxed{(2, 2)} \\quad \\text{and} \\quad \\boxed{(6, 2)}$",
            "The pairs are \\(\\boxed{(6,2)}\\), \\(\\boxed{(2,2)}\\).",
            "\\boxed{(2,2)} or \\boxed{(6,2)}")) {
      isJudged(pair, right, true);
    }
    for (String wrong :
        List.of(
            "\\boxed{(2,2)} and \\boxed{(6,3)}",
            "\\boxed{(2,2)}, \\boxed{(6,2)}, \\boxed{(1,1)}",
            "\\boxed{(2,2)} gives \\boxed{(6,2)}",
            "\\boxed{(6,2)}")) {
      isJudged(pair, wrong, false);
    }
    Problem single = problem("13");
    isJudged(single, "\\boxed{12} or \\boxed{13}", false);
    isJudged(single, "\\boxed{12}, then \\boxed{13}", true);
    isJudged(single, "The final answer is $13$. I hope it is correct.", true);
    isJudged(single, "The final answer is $12$. I hope it is correct: 13.", false);
    isJudged(single, "Final Answer: The largest $n$ is 13.", true);
    isJudged(single, "Final Answer: The largest of 13 is $n$.", false);
  }

  static Problem problem(String reference) {
    return new Problem(
        "maths",
        1,
        "maths:" + reference,
        "?",
        new Content.Published("", ""),
        new Check.Maths(reference));
  }

  static void isJudged(Problem problem, String text, boolean right) {
    assertThat(Verifier.verify(problem, text).correct()).as(text).isEqualTo(right);
  }

  static void judge(Problem problem, String answer, boolean right) {
    for (UnaryOperator<String> clothes : CLOTHES) {
      String text = clothes.apply(answer);
      Verdict verdict = Verifier.verify(problem, text);
      assertThat(verdict.correct())
          .as("%s | %s | %s", problem.id(), text, verdict)
          .isEqualTo(right);
      if (right) {
        assertThat(verdict.wellFormed()).as(text).isTrue();
      }
    }
  }
}
