package io.tiefsee.eval;

import io.tiefsee.eval.Verifier.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * How words of a choice are read: {@code Tuesday}; {@code cat, dog}; {@code Anna: cat, Ben: dog}.
 */
final class WordsReader {
  private static final Pattern SET =
      Pattern.compile("\\\\(?:text|mathrm|textbf|mathbf)\\{([^{}]*)\\}");

  private static final Pattern JOINT =
      Pattern.compile("\\s*(?:,\\s*and\\s|[,;]|\\band\\b|→|->)\\s*");
  private static final Pattern KEY = Pattern.compile("\\s*(?:[:=–—-]|\\b(?:has|owns)\\b)\\s*");
  private static final Pattern ARTICLE = Pattern.compile("^(?:the|an?|it is|it's)\\s+");
  private static final int MAX_ITEMS = 40;

  private WordsReader() {}

  /** Without LaTeX's commands for text. */
  static String plain(String text) {
    return SET.matcher(text.replace("\\,", " ").replace("\\ ", " ")).replaceAll("$1");
  }

  static Reading read(Check.Words check, String text) {
    String plain = AnswerText.bare(plain(text)).toLowerCase(Locale.ROOT);
    String[] items = JOINT.split(brackets(plain), MAX_ITEMS);
    List<String> given = new ArrayList<>();
    for (String item : items) {
      given.add(item(check, item, given.size()));
    }
    if (given.contains("")) {
      return new Reading.Other("'%s' is none of the choices".formatted(Readers.quote(text)));
    }
    List<String> right = check.right().stream().map(w -> w.toLowerCase(Locale.ROOT)).toList();
    if (given.equals(right)) {
      return Readers.RIGHT;
    }
    return new Reading.Wrong(
        given.size() == right.size()
            ? "it is not " + Readers.quote(text)
            : "it takes %d words, not %d".formatted(right.size(), given.size()));
  }

  private static String brackets(String text) {
    boolean bracketed =
        (text.startsWith("[") && text.endsWith("]"))
            || (text.startsWith("(") && text.endsWith(")"));
    return bracketed ? text.substring(1, text.length() - 1) : text;
  }

  /** The option that an item names; empty if none, or if it names it for another key. */
  private static String item(Check.Words check, String item, int index) {
    String word = item.strip();
    String[] parts = KEY.split(word, 2);
    boolean keyed = parts.length == 2 && index < check.keys().size();
    if (keyed && !check.options().stream().anyMatch(word::equalsIgnoreCase)) {
      if (!AnswerText.bare(parts[0]).equalsIgnoreCase(check.keys().get(index))) {
        return "";
      }
      word = parts[1].strip();
    }
    String bare = ARTICLE.matcher(AnswerText.bare(word)).replaceFirst("");
    return check.options().stream().anyMatch(bare::equalsIgnoreCase) ? bare : "";
  }

  /**
   * Where a lenient reader may look: in the box; after the last label; and, for a single word, the
   * only option that the last line with one names, unless it hedges.
   */
  static List<String> places(Check.Words check, String text) {
    if (text.contains(Latex.BOX)) {
      return AnswerText.lastBox(text).stream().toList();
    }
    List<String> places = new ArrayList<>(AnswerText.labelled(text));
    if (!places.isEmpty() || check.right().size() > 1) {
      return places;
    }
    for (String line : text.lines().toList().reversed()) {
      List<String> named =
          check.options().stream()
              .filter(
                  o -> Pattern.compile("(?i)\\b" + Pattern.quote(o) + "\\b").matcher(line).find())
              .toList();
      if (!named.isEmpty()) {
        return named.size() == 1 && !AnswerText.hedges(line) ? named : List.of();
      }
    }
    return List.of();
  }
}
