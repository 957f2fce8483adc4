package io.tiefsee.eval;

import io.tiefsee.eval.Verifier.Reading;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** How the choice of an option is read: {@code B}, {@code (B)}, {@code B) its text}, its text. */
final class LetterReader {
  private static final Pattern LETTER =
      Pattern.compile(
          "(?:(?:option|choice|answer)\\s+)?[(\\[]?([A-Z])[)\\]]?(?:\\s*[.:)]?\\s+(.*))?",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern SET =
      Pattern.compile("\\\\(?:text|mathrm|mathbf|textbf)\\{([^{}]*)\\}");

  private LetterReader() {}

  static Reading read(Check.Letter check, String text) {
    String plain = AnswerText.bare(SET.matcher(text).replaceAll("$1"));
    Optional<Integer> chosen = chosen(check.options(), plain);
    if (chosen.isEmpty()) {
      return new Reading.Other("'%s' is none of the options".formatted(Readers.quote(plain)));
    }
    return chosen.get() == check.right()
        ? Readers.RIGHT
        : new Reading.Wrong("it is not " + Readers.quote(plain));
  }

  private static Optional<Integer> chosen(List<String> options, String text) {
    Matcher letter = LETTER.matcher(text);
    boolean lettered = letter.matches();
    int index = lettered ? letter.group(1).toUpperCase(Locale.ROOT).charAt(0) - 'A' : -1;
    boolean known = lettered && index < options.size();
    // A letter was asked for, so a bare one is no option's text, even where options are letters.
    if (known && letter.group(2) == null) {
      return Optional.of(index);
    }
    Optional<Integer> byText = withText(options, text);
    // A letter with another option's text says two things, so nothing.
    return byText.isPresent() || !known || !isSame(options.get(index), letter.group(2).strip())
        ? byText
        : Optional.of(index);
  }

  /** The option of that text; if case alone tells two of them apart, it counts. */
  private static Optional<Integer> withText(List<String> options, String text) {
    List<Integer> same =
        IntStream.range(0, options.size())
            .filter(i -> isSame(options.get(i), text))
            .boxed()
            .toList();
    List<Integer> exact =
        same.stream().filter(i -> spaced(options.get(i)).equals(spaced(text))).toList();
    List<Integer> chosen = exact.isEmpty() ? same : exact;
    return chosen.size() == 1 ? Optional.of(chosen.getFirst()) : Optional.empty();
  }

  private static boolean isSame(String option, String text) {
    return spaced(option).equalsIgnoreCase(spaced(text));
  }

  private static String spaced(String text) {
    return AnswerText.bare(text).replaceAll("\\s+", " ");
  }
}
