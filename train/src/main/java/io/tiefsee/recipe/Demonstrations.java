package io.tiefsee.recipe;

import io.tiefsee.eval.Content;
import io.tiefsee.eval.Problem;
import io.tiefsee.tensor.BadInput;
import java.util.SplittableRandom;

/** Writes the cold start's worked examples. */
public final class Demonstrations {
  private Demonstrations() {}

  /** A worked example of a problem; the same one for the same state of {@code random}. */
  public static Demonstration of(Problem problem, Manner manner, SplittableRandom random) {
    return switch (problem.content()) {
      case Content.Countdown c -> CountdownTrace.of(problem.question(), c, manner, random);
      default -> throw new BadInput("there are no demonstrations of the task " + problem.task());
    };
  }
}
