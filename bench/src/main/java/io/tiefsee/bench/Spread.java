package io.tiefsee.bench;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Least, middle and greatest of some measurements. */
record Spread(double min, double median, double max) {
  static Spread of(Collection<Double> values) {
    double[] v = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = v.length;
    return n == 0
        ? new Spread(Double.NaN, Double.NaN, Double.NaN)
        : new Spread(v[0], (v[(n - 1) / 2] + v[n / 2]) / 2, v[n - 1]);
  }

  Map<String, Object> json() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("min", min);
    map.put("median", median);
    map.put("max", max);
    return map;
  }

  @Override
  public String toString() {
    return Double.isNaN(median)
        ? "–"
        : String.format(Locale.ROOT, "%.2f (%.2f–%.2f)", median, min, max);
  }
}
