package io.tiefsee.eval;

import io.tiefsee.tensor.BadInput;
import java.util.List;
import java.util.stream.Collectors;

/** The tasks there are. */
public final class Tasks {
  private static final List<Task> ALL =
      List.of(
          new CountdownTask(),
          new ArithmeticTask(),
          new EquationsTask(),
          new CompareTask(),
          new SortTask(),
          new DatesTask(),
          new LogicTask(),
          new SequencesTask(),
          new UnitsTask(),
          new CodeTask());

  private Tasks() {}

  /** All tasks. */
  public static List<Task> all() {
    return ALL;
  }

  /**
   * The task of that name.
   *
   * @throws BadInput if there is none
   */
  public static Task find(String name) {
    return ALL.stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new BadInput(
                "there is no task '%s'; choose one of %s"
                    .formatted(
                        name, ALL.stream().map(Task::name).collect(Collectors.joining(", ")))));
  }
}
