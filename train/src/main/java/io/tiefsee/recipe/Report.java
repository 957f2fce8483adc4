package io.tiefsee.recipe;

import io.tiefsee.config.ConfigValues;
import io.tiefsee.recipe.RunHistory.Series;
import io.tiefsee.recipe.RunHistory.StageHistory;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.ObjectMapper;

/**
 * A run as one HTML file that needs nothing else: curves by stage, scores on held-out problems,
 * answers from several steps side by side, how often answers check themselves, what it cost.
 */
public final class Report {
  /** Steps whose answers stand side by side. */
  private static final int COLUMNS = 4;

  /** Answers of a step that are shown, and characters of each. */
  private static final int ROWS = 3;

  private static final int LONGEST = 4000;

  private final RunHistory run;
  private final Cost cost;

  public Report(RunHistory run, Cost cost) {
    this.run = run;
    this.cost = cost;
  }

  /**
   * Writes the file; it appears when it is complete.
   *
   * @param config the run's configuration as TOML
   * @throws BadInput if it cannot be written
   */
  public void write(Path file, String config) {
    String page =
        resource("report.html")
            .replace("/*uplot.css*/", resource("uPlot.min.css"))
            .replace("/*uplot.js*/", resource("uPlot.iife.min.js"))
            .replace("/*data*/", json(config));
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.writeString(part, page);
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new BadInput(file + " cannot be written: " + BadInput.reason(e), e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = Report.class.getResourceAsStream("report/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the resource report/" + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the resource report/" + name + " cannot be read", e);
    }
  }

  /** For the inside of a script element: nothing in it can end that element. */
  private String json(String config) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", run.name());
    data.put("config", config);
    data.put("cost", cost.toMap());
    data.put("scores", run.scores().stream().map(ConfigValues::of).toList());
    data.put("stages", run.stages().stream().map(this::stage).toList());
    return new ObjectMapper().writeValueAsString(data).replace("<", "\\u003c");
  }

  private Map<String, Object> stage(StageHistory s) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", s.name());
    map.put("cost", cost.of(s.seconds()).toMap());
    map.put("steps", s.steps());
    Map<String, Object> metrics = new LinkedHashMap<>();
    s.metrics().forEach((name, series) -> metrics.put(name, ConfigValues.of(series)));
    map.put("metrics", metrics);
    map.put("samples", samples(s));
    return map;
  }

  /** Some steps from the first to the last that has samples. */
  private static List<Map<String, Object>> samples(StageHistory s) {
    List<Long> steps = new ArrayList<>(s.samples().keySet());
    List<Map<String, Object>> columns = new ArrayList<>();
    int n = Math.min(COLUMNS, steps.size());
    for (int i = 0; i < n; i++) {
      long step = steps.get(n == 1 ? 0 : i * (steps.size() - 1) / (n - 1));
      List<Stage.Sample> all = Optional.ofNullable(s.samples().get(step)).orElse(List.of());
      List<Map<String, Object>> shown =
          all.stream()
              .limit(ROWS)
              .map(x -> {
                Map<String, Object> row = RunLog.of(x);
                row.replaceAll((k, v) -> v instanceof String text ? cut(text) : v);
                row.put("checks", ConfigValues.of(SelfChecks.of(x.thinking())));
                return row;
              })
              .toList();
      columns.add(Map.of("step", step, "answers", shown));
    }
    return columns;
  }

  private static String cut(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    // Half a surrogate pair is no character, and a file of UTF-8 has no place for it.
    int end = LONGEST - (Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? 1 : 0);
    return text.substring(0, end) + " …";
  }

  /** The same in every country. */
  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** The report in a few lines, for a terminal. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (StageHistory s : run.stages()) {
      StringBuilder line = new StringBuilder();
      line.append(text("%-12s %6d steps %8s", s.name(), s.steps(), Durations.of(s.seconds())));
      for (String metric :
          List.of(Metrics.LOSS, Metrics.REWARD, Metrics.PASS_1, Metrics.MAJORITY, Metrics.LENGTH)) {
        OptionalDouble last = s.metric(metric).map(Series::last).orElse(OptionalDouble.empty());
        last.ifPresent(v -> line.append(text("  %s %.3g", metric, v)));
      }
      lines.add(line.toString());
    }
    for (RunHistory.StageScore s : run.scores()) {
      lines.add(
          text(
              "after %-12s %s %d: pass@1 %.1f %%, majority@k %.1f %%",
              s.stage(),
              s.task(),
              s.level(),
              100 * s.value(Metrics.PASS_1),
              100 * s.value(Metrics.MAJORITY)));
    }
    lines.add(
        Durations.of(cost.seconds().doubleValue())
            + (cost.isKnown()
                ? text(
                    ", %.0f kJ at a declared %.0f W, %.4f €",
                    cost.joules().movePointLeft(3), cost.watts(), cost.eur())
                : " (--watts W gives energy and cost)"));
    return lines;
  }
}
