package io.tiefsee.recipe;

import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Split;
import io.tiefsee.eval.Task;
import io.tiefsee.eval.Tasks;
import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws from several tasks by weight, by place: the same place gives the same problem. The name
 * {@value #OTHER} stands for questions that are none of the tasks, which have demonstrations but no
 * verifier.
 */
public final class Mixture {
  /** Questions that the model is to decline. */
  public static final String OTHER = "other";

  /**
   * One part.
   *
   * @param task name of a task, or {@value #OTHER}
   * @param level of its problems, from 1
   * @param weight how often it is drawn, next to the others
   */
  public record Part(String task, int level, double weight) {}

  private final List<Part> parts;
  private final long seed;
  private final double total;

  /**
   * @param seed of the draws
   * @throws BadInput if there are no parts, or a task or level does not exist
   */
  public Mixture(List<Part> parts, long seed) {
    this.parts = List.copyOf(parts);
    this.seed = seed;
    this.total = parts.stream().mapToDouble(Part::weight).sum();
    if (parts.isEmpty()) {
      throw new BadInput("there are no tasks to learn: name at least one");
    }
    for (Part p : parts) {
      if (!p.task.equals(OTHER)) {
        Task task = Tasks.find(p.task);
        task.describe(p.level);
      }
    }
  }

  /**
   * The parts that have a verifier.
   *
   * @throws BadInput if there are none
   */
  public Mixture verifiable() {
    List<Part> list = new ArrayList<>(parts);
    list.removeIf(p -> p.task.equals(OTHER));
    if (list.isEmpty()) {
      throw new BadInput(
          "the only task is " + OTHER + ", which nothing verifies: name another one beside it");
    }
    return new Mixture(list, seed);
  }

  public List<Part> parts() {
    return parts;
  }

  private Part draw(SplittableRandom random) {
    double at = random.nextDouble() * total;
    for (Part p : parts) {
      at -= p.weight;
      if (at < 0) {
        return p;
      }
    }
    return parts.getLast();
  }

  /**
   * A problem for training.
   *
   * @throws IllegalStateException if the part that is drawn has no problems
   */
  public Problem problem(long step, int index) {
    SplittableRandom random = new SplittableRandom(Seeds.of(seed, step, index));
    return problem(draw(random), random);
  }

  private static Problem problem(Part part, SplittableRandom random) {
    return Tasks.find(part.task).generate(part.level, Split.TRAIN, random.nextLong());
  }

  /**
   * Draws one demonstration of each part, to see that it can be done.
   *
   * @throws BadInput if a part's task has none
   */
  void checkDemonstrations(Manner manner) {
    for (Part p : parts) {
      new Mixture(List.of(p), seed).demonstration(0, 0, manner);
    }
  }

  /**
   * A demonstration for training.
   *
   * @throws BadInput if the task of the part that is drawn has none
   */
  public Demonstration demonstration(long step, int index, Manner manner) {
    SplittableRandom random = new SplittableRandom(Seeds.of(seed, step, index));
    Part part = draw(random);
    return part.task.equals(OTHER)
        ? OtherQuestions.of(random)
        : Demonstrations.of(problem(part, random), manner, random);
  }
}
