package io.tiefsee.text;

import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Python's {@code strftime} in the C locale. */
final class PyTime {
  private PyTime() {}

  static String format(String pattern, ZonedDateTime t) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c != '%' || i + 1 == pattern.length()) {
        out.append(c);
        continue;
      }
      c = pattern.charAt(++i);
      char flag = ' ';
      if ("-_0^#".indexOf(c) >= 0 && i + 1 < pattern.length()) { // glibc's flags
        flag = c;
        c = pattern.charAt(++i);
      }
      String field = field(c, t);
      out.append(
          switch (flag) {
            case '-' -> field.length() > 1 ? field.replaceFirst("^[0 ]+(?=.)", "") : field;
            case '_' -> field.replaceFirst("^0(?=.)", " ");
            case '^' -> PyStr.upper(field);
            default -> field;
          });
    }
    return out.toString();
  }

  private static String field(char c, ZonedDateTime t) {
    int hour12 = (t.getHour() + 11) % 12 + 1;
    return switch (c) {
      case 'Y' -> Integer.toString(t.getYear());
      case 'y' -> two(t.getYear() % 100);
      case 'C' -> two(t.getYear() / 100);
      case 'm' -> two(t.getMonthValue());
      case 'd' -> two(t.getDayOfMonth());
      case 'e' -> String.format(Locale.ROOT, "%2d", t.getDayOfMonth());
      case 'H' -> two(t.getHour());
      case 'k' -> String.format(Locale.ROOT, "%2d", t.getHour());
      case 'I' -> two(hour12);
      case 'l' -> String.format(Locale.ROOT, "%2d", hour12);
      case 'M' -> two(t.getMinute());
      case 'S' -> two(t.getSecond());
      case 'f' -> String.format(Locale.ROOT, "%06d", t.getNano() / 1000);
      case 'p' -> t.getHour() < 12 ? "AM" : "PM";
      case 'P' -> t.getHour() < 12 ? "am" : "pm";
      case 'b', 'h' -> month(t).substring(0, 3);
      case 'B' -> month(t);
      case 'a' -> day(t).substring(0, 3);
      case 'A' -> day(t);
      case 'j' -> String.format(Locale.ROOT, "%03d", t.getDayOfYear());
      case 'u' -> Integer.toString(t.getDayOfWeek().getValue());
      case 'w' -> Integer.toString(t.getDayOfWeek().getValue() % 7);
      case 'U' -> two((t.getDayOfYear() + 6 - t.getDayOfWeek().getValue() % 7) / 7);
      case 'W' -> two((t.getDayOfYear() + 7 - t.getDayOfWeek().getValue()) / 7);
      case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'G' -> Integer.toString(t.get(IsoFields.WEEK_BASED_YEAR));
      case 'D', 'x' -> format("%m/%d/%y", t);
      case 'T', 'X' -> format("%H:%M:%S", t);
      case 'R' -> format("%H:%M", t);
      case 'r' -> format("%I:%M:%S %p", t);
      case 'F' -> format("%Y-%m-%d", t);
      case 'c' -> format("%a %b %e %H:%M:%S %Y", t);
      case 's' -> Long.toString(t.getLong(ChronoField.INSTANT_SECONDS));
      case 'z', 'Z' -> ""; // Python's datetime.now() has no zone
      case 'n' -> "\n";
      case 't' -> "\t";
      case '%' -> "%";
      default -> "%" + c;
    };
  }

  private static String two(int v) {
    return v < 10 ? "0" + v : Integer.toString(v);
  }

  private static String month(ZonedDateTime t) {
    return PyStr.capitalize(t.getMonth().name());
  }

  private static String day(ZonedDateTime t) {
    return PyStr.capitalize(t.getDayOfWeek().name());
  }
}
