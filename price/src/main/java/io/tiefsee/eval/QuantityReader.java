package io.tiefsee.eval;

import io.tiefsee.eval.MathsText.Measured;
import io.tiefsee.eval.Units.Unit;
import io.tiefsee.eval.Verifier.Reading;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a quantity is read: {@code 5000}, {@code 5000 m}, {@code 5 km = 5000 m}. */
final class QuantityReader {
  /** A number and up to three words after it. */
  private static final Pattern PLACE =
      Pattern.compile("-?\\d[\\d.,/]*(?:\\s*[A-Za-zµ][A-Za-zµ/^0-9]*){0,3}");

  private static final Pattern GLUED = Pattern.compile("[-\\d.,/]*[A-Za-zµ]");

  private static final int MAX_SIDES = 5;

  private QuantityReader() {}

  static Reading read(Check.Quantity check, String text) {
    Unit wanted = Units.find(check.unit()).orElseThrow();
    String[] sides = MathsText.clean(text).split("=", MAX_SIDES);
    Rational right = check.value().times(wanted.factor());
    for (int i = 0; i < sides.length; i++) {
      boolean last = i == sides.length - 1;
      Measured side = MathsText.measured(sides[i].strip(), true);
      Optional<Unit> unit = Units.find(side.unit());
      Optional<Rational> number = Readers.number(Latex.plain(side.body()).strip());
      if (number.isPresent() && unit.isEmpty() && side.unit().matches("[A-Za-z]+")) {
        return new Reading.Wrong("it is in %s, not in %s".formatted(side.unit(), wanted.name()));
      }
      if (number.isEmpty() || (unit.isEmpty() && !side.unit().isEmpty())) {
        return new Reading.Other("'%s' is no quantity".formatted(Readers.quote(text)));
      }
      Unit of = unit.orElse(wanted);
      if (last && !of.equals(wanted)) {
        return new Reading.Wrong("it is in %s, not in %s".formatted(of.name(), wanted.name()));
      }
      if (of.dimension() != wanted.dimension() || !number.get().times(of.factor()).equals(right)) {
        return new Reading.Wrong("it is not " + Readers.quote(sides[i].strip()));
      }
    }
    return Readers.RIGHT;
  }

  /**
   * In the box; else the last number of the last line that has one, with the unit after it, unless
   * the line hedges.
   */
  static List<String> places(String text) {
    if (text.contains(Latex.BOX)) {
      return AnswerText.lastBox(text).stream().toList();
    }
    for (String line : text.lines().toList().reversed()) {
      Matcher place = PLACE.matcher(line.replace("**", "").replace("$", ""));
      Optional<String> last = Optional.empty();
      while (place.find()) {
        last = Optional.of(place.group());
      }
      if (last.isPresent()) {
        return AnswerText.hedges(line) ? List.of() : List.of(withUnit(last.get()));
      }
    }
    return List.of();
  }

  /** Words after the unit, if there is one, are left out. */
  private static String withUnit(String place) {
    String text = place.strip();
    for (String shorter = text; !shorter.isEmpty(); shorter = withoutLastWord(shorter)) {
      if (!MathsText.measured(MathsText.clean(shorter), true).unit().isEmpty()
          && Units.find(MathsText.measured(MathsText.clean(shorter), true).unit()).isPresent()) {
        return shorter;
      }
    }
    // A number with letters at it that are no unit is no number.
    return GLUED.matcher(text).lookingAt()
        ? text
        : text.replaceFirst("[\\sA-Za-zµ].*", "").replaceFirst("[.,]+$", "");
  }

  private static String withoutLastWord(String text) {
    return text.replaceFirst("\\s*[^\\s]+$", "");
  }
}
