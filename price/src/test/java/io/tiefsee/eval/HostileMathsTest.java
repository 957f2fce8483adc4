package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers made to break the judge: garbage, huge formulas, extreme numbers. */
class HostileMathsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void garbageDoesNoHarm(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> pieces =
        List.of(
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            "\\{",
            "\\}",
            "|",
            "\\frac",
            "\\frac{",
            "\\sqrt",
            "\\sqrt[",
            "\\binom{",
            "\\begin{pmatrix}",
            "\\end{pmatrix}",
            "\\\\",
            "&",
            "\\text{",
            "\\pm",
            "\\cup",
            "\\in",
            "^",
            "^{",
            "_",
            "_{",
            "!",
            "%",
            "=",
            "<",
            "\\le",
            ",",
            ";",
            "+",
            "-",
            "*",
            "/",
            "x",
            "i",
            "e",
            "n",
            "\\pi",
            "\\infty",
            "7",
            "12",
            "0",
            "0.5",
            "1e9",
            "\\log",
            "\\sin",
            "\\ln",
            "^{-1}",
            ":",
            "\\mid",
            "\\approx",
            "\\overline{",
            "0.\\overline{3}",
            "\\mathbb{R}",
            "\\text{ or }",
            "\\boxed{",
            "\\begin{array}{cc}",
            "\\end{array}",
            "\\omega",
            " ",
            "\n",
            "$",
            "\\",
            "or",
            "and",
            "cm",
            "\\degree",
            "√",
            "²",
            "\ud800",
            "😀",
            "\0",
            "٣",
            "'");
    List<Problem> problems =
        List.of(
            MathsAttackTest.problem("8675309"),
            MathsAttackTest.problem("\\sqrt{86753}"),
            MathsAttackTest.problem("x^7 - 86753"),
            MathsAttackTest.problem("\\{8, 67, 53\\}"),
            MathsAttackTest.problem("[8, 67)"),
            MathsAttackTest.problem("\\text{eighty-six}"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(120),
        () -> {
          for (int i = 0; i < 600; i++) {
            StringBuilder garbage = new StringBuilder();
            for (int n = random.nextInt(1, 30); n > 0; n--) {
              garbage.append(pieces.get(random.nextInt(pieces.size())));
            }
            String text = i % 2 == 0 ? garbage.toString() : "\\boxed{" + garbage + "}";
            for (Problem problem : problems) {
              Verdict verdict = Verifier.verify(problem, text);
              assertThat(verdict.correct()).as(text).isFalse();
              assertThat(verdict.why()).isNotBlank().hasSizeLessThan(200);
            }
            Verifier.verify(MathsAttackTest.problem(text), text + "1");
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "[",
        "{",
        "|",
        "\\{",
        "-",
        "\\frac{",
        "\\frac1",
        "\\sqrt",
        "\\sqrt{",
        "2^",
        "2^{",
        "9^9^",
        "!",
        "5!",
        "\\sin ",
        "\\sin(",
        "\\pm ",
        "1,",
        "1, ",
        "x,",
        "x+",
        "x^9+",
        "(x+1)^9 ",
        "\\log_",
        "e^",
        "e^{",
        "10^{",
        "\\begin{pmatrix}",
        "1 & ",
        "=",
        "1=",
        "x<",
        "\\cup",
        "\\text{",
        "\\text{a}",
        "\\boxed{",
        "$",
        "$1$",
        "Answer: ",
        "9",
        "1.",
        "0.1",
        "1e9",
        "i^",
        "\\tan x",
        "a1",
        "cm ",
        "^2",
        "1:",
        "\\{x:",
        "0.\\overline{3}",
        "\\mathbf{",
        "\\boxed{1}, ",
        "\\begin{pmatrix}1\\end{pmatrix}",
        "1 000",
        "x<1 or ",
        "½"
      })
  void hugeFormulasAreJudgedInBoundedTime(String piece) {
    List<Problem> problems =
        List.of(
            MathsAttackTest.problem("7"),
            MathsAttackTest.problem("\\sqrt{7}"),
            MathsAttackTest.problem("x+7, 8"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int length : new int[] {100, 900, 3900, 1_000_000}) {
            String huge = piece.repeat(Math.max(1, length / piece.length()));
            for (Problem problem : problems) {
              for (String text : List.of(huge, huge + "7", "\\boxed{" + huge + "7}")) {
                Verifier.verify(problem, text);
              }
            }
            if (length <= 3900) {
              Verifier.verify(MathsAttackTest.problem(huge), huge + "1");
              Verifier.verify(MathsAttackTest.problem(huge + "7"), huge + "+7");
            }
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9^{9^{9^9}}",
        "10^{10^{10}}",
        "e^{e^{e^{e}}}",
        "((((9!)!)!)!)!",
        "1e999999999",
        "2^{-99999999}",
        "\\sin(10^{300})",
        "\\tan(10^{400})",
        "\\sqrt[99999999]{2}",
        "\\sqrt[0]{2}",
        "\\log_1 5",
        "\\ln 0",
        "\\ln(-1)",
        "0^{-1}",
        "0^0",
        "1/0",
        "\\binom{99999}{555}",
        "\\arcsin 2",
        "x^{x^{x^{x}}}",
        "\\lfloor 10^{500} \\rfloor",
        "\\infty - \\infty",
        "i^{i^{i}}",
        "\\frac{1}{3^{9999}}",
        "(1+10^{-300})^{10^{300}}",
        "\\exp(-10^{9})",
        "\\cosh(99999)",
        "1_99",
        "Z_36",
        "0.1e-400"
      })
  void extremeNumbersAreBounded(String extreme) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (String reference : List.of("7", "\\pi", "x", "7, 8", extreme + "+1")) {
            MathsAttackTest.judge(MathsAttackTest.problem(reference), extreme, false);
          }
          MathsEquality.equal(extreme, extreme + "+0");
        });
  }
}
