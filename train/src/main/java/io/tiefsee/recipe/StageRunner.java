package io.tiefsee.recipe;

import io.tiefsee.config.JsonLines;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Takes a stage from where its last good checkpoint left it to its end, with log, data set and
 * checkpoints; or until it is asked to stop, when it finishes the step, leaves a checkpoint and
 * returns.
 */
public final class StageRunner {
  /** Watches a run; on the thread that trains. */
  public interface View {
    /** A stage begins or goes on, {@code done} of its steps being done. */
    void begin(String stage, long done, long steps);

    /**
     * After a step.
     *
     * @param done steps done
     */
    void step(String stage, long done, long steps, Map<String, Double> metrics);

    /** A line to be read. */
    void note(String line);

    /** Sees nothing. */
    View NONE =
        new View() {
          @Override
          public void begin(String stage, long done, long steps) {}

          @Override
          public void step(String stage, long done, long steps, Map<String, Double> metrics) {}

          @Override
          public void note(String line) {}
        };
  }

  private final RunFolder folder;
  private final OutputConfig output;
  private final View view;
  private final BooleanSupplier stopping;

  /**
   * @param stopping asked before each step
   */
  public StageRunner(RunFolder folder, OutputConfig output, View view, BooleanSupplier stopping) {
    this.folder = folder;
    this.output = output;
    this.view = view;
    this.stopping = stopping;
  }

  /**
   * Runs a stage, which stays open. What it keeps lies in {@link RunFolder#growing}.
   *
   * @param before stages that are over
   * @return whether it came to its end
   * @throws BadInput if a step cannot be done or something cannot be written
   */
  public boolean run(Stage stage, Set<String> before) {
    String name = stage.name();
    StageState state = stage.state();
    long done = folder.checkpoints().restore(name, state).orElse(0);
    folder.log().rewind(before, name, done);
    long from = done;
    try (Kept data = new Kept(folder.growing(name), from)) {
      view.begin(name, done, stage.steps());
      while (done < stage.steps()) {
        if (stopping.getAsBoolean()) {
          if (done > from) {
            save(name, done, state, data);
          }
          return false;
        }
        done = step(stage, done, data);
        if (done == stage.steps() || done % output.checkpointEvery() == 0) {
          save(name, done, state, data);
        }
      }
    }
    return true;
  }

  /** A data set that grows; there is no file before its first row. */
  private static final class Kept implements AutoCloseable {
    private final Path path;
    private Optional<JsonLines> lines = Optional.empty();

    /**
     * @param steps whose rows stay
     */
    Kept(Path path, long steps) {
      this.path = path;
      if (Files.exists(path)) {
        open().keep(n -> n.path("step").asLong(0) <= steps);
      }
    }

    private JsonLines open() {
      JsonLines opened = lines.orElseGet(() -> JsonLines.open(path));
      lines = Optional.of(opened);
      return opened;
    }

    void add(Map<String, ?> row) {
      open().add(row);
    }

    void sync() {
      lines.ifPresent(JsonLines::sync);
    }

    @Override
    public void close() {
      lines.ifPresent(JsonLines::close);
    }
  }

  private long step(Stage stage, long done, Kept data) {
    String name = stage.name();
    long began = System.nanoTime();
    Stage.Step result;
    try {
      result = stage.step(done);
    } catch (BadInput e) {
      throw new BadInput(stopped(name, done, String.valueOf(e.getMessage())), e);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    result
        .metrics()
        .forEach((metric, value) -> {
          if (!Double.isFinite(value)) {
            throw new BadInput(stopped(name, done, metric + " is " + value));
          }
        });
    Map<String, Double> metrics = new TreeMap<>(result.metrics());
    metrics.put(Metrics.SECONDS, seconds);
    if (metrics.containsKey(Metrics.TOKENS)) {
      metrics.put(Metrics.TOKENS_PER_SECOND, metrics.get(Metrics.TOKENS) / seconds);
    }
    long now = done + 1;
    folder.log().step(name, now, metrics);
    if (now % output.samplesEvery() == 0 || now == 1 || now == stage.steps()) {
      result.samples().forEach(s -> folder.log().sample(name, now, s));
    }
    for (Stage.Sample s : result.kept()) {
      Map<String, Object> line = RunLog.of(s);
      line.put("step", now);
      data.add(line);
    }
    view.step(name, now, stage.steps(), metrics);
    return now;
  }

  private String stopped(String stage, long done, String why) {
    return "step %d of %s cannot go on: %s (%s)"
        .formatted(
            done + 1,
            stage,
            why,
            folder.checkpoints().any(stage)
                ? "the last good checkpoint in " + folder.path() + " is kept"
                : "there is no checkpoint of " + stage + " yet");
  }

  private void save(String name, long done, StageState state, Kept data) {
    // The log first: a checkpoint must not know steps that the log has lost.
    folder.log().sync();
    data.sync();
    folder.checkpoints().save(name, done, state);
  }
}
