package io.tiefsee.arena;

import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where labels may stand beside the points of a plot so that they cover no point and one another
 * not. Lengths are pixels; y goes down.
 */
final class LabelPlaces {
  private static final double RADIUS = 6;
  private static final double WIDTH_OF_A_DIGIT = 7;
  private static final double HEIGHT = 12;

  private final Rectangle2D plot;
  private final List<Rectangle2D> taken = new ArrayList<>();

  LabelPlaces(double width, double height, List<Point2D.Double> points) {
    plot = new Rectangle2D.Double(0, 0, width, height);
    points.forEach(p -> taken.add(around(p, 2 * RADIUS, 2 * RADIUS)));
  }

  /**
   * The middle of the next label: right of its point, else left, above or below it; empty if there
   * is no room.
   *
   * @param digits its length
   */
  Optional<Point2D.Double> next(Point2D.Double point, int digits) {
    double width = digits * WIDTH_OF_A_DIGIT;
    double aside = RADIUS + 3 + width / 2;
    double above = RADIUS + 2 + HEIGHT / 2;
    double[][] places = {{aside, 0}, {-aside, 0}, {0, -above}, {0, above}};
    for (double[] place : places) {
      Point2D.Double middle = new Point2D.Double(point.x + place[0], point.y + place[1]);
      Rectangle2D box = around(middle, width, HEIGHT);
      if (plot.contains(box) && taken.stream().noneMatch(box::intersects)) {
        taken.add(box);
        return Optional.of(middle);
      }
    }
    return Optional.empty();
  }

  private static Rectangle2D around(Point2D middle, double width, double height) {
    return new Rectangle2D.Double(
        middle.getX() - width / 2, middle.getY() - height / 2, width, height);
  }
}
