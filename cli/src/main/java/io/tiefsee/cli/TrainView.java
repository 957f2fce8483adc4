package io.tiefsee.cli;

import io.tiefsee.recipe.Durations;
import io.tiefsee.recipe.Metrics;
import io.tiefsee.recipe.StageRunner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A run on the error stream: on a terminal a few lines that are drawn anew after each step, else a
 * plain line now and then. Methods may be called by several threads.
 */
final class TrainView implements StageRunner.View {
  /** Points of the small curve. */
  private static final int CURVE = 32;

  private static final int WIDTH = 78;

  private static final String BARS = "▁▂▃▄▅▆▇█";
  private static final long PLAIN_NANOS = 5_000_000_000L;

  /** Metrics that are shown, with their label and how. */
  private enum Shown {
    LOSS(Metrics.LOSS, "loss", "%.4f"),
    REWARD(Metrics.REWARD, "reward", "%.3f"),
    ACCURACY(Metrics.ACCURACY, "right", "%.1f%%"),
    PASS(Metrics.PASS_1, "pass@1", "%.1f%%"),
    MAJORITY(Metrics.MAJORITY, "majority@k", "%.1f%%"),
    LENGTH(Metrics.LENGTH, "length", "%.0f"),
    TRUNCATED(Metrics.TRUNCATED, "cut", "%.1f%%"),
    ENTROPY(Metrics.ENTROPY, "entropy", "%.3f"),
    KL(Metrics.KL, "KL", "%.4f"),
    SPEED(Metrics.TOKENS_PER_SECOND, "tokens/s", "%.0f");

    private final String metric;
    private final String label;
    private final String format;

    Shown(String metric, String label, String format) {
      this.metric = metric;
      this.label = label;
      this.format = format;
    }

    private String of(double value) {
      double shown = format.endsWith("%%") ? 100 * value : value;
      return label + " " + String.format(Locale.ROOT, format, shown);
    }
  }

  private final Streams streams;
  private final String command;
  private final Map<String, Double> latest = new LinkedHashMap<>();
  private final Deque<Double> curve = new ArrayDeque<>();
  private String stage = "";
  private long first;
  private long began;
  private long printed;
  private int lines;

  TrainView(Streams streams, String command) {
    this.streams = streams;
    this.command = command;
  }

  @Override
  public synchronized void begin(String name, long done, long steps) {
    forget();
    stage = name;
    first = done;
    began = System.nanoTime();
    printed = 0;
    latest.clear();
    curve.clear();
    streams.note(
        command
            + (done == 0 ? ": %s, %d steps" : ": %s, %d steps, going on after step %d")
                .formatted(name, steps, done));
  }

  @Override
  public synchronized void step(String name, long done, long steps, Map<String, Double> metrics) {
    latest.putAll(metrics);
    String main = metrics.containsKey(Metrics.REWARD) ? Metrics.REWARD : Metrics.LOSS;
    curve.addLast(latest.getOrDefault(main, latest.getOrDefault(Metrics.ACCURACY, 0.0)));
    if (curve.size() > CURVE) {
      curve.removeFirst();
    }
    long now = System.nanoTime();
    double left = (now - began) / 1e9 / (done - first) * (steps - done);
    String head = "%s %d/%d  %s left".formatted(stage, done, steps, Durations.of(left));
    List<String> values = new ArrayList<>();
    for (Shown s : Shown.values()) {
      if (latest.containsKey(s.metric)) {
        values.add(s.of(latest.getOrDefault(s.metric, 0.0)));
      }
    }
    if (streams.errColours()) {
      List<String> block = new ArrayList<>(List.of(head + "  " + sparkline()));
      block.addAll(wrapped(values));
      String top = lines > 0 ? "\u001b[" + lines + "A\r\u001b[J" : "";
      streams.err().print(top + String.join("\n", block) + "\n");
      streams.err().flush();
      lines = block.size();
    } else if (now - printed > PLAIN_NANOS || done == steps) {
      printed = now;
      streams.err().println(head + "  " + String.join("  ", values));
    }
  }

  /** In lines that fit any usual terminal, for one that the terminal breaks is two to go up. */
  private static List<String> wrapped(List<String> values) {
    List<String> wrapped = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String v : values) {
      if (line.length() + v.length() + 2 > WIDTH) {
        wrapped.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : "  ").append(v);
    }
    wrapped.add(line.toString());
    return wrapped;
  }

  private String sparkline() {
    double low = curve.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    double high = curve.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    StringBuilder bars = new StringBuilder();
    for (double v : curve) {
      int bar = high > low ? (int) ((BARS.length() - 1) * (v - low) / (high - low)) : 0;
      bars.append(BARS.charAt(bar));
    }
    return bars.toString();
  }

  @Override
  public synchronized void note(String line) {
    forget();
    streams.note(line);
  }

  /** Leaves what is drawn, and adds a line unless it is empty. */
  synchronized void end(String line) {
    forget();
    if (!line.isEmpty()) {
      streams.note(line);
    }
  }

  private void forget() {
    lines = 0;
  }
}
