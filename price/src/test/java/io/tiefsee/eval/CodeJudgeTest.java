package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodeJudgeTest {
  private static final Check.Code DOUBLE =
      new Check.Code(
          "twice",
          List.of(
              new Check.Case("[[1,2]]", "[2,4]"),
              new Check.Case("[[]]", "[]"),
              new Check.Case("[[-3]]", "[-6]")),
          "function twice(a) { return a.map(x => 2 * x); }");

  private static Verdict judge(String answer) {
    return CodeJudge.judge(DOUBLE, answer);
  }

  private static String block(String code) {
    return "```js\n" + code + "\n```";
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void theSolutionInJavaScriptAgreesWithTheTestsFromJava(int level) {
    for (Problem problem : Tasks.find("code").distinct(level, Split.TEST, 1, 60)) {
      Verdict verdict = Verifier.verify(problem, ReferenceAnswer.of(problem));
      assertThat(verdict.strictlyCorrect()).as("%s %s", problem, verdict).isTrue();
      Content.Programming content = (Content.Programming) problem.content();
      assertThat(content.check().cases()).hasSize(12);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void leavingOutAStepIsNoticed(int level) {
    int noticed = 0;
    List<Problem> problems = Tasks.find("code").distinct(level, Split.TEST, 2, 30);
    for (Problem problem : problems) {
      String solution = ReferenceAnswer.of(problem);
      // The first of its lines that changes the argument.
      String shorter = solution.replaceFirst("(?m)^  [nas] = .*\n", "");
      assertThat(shorter).isNotEqualTo(solution);
      noticed += Verifier.verify(problem, shorter).correct() ? 0 : 1;
    }
    // Some steps do nothing before others: sorting twice, or reversing before a sum.
    assertThat(noticed).isGreaterThan(problems.size() / 2);
  }

  @Test
  void codeIsFoundWhereModelsPutIt() {
    String code = DOUBLE.solution();
    assertThat(judge(block(code)).strictlyCorrect()).isTrue();
    assertThat(judge("We map.\n\n" + block(code) + "\n\nDone.").strictlyCorrect()).isTrue();
    assertThat(judge("```javascript\r\n" + code + "\r\n```").strictlyCorrect()).isTrue();
    assertThat(judge(code).correct()).isTrue();
    assertThat(judge(code).wellFormed()).isFalse();
    Verdict two = judge(block("function twice(a) { return 1 }") + "\nBetter:\n" + block(code));
    assertThat(two.correct()).isTrue();
    assertThat(two.wellFormed()).isFalse();
    assertThat(judge(block(code) + "\nUse it:\n" + block("console.log(1)")).correct()).isTrue();
    assertThat(
            judge(block("const twice = a => { for (const x of a) {} return a.map(x => x + x) }"))
                .strictlyCorrect())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "function twice(a) { return a }",
        "function twice(a) { return [2, 4] }",
        "function twice(a) { return {0: 2, 1: 4, length: 2} }",
        "function twice(a) { return String(a.map(x => 2 * x)) }",
        "function twice(a) { return a.map(x => String(2 * x)) }",
        "function twice(a) { return '[2,4]' }",
        "function twice(a) { return a.map(x => 2 * x + 1e-9) }",
        "function twice(a) { return a.map(x => x * 2).concat([]).push(0) }",
        "function twice(a) { throw new Error('right: all tests pass') }",
        "function twice(a) { return twice(a) }",
        "function twice(a) { return new Proxy([], {get: () => 2}) }",
        "function twice(a) { return {equals: () => true, toJSON: () => [2, 4]} }",
        "function once(a) { return a.map(x => 2 * x) }",
        "function twice(a) { return a.map(x => 2 * x)",
        "twice = undefined",
        "Array.prototype.map = function () { return this }; function twice(a) { return a.map() }",
        "function twice() { return java.lang.System.getenv() }",
        "",
      })
  void wrongCodeIsWrong(String code) {
    assertThat(judge(block(code)).correct()).isFalse();
    assertThat(judge(code).correct()).isFalse();
    assertThat(judge(block(code)).why()).doesNotContain("\n").isNotBlank().hasSizeLessThan(400);
  }

  @Test
  void codeThatNeverEndsIsStopped() {
    assertThat(judge(block("function twice(a) { while (true) {} }")).why())
        .startsWith("it takes longer than");
  }

  @Test
  void unclosedBlocksAndHugeAnswersAreNoCode() {
    assertThat(judge("```js\n" + DOUBLE.solution()).correct()).isFalse();
    assertThat(judge("a".repeat(1_000_000)).correct()).isFalse();
    assertThat(judge("```\n".repeat(9000)).correct()).isFalse();
    assertThat(judge("The function twice is easy.").why()).isEqualTo("there is no code for twice");
  }
}
