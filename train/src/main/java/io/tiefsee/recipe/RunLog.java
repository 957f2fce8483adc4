package io.tiefsee.recipe;

import io.tiefsee.config.JsonLines;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The log of a run, JSON lines of three kinds: {@code {"stage":…,"step":…,"time":…, metrics…}} for
 * each step, {@code {"stage":…,"step":…,"sample":{…}}} for answers to look at, and {@code
 * {"stage":…,"score":{…}}} for the held-out problems after a stage. Steps are counted from 1 here:
 * the log says how many were done. A run that went back to a checkpoint has no step twice.
 */
public final class RunLog implements AutoCloseable {
  private final JsonLines lines;

  /** Opens or makes the file. */
  public RunLog(Path file) {
    lines = JsonLines.open(file);
  }

  /**
   * Forgets what came after a checkpoint.
   *
   * @param done stages that are over, of which everything stays
   * @param stage the present one
   * @param steps its steps that stay
   */
  public void rewind(Set<String> done, String stage, long steps) {
    lines.keep(n -> {
      String of = n.path("stage").asString("");
      return done.contains(of)
          || of.equals(stage) && !n.has("score") && n.path("step").asLong(0) <= steps;
    });
  }

  /**
   * @param step steps done, this one included
   */
  public void step(String stage, long step, Map<String, Double> metrics) {
    Map<String, Object> line = head(stage);
    line.put("step", step);
    line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    new TreeMap<>(metrics)
        .forEach((name, value) -> {
          if (Double.isFinite(value)) {
            line.put(name, value);
          }
        });
    lines.add(line);
  }

  /** An answer to look at. */
  public void sample(String stage, long step, Stage.Sample sample) {
    Map<String, Object> line = head(stage);
    line.put("step", step);
    line.put("sample", of(sample));
    lines.add(line);
  }

  /**
   * How a model does on one task's held-out problems after a stage.
   *
   * @param values by name: {@link Metrics#PASS_1}, {@link Metrics#MAJORITY}, …
   */
  public void score(String stage, String task, int level, Map<String, Double> values) {
    Map<String, Object> line = head(stage);
    Map<String, Object> score = new LinkedHashMap<>();
    score.put("task", task);
    score.put("level", level);
    score.putAll(values);
    line.put("score", score);
    lines.add(line);
  }

  /** Scores that the log has of a stage. */
  static long scores(Path file, String stage) {
    return JsonLines.read(file).stream()
        .filter(n -> n.has("score") && n.path("stage").asString("").equals(stage))
        .count();
  }

  static Map<String, Object> of(Stage.Sample s) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("problem", s.problem());
    map.put("prompt", s.prompt());
    map.put("thinking", s.thinking());
    map.put("answer", s.answer());
    map.put("reward", s.reward());
    return map;
  }

  static Stage.Sample sample(JsonNode n) {
    return new Stage.Sample(
        n.path("problem").asString(""),
        n.path("prompt").asString(""),
        n.path("thinking").asString(""),
        n.path("answer").asString(""),
        n.path("reward").asDouble(0));
  }

  private static Map<String, Object> head(String stage) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("stage", stage);
    return line;
  }

  void sync() {
    lines.sync();
  }

  @Override
  public void close() {
    lines.close();
  }
}
