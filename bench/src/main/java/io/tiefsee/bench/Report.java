package io.tiefsee.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Results of a race as a table in Markdown and as JSON. */
final class Report {
  private Report() {}

  /** One line a measure and racer: its figures, and the first racer's ratio to it. */
  static String table(Race race, Race.Results results) {
    List<String[]> rows = new ArrayList<>();
    Racer first = race.racers().getFirst();
    rows.add(
        new String[] {"measure", "program", "figure", first.name() + " / it", "of read bandwidth"});
    for (Measure m : race.measures()) {
      for (Racer r : race.racers()) {
        Spread values = results.values(m, r);
        if (Double.isNaN(values.median())) {
          continue;
        }
        rows.add(
            new String[] {
              m.toString(),
              r.name(),
              values + " " + m.unit(),
              r == first ? "" : results.ratios(m, first, r).toString(),
              Double.isNaN(results.shares(m, r).median()) ? "" : results.shares(m, r).toString()
            });
      }
    }
    return format(rows);
  }

  private static String format(List<String[]> rows) {
    int columns = rows.getFirst().length;
    int[] width = new int[columns];
    for (String[] row : rows) {
      for (int c = 0; c < columns; c++) {
        width[c] = Math.max(width[c], row[c].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      line(text, rows.get(i), width);
      if (i == 0) {
        text.append('|');
        for (int w : width) {
          text.append("-".repeat(w + 2)).append('|');
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String[] row, int[] width) {
    text.append('|');
    for (int c = 0; c < row.length; c++) {
      text.append(' ').append(row[c]).append(" ".repeat(width[c] - row[c].length())).append(" |");
    }
    text.append('\n');
  }

  /** The same for a program: medians and spreads, without what was not measured. */
  static Map<String, Object> json(Race race, Race.Results results, String model) {
    Racer first = race.racers().getFirst();
    List<Object> lines = new ArrayList<>();
    for (Measure m : race.measures()) {
      for (Racer r : race.racers()) {
        Spread values = results.values(m, r);
        if (Double.isNaN(values.median())) {
          continue;
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("measure", m.toString());
        line.put("program", r.name());
        line.put("unit", m.unit());
        line.put("figure", values.json());
        if (r != first && !Double.isNaN(results.ratios(m, first, r).median())) {
          line.put("ratio", results.ratios(m, first, r).json());
        }
        if (!Double.isNaN(results.shares(m, r).median())) {
          line.put("share", results.shares(m, r).json());
        }
        lines.add(line);
      }
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", model);
    all.put("rounds", race.rounds());
    all.put("results", lines);
    return all;
  }
}
