package io.tiefsee.train;

import io.tiefsee.tensor.BadInput;

/**
 * Learning rate by step: a linear warm-up from 0, then a curve down to a share of the peak.
 *
 * @param peak rate at the end of the warm-up
 * @param warmup steps of warm-up
 * @param steps steps in all
 * @param floor share of the peak that is left at the end
 * @param shape of the way down
 */
public record Schedule(double peak, int warmup, int steps, double floor, Shape shape) {
  /** Way down from the peak. */
  public enum Shape {
    CONSTANT,
    LINEAR,
    COSINE
  }

  public Schedule {
    if (!(peak > 0) || warmup < 0 || steps < 1 || warmup > steps || !(floor >= 0 && floor <= 1)) {
      throw new BadInput(
          "a learning rate of "
              + peak
              + " with "
              + warmup
              + " of "
              + steps
              + " steps of warm-up and a floor of "
              + floor
              + " makes no schedule");
    }
  }

  /** The rate of step {@code step}, counted from 0. */
  public double at(int step) {
    if (step < warmup) {
      return peak * (step + 1) / warmup;
    }
    double done = steps == warmup ? 1 : Math.min(1, (double) (step - warmup) / (steps - warmup));
    double left =
        switch (shape) {
          case CONSTANT -> 1;
          case LINEAR -> 1 - done;
          case COSINE -> (1 + Math.cos(Math.PI * done)) / 2;
        };
    return peak * (shape == Shape.CONSTANT ? 1 : floor + (1 - floor) * left);
  }
}
