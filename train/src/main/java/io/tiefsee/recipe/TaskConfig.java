package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;

/**
 * One entry of the list {@code [[tasks]]}.
 *
 * @param name of the task
 * @param level how hard its problems are, from 1
 * @param weight how often it is drawn, next to the others
 */
public record TaskConfig(String name, int level, double weight) {
  public static final TaskConfig DEFAULTS = new TaskConfig("countdown", 1, 1);

  public TaskConfig {
    if (name.isBlank()) {
      throw new BadInput("name of a task is missing");
    }
    Limits.atLeast("level", level, 1);
    Limits.above("weight", weight, 0);
  }
}
