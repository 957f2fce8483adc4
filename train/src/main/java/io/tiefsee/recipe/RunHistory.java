package io.tiefsee.recipe;

import io.tiefsee.config.JsonLines;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What a run's log says, by stage.
 *
 * @param name of the model
 * @param stages in their order
 * @param scores on held-out problems, in the order of the log
 */
public record RunHistory(String name, List<StageHistory> stages, List<StageScore> scores) {
  public RunHistory {
    stages = List.copyOf(stages);
    scores = List.copyOf(scores);
  }

  /**
   * A metric over a stage.
   *
   * @param steps at which it was logged
   * @param values by the same index
   */
  public record Series(List<Long> steps, List<Double> values) {
    double sum() {
      return values.stream().mapToDouble(Double::doubleValue).sum();
    }

    OptionalDouble last() {
      return values.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(values.getLast());
    }
  }

  /**
   * One stage.
   *
   * @param metrics by name
   * @param samples by step
   */
  public record StageHistory(
      String name, Map<String, Series> metrics, Map<Long, List<Stage.Sample>> samples) {
    public Optional<Series> metric(String metric) {
      return Optional.ofNullable(metrics.get(metric));
    }

    double seconds() {
      return metric(Metrics.SECONDS).map(Series::sum).orElse(0.0);
    }

    long steps() {
      return metric(Metrics.SECONDS).map(s -> s.steps.getLast()).orElse(0L);
    }
  }

  /** A score after a stage. */
  public record StageScore(String stage, String task, int level, Map<String, Double> values) {
    double value(String metric) {
      return values.getOrDefault(metric, 0.0);
    }
  }

  /** Seconds of all steps. */
  public double seconds() {
    return stages.stream().mapToDouble(StageHistory::seconds).sum();
  }

  /**
   * Reads a run's folder.
   *
   * @throws BadInput if it is none or nothing has been logged
   */
  public static RunHistory read(Path folder) {
    Path log = RunFolder.logFile(folder);
    if (!Files.exists(log)) {
      throw new BadInput(folder + " is no folder of a run: it has no log.jsonl");
    }
    Map<String, StageHistory> stages = new LinkedHashMap<>();
    List<StageScore> scores = new ArrayList<>();
    for (JsonNode line : JsonLines.read(log)) {
      String stage = line.path("stage").asString("");
      if (line.has("score")) {
        scores.add(score(stage, line.path("score")));
        continue;
      }
      StageHistory history =
          stages.computeIfAbsent(
              stage, s -> new StageHistory(s, new LinkedHashMap<>(), new TreeMap<>()));
      long step = line.path("step").asLong(0);
      if (line.has("sample")) {
        history
            .samples
            .computeIfAbsent(step, s -> new ArrayList<>())
            .add(RunLog.sample(line.path("sample")));
      } else {
        for (Map.Entry<String, JsonNode> e : line.properties()) {
          if (e.getValue().isNumber() && !e.getKey().equals("step")) {
            Series series =
                history.metrics.computeIfAbsent(
                    e.getKey(), m -> new Series(new ArrayList<>(), new ArrayList<>()));
            series.steps.add(step);
            series.values.add(e.getValue().doubleValue());
          }
        }
      }
    }
    if (stages.isEmpty()) {
      throw new BadInput(folder + ": the run has not taken a step yet");
    }
    return new RunHistory(RunFolder.config(folder).name(), List.copyOf(stages.values()), scores);
  }

  private static StageScore score(String stage, JsonNode node) {
    Map<String, Double> values = new LinkedHashMap<>();
    node.properties()
        .forEach(e -> {
          if (e.getValue().isNumber() && !e.getKey().equals("level")) {
            values.put(e.getKey(), e.getValue().doubleValue());
          }
        });
    return new StageScore(
        stage, node.path("task").asString(""), node.path("level").asInt(0), values);
  }
}
