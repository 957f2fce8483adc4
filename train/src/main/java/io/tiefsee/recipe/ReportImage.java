package io.tiefsee.recipe;

import io.tiefsee.recipe.RunHistory.Series;
import io.tiefsee.recipe.RunHistory.StageHistory;
import io.tiefsee.tensor.BadInput;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves of one stage as a PNG: accuracy, length, looking back, entropy, loss, speed. */
public final class ReportImage {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 330;
  private static final int COLUMNS = 3;

  /** Points of a curve at most. */
  private static final int POINTS = 300;

  private static final List<Color> COLOURS =
      List.of(new Color(0x0b6fae), new Color(0xd1721b), new Color(0x2f8f5b));
  private static final Color SOFT = new Color(0x5b6b7a);
  private static final Color GRID = new Color(0xd9e0e7);

  /** One curve: the metric and its name in the legend. */
  private record Curve(String metric, String label) {}

  private record Panel(String title, String unit, List<Curve> curves) {}

  private static final List<Panel> PANELS =
      List.of(
          new Panel(
              "Accuracy",
              "share of right answers",
              List.of(
                  new Curve(Metrics.PASS_1, "pass@1, held-out"),
                  new Curve(Metrics.MAJORITY, "majority@k, held-out"),
                  new Curve(Metrics.ACCURACY, "training"))),
          new Panel(
              "Length of answers",
              "tokens",
              List.of(
                  new Curve(Metrics.LENGTH, "training"), new Curve("held_out_length", "held-out"))),
          new Panel(
              "Looking back",
              "times an answer",
              List.of(
                  new Curve(Metrics.VERDICTS, "verdicts"),
                  new Curve(Metrics.CHECKS, "checks"),
                  new Curve(Metrics.RESTARTS, "restarts"))),
          new Panel("Entropy", "nats a token", List.of(new Curve(Metrics.ENTROPY, "entropy"))),
          new Panel("Loss", "", List.of(new Curve(Metrics.LOSS, "loss"))),
          new Panel(
              "Speed",
              "tokens a second",
              List.of(
                  new Curve("sampling_tokens/s", "sampling"),
                  new Curve("learning_tokens/s", "learning"),
                  new Curve(Metrics.TOKENS_PER_SECOND, "all"))));

  private ReportImage() {}

  /**
   * Writes the picture of a stage, if it has at least two steps to draw.
   *
   * @return whether there was something to draw
   * @throws BadInput if it cannot be written
   */
  public static boolean write(Path file, RunHistory run, StageHistory stage) {
    System.setProperty("java.awt.headless", "true");
    List<XYChart> charts = new ArrayList<>();
    for (Panel p : PANELS) {
      chart(p, run.name() + ", " + stage.name(), stage).ifPresent(charts::add);
    }
    if (charts.isEmpty()) {
      return false;
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      ImageIO.write(side(charts), "png", part.toFile());
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new BadInput(file + " cannot be written: " + BadInput.reason(e), e);
    }
    return true;
  }

  /** Side by side, in rows; places that are left stay white. */
  private static BufferedImage side(List<XYChart> charts) {
    int columns = Math.min(COLUMNS, charts.size());
    int rows = Math.ceilDiv(charts.size(), columns);
    BufferedImage image =
        new BufferedImage(columns * WIDTH, rows * HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, image.getWidth(), image.getHeight());
    for (int i = 0; i < charts.size(); i++) {
      BufferedImage one = BitmapEncoder.getBufferedImage(charts.get(i));
      g.drawImage(one, i % columns * WIDTH, i / columns * HEIGHT, null);
    }
    g.dispose();
    return image;
  }

  private static Optional<XYChart> chart(Panel panel, String of, StageHistory stage) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(panel.title)
            .xAxisTitle("step of " + of)
            .yAxisTitle(panel.unit)
            .build();
    style(chart.getStyler());
    int drawn = 0;
    for (Curve c : panel.curves) {
      Optional<Series> series =
          stage
              .metric(c.metric)
              .filter(s -> s.values().size() > 1)
              .filter(s -> s.values().stream().anyMatch(v -> v != 0));
      if (series.isPresent()) {
        XYSeries line = chart.addSeries(c.label, steps(series.get()), means(series.get().values()));
        line.setLineColor(COLOURS.get(panel.curves.indexOf(c)));
        // What is drawn of every step is noisy beside what is drawn of some.
        boolean noisy = c.label.equals("training") && panel.curves.size() > 1;
        line.setLineStyle(new BasicStroke(noisy ? 1f : 2f));
        line.setMarker(SeriesMarkers.NONE);
        drawn++;
      }
    }
    chart.getStyler().setLegendVisible(drawn > 1);
    return drawn == 0 ? Optional.empty() : Optional.of(chart);
  }

  /** The last one is moved a little: of steps at equal distances each would get a tick. */
  private static double[] steps(Series series) {
    double[] steps = means(series.steps());
    steps[steps.length - 1] += 1e-3;
    return steps;
  }

  /** Of long curves the means of equally many neighbours: single steps would be a smear. */
  private static double[] means(List<? extends Number> all) {
    int size = Math.ceilDiv(all.size(), POINTS);
    double[] means = new double[Math.ceilDiv(all.size(), size)];
    for (int i = 0; i < means.length; i++) {
      List<? extends Number> some = all.subList(i * size, Math.min(all.size(), (i + 1) * size));
      means[i] = some.stream().mapToDouble(Number::doubleValue).average().orElseThrow();
    }
    return means;
  }

  /** Three digits that count, without needless zeros. */
  private static String label(double value) {
    return Math.abs(value) >= 1000
        ? String.format(Locale.ROOT, "%,.0f", value)
        : new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros().toPlainString();
  }

  private static void style(org.knowm.xchart.style.XYStyler s) {
    s.setChartBackgroundColor(Color.WHITE);
    s.setPlotBackgroundColor(Color.WHITE);
    s.setPlotBorderVisible(false);
    s.setPlotGridLinesColor(GRID);
    s.setPlotGridVerticalLinesVisible(false);
    s.setAxisTicksMarksVisible(false);
    s.setAxisTickLabelsColor(SOFT);
    s.setChartFontColor(new Color(0x1b2733));
    s.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    s.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    s.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    s.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    s.setLegendPosition(Styler.LegendPosition.OutsideS);
    s.setLegendLayout(Styler.LegendLayout.Horizontal);
    s.setLegendBorderColor(Color.WHITE);
    s.setLegendPadding(4);
    s.setXAxisMin(0.0);
    s.setXAxisTickMarkSpacingHint(70);
    s.setXAxisTickLabelsFormattingFunction(ReportImage::label);
    s.setYAxisTickLabelsFormattingFunction(ReportImage::label);
    s.setChartPadding(12);
  }
}
