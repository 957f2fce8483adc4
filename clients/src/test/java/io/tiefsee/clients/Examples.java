package io.tiefsee.clients;

import io.tiefsee.clients.ScriptedFront.Script;
import java.util.concurrent.CountDownLatch;

/** Answers that show what the page can do: for tests of its looks, and for its pictures. */
final class Examples {
  static final String QUESTION = "Solve 2x² − 7x + 3 = 0, and write a Java method that does it.";

  private static final String THOUGHTS =
      """
      We need the roots of $2x^2 - 7x + 3$. The discriminant is $b^2 - 4ac = 49 - 24 = 25$.

      Its root is 5, so $x = (7 \\pm 5)/4$: that is 3 or 1/2. Check: $2 \\cdot 9 - 21 + 3 = 0$. Yes.
      """;

  static final String ANSWER =
      """
      By the quadratic formula, with discriminant $b^2-4ac = 25$:

      $$x_{1,2} = \\frac{-b \\pm \\sqrt{b^2-4ac}}{2a} = \\frac{7 \\pm 5}{4}$$

      | root | value | check |
      |---|---|---|
      | $x_1$ | 3 | $18 - 21 + 3 = 0$ |
      | $x_2$ | ½ | $0.5 - 3.5 + 3 = 0$ |

      ```java
      /** Real roots of ax² + bx + c, the larger first. */
      static double[] roots(double a, double b, double c) {
        double d = b * b - 4 * a * c;
        if (d < 0) {
          return new double[0]; // no real root
        }
        double s = Math.sqrt(d);
        return new double[] {(-b + s) / (2 * a), (-b - s) / (2 * a)};
      }
      ```

      So the answer is \\boxed{x = 3 \\text{ or } x = \\tfrac12}.
      """;

  /** Thinks, then answers with formulas, a table and code. */
  static final Script RICH = rich(new CountDownLatch(0));

  /** The same; the answer begins when the latch is open. */
  static Script rich(CountDownLatch answers) {
    return (out, request) -> {
      for (String word : THOUGHTS.split("(?<= )")) {
        out.thinking(word);
      }
      answers.await();
      for (String word : ANSWER.split("(?<= )")) {
        out.text(word);
      }
      out.finish("stop").usage(Samples.usage(212, 187)).done();
    };
  }

  /** A vote of eight samples. */
  static final Script VOTE =
      (out, request) ->
          out.whole(
              200,
              """
              {"choices":[{"message":{"content":"The result is \\\\boxed{85}.",
                "reasoning_content":"48 + 37: 8 + 7 = 15, carry one; 4 + 3 + 1 = 8."},
                "finish_reason":"stop"}],"usage":%s,
               "tiefsee":{"votes":[
                {"answer":"85","count":6,"samples":[
                  {"reasoning_content":"15, carry one","content":"\\\\boxed{85}"}]},
                {"answer":"75","count":1,"samples":[
                  {"reasoning_content":"forgot to carry","content":"\\\\boxed{75}"}]},
                {"answer":"84","count":1,"samples":[]}]}}
              """
                  .formatted(Samples.usage(620, 96)));

  private Examples() {}

  /** A front with models, an endpoint elsewhere, runs, an arena and a status. */
  static ScriptedFront furnished() {
    return furnish(new ScriptedFront());
  }

  static ScriptedFront furnish(ScriptedFront front) {
    return front
        .serve("/tiefsee/v1/remotes", Samples.REMOTES)
        .serve("/tiefsee/v1/status", Samples.STATUS)
        .serve("/tiefsee/v1/arena", Samples.ARENA)
        .serve("/tiefsee/v1/runs", Samples.RUNS)
        .serve("/tiefsee/v1/runs/countdown", Samples.run())
        .serve("/tiefsee/v1/runs/toy", "{\"next\":0,\"lines\":[]}")
        .serve(
            "/tiefsee/v1/price", "{\"total\":0.0021,\"currency\":\"EUR\",\"name\":\"DeepSeek\"}");
  }
}
