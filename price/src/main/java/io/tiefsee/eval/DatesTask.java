package io.tiefsee.eval;

import io.tiefsee.eval.Content.DateQuestion;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Days of the week, differences between days, and days later or earlier. */
final class DatesTask extends DrawnTask<Content.Dates> {
  private static final List<String> LEVELS =
      List.of(
          "the day up to 60 days after another of 2000 to 2030",
          "the day of the week of a day of 1900 to 2099",
          "the number of days between two days up to three years apart",
          "the day up to 5,000 days before or after one of 1600 to 2400, and its day of the week");

  private static final List<DateTimeFormatter> FORMS =
      List.of(
          DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ENGLISH),
          DateTimeFormatter.ofPattern("MMMM d, yyyy", Locale.ENGLISH),
          DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.ENGLISH));

  static final List<String> WEEKDAYS =
      Arrays.stream(java.time.DayOfWeek.values())
          .map(d -> d.getDisplayName(TextStyle.FULL, Locale.ENGLISH))
          .toList();

  private static final List<String> WEEKDAY_WORDINGS =
      List.of(
          "What day of the week is %s?",
          "On which day of the week does %s fall?",
          "Which weekday is %s?",
          "Name the day of the week of %s.",
          "%s: which day of the week is it?",
          "Find the day of the week for %s in the Gregorian calendar.");

  private static final List<String> BETWEEN_WORDINGS =
      List.of(
          "How many days are there from %s to %s?",
          "How many days after %s is %s?",
          "Count the days from %s (not counted) to %s (counted).",
          "What is the difference in days between %s and %s?",
          "From %s until %s: how many days is that?",
          "How many days pass from %s to %s?");

  /** With %1$s for the day, %2$d for the number, %3$s for after or before. */
  private static final List<String> LATER_WORDINGS =
      List.of(
          "What date is %2$d days %3$s %1$s?",
          "Which day is %2$d days %3$s %1$s?",
          "Give the date %2$d days %3$s %1$s.",
          "%2$d days %3$s %1$s is which date?",
          "Start at %1$s. Which date do you get %2$d days %3$s that?",
          "Find the date that lies %2$d days %3$s %1$s.");

  @Override
  public String name() {
    return "dates";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    return LEVELS.get(level - 1);
  }

  @Override
  Content.Dates draw(int level, Randomness random) {
    return switch (level) {
      case 1 -> later(day(2000, 2030, random), random.between(2, 60));
      case 2 -> weekday(day(1900, 2099, random));
      case 3 -> {
        LocalDate day = day(1990, 2030, random);
        LocalDate other = day.plusDays(random.between(10, 3 * 365));
        yield new Content.Dates(DateQuestion.DAYS_BETWEEN, day, Optional.of(other), 0);
      }
      default -> {
        LocalDate day = day(1600, 2400, random);
        int days = random.between(100, 5000);
        yield random.between(0, 3) == 0 ? weekday(day) : later(day, random.coin() ? days : -days);
      }
    };
  }

  private static Content.Dates weekday(LocalDate day) {
    return new Content.Dates(DateQuestion.WEEKDAY, day, Optional.empty(), 0);
  }

  private static Content.Dates later(LocalDate day, int days) {
    return new Content.Dates(DateQuestion.DAYS_LATER, day, Optional.empty(), days);
  }

  private static LocalDate day(int first, int last, Randomness random) {
    int year = random.between(first, last);
    return LocalDate.ofYearDay(year, random.between(1, LocalDate.of(year, 1, 1).lengthOfYear()));
  }

  @Override
  String canonical(Content.Dates content) {
    return switch (content.question()) {
      case WEEKDAY -> "weekday:" + content.day();
      case DAYS_BETWEEN -> content.day() + ".." + content.other().orElseThrow();
      case DAYS_LATER -> "%s%+d".formatted(content.day(), content.days());
    };
  }

  @Override
  String word(Content.Dates content, Randomness random) {
    DateTimeFormatter form = random.oneOf(FORMS);
    String day = form.format(content.day());
    return switch (content.question()) {
      case WEEKDAY -> random.oneOf(WEEKDAY_WORDINGS).formatted(day);
      case DAYS_BETWEEN ->
          random.oneOf(BETWEEN_WORDINGS).formatted(day, form.format(content.other().orElseThrow()));
      case DAYS_LATER ->
          random
              .oneOf(LATER_WORDINGS)
              .formatted(day, Math.abs(content.days()), content.days() < 0 ? "before" : "after");
    };
  }

  @Override
  Check check(Content.Dates content) {
    return switch (content.question()) {
      case WEEKDAY ->
          new Check.Words(
              List.of(), List.of(WEEKDAYS.get(content.day().getDayOfWeek().ordinal())), WEEKDAYS);
      case DAYS_BETWEEN ->
          new Check.Exact(
              Rational.of(ChronoUnit.DAYS.between(content.day(), content.other().orElseThrow())));
      case DAYS_LATER -> new Check.Day(content.day().plusDays(content.days()));
    };
  }
}
