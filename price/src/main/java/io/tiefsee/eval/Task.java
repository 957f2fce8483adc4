package io.tiefsee.eval;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A kind of problem, in levels from 1 (easiest) to {@link #levels()}. Has no state. */
public interface Task {
  /** The name by which {@link Tasks#find} knows it. */
  String name();

  /** How many levels there are. */
  int levels();

  /**
   * What the problems of a level are, in one line.
   *
   * @throws BadInput if there is no such level
   */
  String describe(int level);

  /**
   * A problem; the same one for the same level, split and seed.
   *
   * @throws BadInput if there is no such level
   */
  Problem generate(int level, Split split, long seed);

  /**
   * Problems with different ids, the same ones for the same arguments.
   *
   * @throws BadInput if there is no such level, or if it does not seem to have so many problems
   */
  default List<Problem> distinct(int level, Split split, long seed, int count) {
    List<Problem> problems = new ArrayList<>(count);
    Set<String> ids = new HashSet<>();
    long tries = 1000 + 20L * count;
    for (long i = 0; problems.size() < count; i++) {
      if (i == tries) {
        throw new BadInput(
            "%s, level %d, has no %d different problems in %s: %d were found; ask for fewer"
                .formatted(name(), level, count, split, problems.size()));
      }
      Problem problem = generate(level, split, Randomness.mix(seed, i));
      if (ids.add(problem.id())) {
        problems.add(problem);
      }
    }
    return problems;
  }
}
