package io.tiefsee.eval;

import io.tiefsee.eval.Verifier.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a list of numbers is read. */
final class ListReader {
  private static final int MAX_ITEMS = 1000;
  private static final Pattern AND = Pattern.compile("(?:, *|\\s+)(?:and|then)\\s+");
  private static final Pattern COMMA = Pattern.compile("[,;]");
  private static final Pattern SPACED_COMMA = Pattern.compile("[,;]\\s+");
  private static final Pattern UP = Pattern.compile("<=?|≤");
  private static final Pattern DOWN = Pattern.compile(">=?|≥");
  private static final Pattern ARROW = Pattern.compile("->|→");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  private ListReader() {}

  /**
   * Numbers between commas, semicolons, arrows, spaces or the sign of the order asked for, perhaps
   * in brackets.
   */
  static Reading order(Check.Order check, String text) {
    String inner = withoutBrackets(text);
    Pattern sign = check.ascending() ? UP : DOWN;
    Pattern otherSign = check.ascending() ? DOWN : UP;
    if (ARROW.matcher(inner).find()) {
      return judge(check, text, read(inner, ARROW));
    } else if (otherSign.matcher(inner).find()) {
      return new Reading.Wrong("the signs between the numbers point the wrong way");
    } else if (sign.matcher(inner).find()) {
      return judge(check, text, read(inner, sign));
    }
    String list = AND.matcher(inner).replaceAll(", ");
    if (!COMMA.matcher(list).find()) {
      return judge(check, text, read(list, SPACE));
    }
    Reading plain = judge(check, text, read(list, COMMA));
    // "1,234, 5,678" are two numbers if spaces say so.
    return plain instanceof Reading.Right || !SPACED_COMMA.matcher(list).find()
        ? plain
        : judge(check, text, read(list, SPACED_COMMA));
  }

  private static Reading judge(Check.Order check, String text, Optional<List<Rational>> read) {
    if (read.isEmpty()) {
      return new Reading.Other("'%s' is not a list of numbers".formatted(Readers.quote(text)));
    }
    if (read.get().equals(check.numbers())) {
      return Readers.RIGHT;
    }
    boolean same =
        read.get().stream().sorted().toList().equals(check.numbers().stream().sorted().toList());
    return new Reading.Wrong(same ? "the order is wrong" : "these are not the numbers");
  }

  /** Two numbers or more; nothing if there are fewer, or something that is no number. */
  private static Optional<List<Rational>> read(String list, Pattern separator) {
    List<Rational> numbers = new ArrayList<>();
    for (String item : separator.split(list, MAX_ITEMS)) {
      Optional<Rational> number = Readers.number(item.strip());
      if (number.isEmpty()) {
        return Optional.empty();
      }
      numbers.add(number.get());
    }
    return numbers.size() < 2 ? Optional.empty() : Optional.of(numbers);
  }

  private static String withoutBrackets(String text) {
    String inner = text.strip();
    for (String pair : List.of("[]", "()", "{}")) {
      if (inner.length() > 2
          && inner.charAt(0) == pair.charAt(0)
          && inner.charAt(inner.length() - 1) == pair.charAt(1)) {
        return inner.substring(1, inner.length() - 1).strip();
      }
    }
    return inner;
  }
}
