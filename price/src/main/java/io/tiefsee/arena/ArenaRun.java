package io.tiefsee.arena;

import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Problems;
import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks all contestants the same questions, one contestant after the other, so that none slows down
 * another. Who fails half-way keeps what it has, and does not keep the others from going on.
 */
public final class ArenaRun {
  /**
   * What came of it.
   *
   * @param scores of the contestants that answered everything
   * @param byTask the same scores on the questions of each task and level
   * @param failures of the others, by title: why
   * @param complete false if it was stopped
   */
  public record Outcome(
      List<Problem> problems,
      List<Score> scores,
      Map<String, List<Score>> byTask,
      Map<String, String> failures,
      boolean complete) {}

  private final ArenaConfig config;
  private final Entrants entrants;
  private final TrialLog log;
  private final TrialRun run;

  public ArenaRun(ArenaConfig config, Entrants entrants, TrialLog log, TrialRun.View view) {
    this.config = config;
    this.entrants = entrants;
    this.log = log;
    this.run = new TrialRun(log, view);
  }

  /** Gives up the questions under way; {@link #run} then returns with what there is. */
  public void stop() {
    run.stop();
  }

  /**
   * Runs to the end, or as far as it gets.
   *
   * @throws BadInput if a task, a model, an endpoint or a key is not there, or two contestants have
   *     one name
   */
  public Outcome run() {
    List<Problem> problems = Problems.of(config.tasks(), config.questions(), config.seed());
    List<Entrants.Entry> entries = new ArrayList<>();
    config.local().forEach(l -> entries.addAll(entrants.of(l, config.protocol())));
    config.remote().forEach(r -> entries.addAll(entrants.of(r, config.protocol(), log)));
    checkTitles(entries);
    knock(entries, problems);
    Map<String, String> failures = new LinkedHashMap<>();
    List<Entrants.Entry> finished = new ArrayList<>();
    for (Entrants.Entry entry : entries) {
      try {
        if (run.ask(entry.contestant(), problems, entry.opener())) {
          finished.add(entry);
        }
      } catch (BadInput e) {
        failures.put(entry.contestant().title(), String.valueOf(e.getMessage()));
      }
    }
    Map<String, List<Score>> byTask = new LinkedHashMap<>();
    for (String task : problems.stream().map(TrialRun::taskOf).distinct().toList()) {
      List<Problem> own = problems.stream().filter(p -> task.equals(TrialRun.taskOf(p))).toList();
      byTask.put(task, scores(finished, own));
    }
    return new Outcome(problems, scores(finished, problems), byTask, failures, !run.isStopped());
  }

  private List<Score> scores(List<Entrants.Entry> entries, List<Problem> problems) {
    return entries.stream()
        .flatMap(e -> e.contestant().ks().stream().flatMap(k -> e.score(k, problems, log).stream()))
        .toList();
  }

  /** A wrong address or key is to show at once, not after hours. */
  private void knock(List<Entrants.Entry> entries, List<Problem> problems) {
    for (Entrants.Entry entry : entries) {
      if (entry.contestant().remote() && !run.isDone(entry.contestant(), problems)) {
        try {
          entry.opener().open().close();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          stop();
        }
      }
    }
  }

  private static void checkTitles(List<Entrants.Entry> entries) {
    Map<String, String> seen = new LinkedHashMap<>();
    for (Entrants.Entry entry : entries) {
      String title = entry.contestant().title();
      Optional<String> other =
          Optional.ofNullable(seen.putIfAbsent(title, entry.contestant().fingerprint()));
      if (other.isPresent()) {
        throw new BadInput("two contestants are called '" + title + "': give each a name");
      }
    }
  }
}
