package io.tiefsee.eval;

import io.tiefsee.eval.Verifier.Reading;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    for (int i = 0; i < options.size(); i++) {
      if (isSame(options.get(i), text)) {
        return Optional.of(i);
      }
    }
    Matcher letter = LETTER.matcher(text);
    if (!letter.matches()) {
      return Optional.empty();
    }
    int index = letter.group(1).toUpperCase(Locale.ROOT).charAt(0) - 'A';
    String rest = letter.group(2);
    // A letter with another option's text says two things, so nothing.
    boolean clear =
        index < options.size() && (rest == null || isSame(options.get(index), rest.strip()));
    return clear ? Optional.of(index) : Optional.empty();
  }

  private static boolean isSame(String option, String text) {
    return skeleton(option).equals(skeleton(text));
  }

  private static String skeleton(String text) {
    return AnswerText.bare(text).replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }
}
