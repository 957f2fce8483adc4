package io.tiefsee.arena;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Point2D;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The arena as a picture: accuracy against the cost of a right answer (against its seconds where
 * nothing has a price), and against tokens.
 */
final class ReportImage {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 520;

  /** What axes, titles and legend leave of a chart, about. */
  private static final double PLOT_WIDTH = 660;

  private static final double PLOT_HEIGHT = 370;

  /** Okabe and Ito's, which colour-blind people can tell apart. */
  private static final List<Color> COLOURS =
      List.of(
          new Color(0x0072b2),
          new Color(0xd55e00),
          new Color(0x009e73),
          new Color(0xcc79a7),
          new Color(0xe69f00),
          new Color(0x56b4e9),
          new Color(0x999999));

  private static final Color SOFT = new Color(0x5b6b7a);
  private static final Color GRID = new Color(0xd9e0e7);

  private ReportImage() {}

  static BufferedImage of(ArenaReport report) {
    System.setProperty("java.awt.headless", "true");
    List<Score> scores = report.scores();
    boolean priced = scores.stream().anyMatch(s -> s.costPerCorrect().isPresent());
    String currency = report.book().currency();
    XYChart left =
        priced
            ? chart(scores, "a thousand right answers, " + currency, ReportImage::cost, true)
            : chart(scores, "seconds of a right answer", Score::secondsPerCorrect, false);
    XYChart right =
        chart(
            scores,
            "tokens generated for a question",
            s -> Optional.of(BigDecimal.valueOf(s.k() * s.lengths().total())),
            false);
    return side(left, right);
  }

  private static Optional<BigDecimal> cost(Score s) {
    return s.costPerCorrect().map(c -> c.movePointRight(3));
  }

  private static BufferedImage side(XYChart left, XYChart right) {
    BufferedImage image = new BufferedImage(2 * WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.drawImage(BitmapEncoder.getBufferedImage(left), 0, 0, null);
    g.drawImage(BitmapEncoder.getBufferedImage(right), WIDTH, 0, null);
    g.dispose();
    return image;
  }

  private static XYChart chart(
      List<Score> all, String label, Function<Score, Optional<BigDecimal>> x, boolean front) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Accuracy against " + label)
            .xAxisTitle(label)
            .yAxisTitle("accuracy, %")
            .build();
    List<Score> scores =
        all.stream().filter(s -> x.apply(s).filter(v -> v.signum() > 0).isPresent()).toList();
    style(chart.getStyler(), scores, x);
    if (front) {
      front(chart, scores, x);
    }
    List<String> names = all.stream().map(s -> s.contestant().name()).distinct().toList();
    for (String name : names) {
      Color colour = COLOURS.get(names.indexOf(name) % COLOURS.size());
      List<Score> own = scores.stream().filter(s -> s.contestant().name().equals(name)).toList();
      own.forEach(s -> interval(chart, s, value(x, s), colour));
      points(chart, name, own.stream().filter(s -> s.k() == 1).toList(), x, colour, true);
      boolean onlyVotes = own.stream().allMatch(s -> s.k() > 1);
      points(chart, name, own.stream().filter(s -> s.k() > 1).toList(), x, colour, onlyVotes);
    }
    labels(chart, scores, x);
    return chart;
  }

  private static double value(Function<Score, Optional<BigDecimal>> x, Score s) {
    return x.apply(s).orElseThrow().doubleValue();
  }

  private static void points(
      XYChart chart,
      String name,
      List<Score> scores,
      Function<Score, Optional<BigDecimal>> x,
      Color colour,
      boolean inLegend) {
    if (scores.isEmpty()) {
      return;
    }
    boolean votes = scores.getFirst().k() > 1;
    XYSeries series =
        chart.addSeries(
            name + (votes ? ", votes" : ""),
            scores.stream().mapToDouble(s -> value(x, s)).toArray(),
            scores.stream().mapToDouble(s -> 100 * s.accuracy().value()).toArray());
    series.setLineStyle(new BasicStroke(0));
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    series.setMarker(votes ? SeriesMarkers.TRIANGLE_UP : SeriesMarkers.CIRCLE);
    series.setMarkerColor(colour);
    series.setShowInLegend(inLegend);
  }

  /** A bar from low to high. */
  private static void interval(XYChart chart, Score s, double x, Color colour) {
    XYSeries bar =
        chart.addSeries(
            "interval of " + s.title(),
            new double[] {x, x},
            new double[] {100 * s.accuracy().low(), 100 * s.accuracy().high()});
    bar.setMarker(SeriesMarkers.NONE);
    bar.setLineColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 120));
    bar.setLineStyle(new BasicStroke(1.5f));
    bar.setShowInLegend(false);
  }

  /** The budgets beside the points, as far as there is room. */
  private static void labels(
      XYChart chart, List<Score> scores, Function<Score, Optional<BigDecimal>> x) {
    if (scores.isEmpty()) {
      return;
    }
    XYStyler axes = chart.getStyler();
    double decades = Math.log(axes.getXAxisMax() / axes.getXAxisMin());
    double top = axes.getYAxisMax();
    Function<Score, Point2D.Double> pixel =
        s ->
            new Point2D.Double(
                PLOT_WIDTH * Math.log(value(x, s) / axes.getXAxisMin()) / decades,
                PLOT_HEIGHT * (1 - 100 * s.accuracy().value() / top));
    LabelPlaces places =
        new LabelPlaces(PLOT_WIDTH, PLOT_HEIGHT, scores.stream().map(pixel).toList());
    for (Score s : scores) {
      int budget = s.contestant().protocol().thinkingBudget();
      if (budget == 0) {
        continue;
      }
      String text = String.valueOf(budget);
      places
          .next(pixel.apply(s), text.length())
          .map(at ->
              new AnnotationText(
                  text,
                  axes.getXAxisMin() * Math.exp(decades * at.x / PLOT_WIDTH),
                  top * (1 - at.y / PLOT_HEIGHT),
                  false))
          .ifPresent(chart::addAnnotation);
    }
  }

  private static void front(
      XYChart chart, List<Score> scores, Function<Score, Optional<BigDecimal>> x) {
    List<Score> line =
        scores.stream()
            .filter(s -> s.isOnFront(scores))
            .sorted(Comparator.comparingDouble(s -> value(x, s)))
            .toList();
    if (line.size() > 1) {
      XYSeries series =
          chart.addSeries(
              "nobody is better",
              line.stream().mapToDouble(s -> value(x, s)).toArray(),
              line.stream().mapToDouble(s -> 100 * s.accuracy().value()).toArray());
      series.setMarker(SeriesMarkers.NONE);
      series.setLineColor(SOFT);
      series.setLineStyle(
          new BasicStroke(
              1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {5, 4}, 0));
    }
  }

  private static void style(
      XYStyler s, List<Score> scores, Function<Score, Optional<BigDecimal>> x) {
    s.setChartBackgroundColor(Color.WHITE);
    s.setPlotBackgroundColor(Color.WHITE);
    s.setPlotBorderVisible(false);
    s.setPlotGridLinesColor(GRID);
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
    s.setMarkerSize(9);
    s.setAnnotationTextFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    s.setAnnotationTextFontColor(SOFT);
    s.setChartPadding(14);
    s.setYAxisMin(0.0);
    double top = scores.stream().mapToDouble(v -> v.accuracy().high()).max().orElse(1);
    s.setYAxisMax(Math.min(100, 10 * Math.ceil(10 * top)));
    if (!scores.isEmpty()) {
      s.setXAxisLogarithmic(true);
      s.setXAxisMin(scores.stream().mapToDouble(v -> value(x, v)).min().orElse(1) / 1.3);
      s.setXAxisMax(scores.stream().mapToDouble(v -> value(x, v)).max().orElse(1) * 1.3);
      s.setXAxisTickLabelsFormattingFunction(
          v -> Markdown.number(Optional.of(BigDecimal.valueOf(v))));
    }
  }
}
