package io.tiefsee.eval;

import io.tiefsee.eval.Verifier.Reading;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a date is read: {@code 2024-03-05}, {@code March 5, 2024}, {@code 5 March 2024}, {@code
 * Tuesday, the 5th of March 2024}; {@code 3/25/2024} where only one order of day and month goes.
 */
final class DateReader {
  private static final String MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?";

  private static final String WEEKDAY =
      "(?:(mon|tues|wednes|thurs|fri|satur|sun)day(?:, *| +))?(?:the +)?";

  private static final Pattern NUMBERS =
      Pattern.compile(WEEKDAY + "(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})");

  private static final Pattern MONTH_FIRST =
      Pattern.compile(WEEKDAY + MONTH + " +(?:the +)?(\\d{1,2})(?:st|nd|rd|th)?,? +(\\d{4})");

  private static final Pattern DAY_FIRST =
      Pattern.compile(WEEKDAY + "(\\d{1,2})(?:st|nd|rd|th)? +(?:of +)?" + MONTH + ",? +(\\d{4})");

  private static final Pattern SLASHED =
      Pattern.compile(WEEKDAY + "(\\d{1,2})[/.](\\d{1,2})[/.](\\d{4})");

  private static final Pattern ANY =
      Pattern.compile(
          "(?<![\\dA-Za-z])(?:"
              + NUMBERS
              + "|"
              + MONTH_FIRST
              + "|"
              + DAY_FIRST
              + "|"
              + SLASHED
              + ")(?!\\d)",
          Pattern.CASE_INSENSITIVE);

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private DateReader() {}

  /** A date with the day of the week that was named with it, empty if none was. */
  private record Named(LocalDate day, String weekday) {}

  static Reading read(Check.Day check, String text) {
    Optional<Named> named = parse(plain(text));
    if (named.isEmpty()) {
      return new Reading.Other("'%s' is no date".formatted(Readers.quote(text)));
    }
    String weekday = check.day().getDayOfWeek().name().toLowerCase(Locale.ROOT);
    if (!named.get().day().equals(check.day())) {
      return new Reading.Wrong("it is not " + named.get().day());
    }
    return weekday.startsWith(named.get().weekday())
        ? Readers.RIGHT
        : new Reading.Wrong("it is not a " + named.get().weekday() + "day");
  }

  private static String plain(String text) {
    return AnswerText.bare(WordsReader.plain(text).replaceAll("[−–]", "-").replaceAll(" +", " "));
  }

  /** The last date of the last line that has one, unless the line hedges. */
  static List<String> places(String text) {
    if (text.contains(Latex.BOX)) {
      return AnswerText.lastBox(text).stream().toList();
    }
    for (String line : text.lines().toList().reversed()) {
      List<String> dates = new ArrayList<>();
      Matcher any = ANY.matcher(line);
      while (any.find()) {
        dates.add(any.group());
      }
      if (!dates.isEmpty()) {
        return AnswerText.hedges(line) || line.contains("=") ? List.of() : List.of(dates.getLast());
      }
    }
    return List.of();
  }

  private static Optional<Named> parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    Matcher m = NUMBERS.matcher(lower);
    if (m.matches()) {
      return named(m.group(1), m.group(2), m.group(3), m.group(4));
    }
    m = MONTH_FIRST.matcher(lower);
    if (m.matches()) {
      return named(m.group(1), m.group(4), month(m.group(2)), m.group(3));
    }
    m = DAY_FIRST.matcher(lower);
    if (m.matches()) {
      return named(m.group(1), m.group(4), month(m.group(3)), m.group(2));
    }
    m = SLASHED.matcher(lower);
    if (!m.matches()) {
      return Optional.empty();
    }
    Optional<Named> american = named(m.group(1), m.group(4), m.group(2), m.group(3));
    Optional<Named> european = named(m.group(1), m.group(4), m.group(3), m.group(2));
    if (american.isPresent() && european.isPresent() && !american.equals(european)) {
      return Optional.empty();
    }
    return american.or(() -> european);
  }

  private static String month(String name) {
    return String.valueOf(MONTHS.indexOf(name) + 1);
  }

  private static Optional<Named> named(String weekday, String year, String month, String day) {
    try {
      LocalDate date =
          LocalDate.of(Integer.parseInt(year), Integer.parseInt(month), Integer.parseInt(day));
      return Optional.of(new Named(date, weekday == null ? "" : weekday));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
