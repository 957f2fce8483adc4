package io.tiefsee.recipe;

import io.tiefsee.eval.Content;
import io.tiefsee.eval.Problem;
import io.tiefsee.tensor.BadInput;
import java.util.SplittableRandom;

/** Writes the cold start's worked examples. */
public final class Demonstrations {
  private Demonstrations() {}

  /**
   * A worked example of a problem; the same one for the same state of {@code random}.
   *
   * @throws BadInput if the problem's task is only for measuring
   */
  public static Demonstration of(Problem problem, Manner manner, SplittableRandom random) {
    return switch (problem.content()) {
      case Content.Countdown c -> CountdownTrace.of(problem.question(), c, manner, random);
      case Content.Arithmetic c ->
          ArithmeticTrace.of(problem.question(), c.expression(), working(manner, random));
      case Content.Equation c -> EquationTrace.of(problem.question(), c, working(manner, random));
      case Content.Comparison c -> CompareTrace.of(problem.question(), c, working(manner, random));
      case Content.Sorting c -> SortTrace.of(problem.question(), c);
      case Content.Measured c ->
          throw new BadInput(
              "nobody writes worked examples for the task %s, which supervised stages and the"
                      .formatted(problem.task())
                  + " vocabulary of a model from nothing need: leave it out, or only reinforce a"
                  + " model that is there (sft.steps = 0, model.from)");
    };
  }

  private static Working working(Manner manner, SplittableRandom random) {
    return new Working(manner.misguess(), random);
  }
}
