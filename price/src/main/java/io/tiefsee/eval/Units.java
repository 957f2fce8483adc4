package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Units of measurement, by the names in use, with exact factors. */
final class Units {
  /** What a unit measures, with the unit of factor 1. */
  enum Dimension {
    LENGTH,
    MASS,
    TIME,
    VOLUME,
    AREA,
    SPEED,
    DATA,
    ANGLE,
    MONEY
  }

  /**
   * A unit.
   *
   * @param name as a question writes it, in the plural
   * @param symbol its short form
   * @param factor how many of the dimension's base unit it is
   */
  record Unit(Dimension dimension, String name, String symbol, Rational factor) {}

  private static final List<Unit> ALL = new ArrayList<>();
  private static final Map<String, Unit> BY_NAME = new HashMap<>();

  static {
    add(Dimension.LENGTH, "millimetres", "mm", 1, 1000, "millimeters", "millimetre", "millimeter");
    add(Dimension.LENGTH, "centimetres", "cm", 1, 100, "centimeters", "centimetre", "centimeter");
    add(Dimension.LENGTH, "metres", "m", 1, 1, "meters", "metre", "meter");
    add(Dimension.LENGTH, "kilometres", "km", 1000, 1, "kilometers", "kilometre", "kilometer");
    // The international yard of 1959 is 0.9144 m.
    add(Dimension.LENGTH, "inches", "in", 254, 10_000, "inch");
    add(Dimension.LENGTH, "feet", "ft", 3048, 10_000, "foot");
    add(Dimension.LENGTH, "yards", "yd", 9144, 10_000, "yard");
    add(Dimension.LENGTH, "miles", "mi", 1_609_344, 1000, "mile");
    add(Dimension.MASS, "milligrams", "mg", 1, 1000, "milligram");
    add(Dimension.MASS, "grams", "g", 1, 1, "gram");
    add(Dimension.MASS, "kilograms", "kg", 1000, 1, "kilogram");
    add(Dimension.MASS, "tonnes", "t", 1_000_000, 1, "tonne", "metric tons");
    // The international pound of 1959 is 453.59237 g.
    add(Dimension.MASS, "ounces", "oz", 45_359_237, 1_600_000, "ounce");
    add(Dimension.MASS, "pounds", "lb", 45_359_237, 100_000, "pound", "lbs");
    add(Dimension.TIME, "milliseconds", "ms", 1, 1000, "millisecond");
    add(Dimension.TIME, "seconds", "s", 1, 1, "second", "sec", "secs");
    add(Dimension.TIME, "minutes", "min", 60, 1, "minute", "mins");
    add(Dimension.TIME, "hours", "h", 3600, 1, "hour", "hr", "hrs");
    add(Dimension.TIME, "days", "d", 86_400, 1, "day");
    add(Dimension.TIME, "weeks", "wk", 604_800, 1, "week");
    add(Dimension.VOLUME, "millilitres", "mL", 1, 1000, "milliliters", "millilitre", "milliliter");
    add(Dimension.VOLUME, "litres", "L", 1, 1, "liters", "litre", "liter");
    add(Dimension.VOLUME, "cubic centimetres", "cm^3", 1, 1000, "cubic centimeters");
    add(Dimension.VOLUME, "cubic metres", "m^3", 1000, 1, "cubic meters");
    add(Dimension.AREA, "square centimetres", "cm^2", 1, 10_000, "square centimeters");
    add(Dimension.AREA, "square metres", "m^2", 1, 1, "square meters");
    add(Dimension.AREA, "hectares", "ha", 10_000, 1, "hectare");
    add(Dimension.AREA, "square kilometres", "km^2", 1_000_000, 1, "square kilometers");
    add(Dimension.SPEED, "metres per second", "m/s", 1, 1, "meters per second");
    add(Dimension.SPEED, "kilometres per hour", "km/h", 10, 36, "kilometers per hour", "kph");
    add(Dimension.SPEED, "miles per hour", "mph", 1_609_344, 3_600_000, "miles/hour");
    add(Dimension.DATA, "bytes", "B", 1, 1, "byte");
    add(Dimension.DATA, "kibibytes", "KiB", 1024, 1, "kibibyte");
    add(Dimension.DATA, "mebibytes", "MiB", 1_048_576, 1, "mebibyte");
    add(Dimension.DATA, "gibibytes", "GiB", 1_073_741_824, 1, "gibibyte");
    add(Dimension.ANGLE, "degrees", "deg", 1, 1, "degree");
    add(Dimension.MONEY, "dollars", "USD", 1, 1, "dollar");
    add(Dimension.MONEY, "cents", "¢", 1, 100, "cent");
  }

  private Units() {}

  private static void add(
      Dimension dimension, String name, String symbol, long above, long below, String... others) {
    Unit unit = new Unit(dimension, name, symbol, Rational.of(above, below));
    ALL.add(unit);
    BY_NAME.put(key(name), unit);
    BY_NAME.put(symbol, unit);
    for (String other : others) {
      BY_NAME.put(key(other), unit);
    }
  }

  /** The units of a dimension, in the order of the table. */
  static List<Unit> of(Dimension dimension) {
    return ALL.stream().filter(u -> u.dimension() == dimension).toList();
  }

  private static String key(String name) {
    return name.replace(" ", "");
  }

  /** The unit of that name or symbol, with or without spaces. */
  static Optional<Unit> find(String name) {
    String plain = key(name);
    Unit exact = BY_NAME.get(plain);
    return Optional.ofNullable(exact != null ? exact : BY_NAME.get(lower(plain)));
  }

  /** Symbols of one letter mean what they mean in their own case only. */
  private static String lower(String name) {
    return name.length() < 2 ? name : name.toLowerCase(Locale.ROOT);
  }
}
