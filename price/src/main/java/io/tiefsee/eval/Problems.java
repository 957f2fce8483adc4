package io.tiefsee.eval;

import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Problems to measure with, by the names that a command line gives them. */
public final class Problems {
  /** A count that takes all problems of a file. */
  public static final int ALL = Integer.MAX_VALUE;

  private static final int MOST_DRAWN = 100_000;

  private Problems() {}

  /**
   * The problems of several specifications, each of which is
   *
   * <ul>
   *   <li>{@code countdown:2}: the level of a task, in its TEST split;
   *   <li>{@code countdown}: all its levels, in equal parts;
   *   <li>{@code gsm8k:path/test.jsonl}: a {@linkplain Dataset public file}.
   * </ul>
   *
   * <p>Ids are unique and stable: the same problem has the same id whatever the count and the seed.
   * A problem that comes up twice is given once.
   *
   * @param count of problems of each specification; {@link #ALL} takes a whole file; a file with
   *     fewer gives all it has
   * @param seed of the problems drawn, and of the choice from a file
   * @throws BadInput if a task, level or file does not exist or cannot be read, or has too few
   *     problems
   */
  public static List<Problem> of(List<String> specs, int count, long seed) {
    if (specs.isEmpty()) {
      throw new BadInput("there are no tasks: name at least one, such as countdown:1");
    }
    if (count < 1) {
      throw new BadInput("%d problems cannot be asked: give 1 or more".formatted(count));
    }
    Map<String, Problem> problems = new LinkedHashMap<>();
    for (String spec : specs) {
      of(spec.strip(), count, seed).forEach(p -> problems.putIfAbsent(p.id(), p));
    }
    return List.copyOf(problems.values());
  }

  private static List<Problem> of(String spec, int count, long seed) {
    int colon = spec.indexOf(':');
    String name = colon < 0 ? spec : spec.substring(0, colon);
    String rest = colon < 0 ? "" : spec.substring(colon + 1);
    return Dataset.named(name)
        .map(dataset -> some(dataset.read(file(dataset, rest), seed), count, seed))
        .orElseGet(() -> drawn(Tasks.find(name), colon < 0, rest, count, seed));
  }

  private static Path file(Dataset dataset, String path) {
    if (path.isBlank()) {
      throw new BadInput("the task %1$s needs its file: %1$s:PATH".formatted(dataset.taskName()));
    }
    return Path.of(path);
  }

  /** A part of the problems, in their order. */
  private static List<Problem> some(List<Problem> all, int count, long seed) {
    if (count >= all.size()) {
      return all;
    }
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      places.add(i);
    }
    new Randomness(seed).shuffle(places);
    return places.subList(0, count).stream().sorted().map(all::get).toList();
  }

  private static List<Problem> drawn(
      Task task, boolean allLevels, String rest, int count, long seed) {
    if (count > MOST_DRAWN) {
      throw new BadInput(
          "the task %s is drawn anew each time: ask for at most %d problems"
              .formatted(task.name(), MOST_DRAWN));
    }
    if (!allLevels) {
      return task.distinct(level(task, rest), Split.TEST, seed, count);
    }
    List<Problem> problems = new ArrayList<>();
    for (int level = 1; level <= task.levels(); level++) {
      int part = count / task.levels() + (level <= count % task.levels() ? 1 : 0);
      problems.addAll(task.distinct(level, Split.TEST, seed, part));
    }
    return problems;
  }

  private static int level(Task task, String text) {
    try {
      int level = Integer.parseInt(text);
      task.describe(level);
      return level;
    } catch (NumberFormatException e) {
      throw new BadInput(
          "'%s' is no level of the task %s: it has levels 1 to %d"
              .formatted(text, task.name(), task.levels()),
          e);
    }
  }
}
