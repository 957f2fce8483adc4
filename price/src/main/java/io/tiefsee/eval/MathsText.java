package io.tiefsee.eval;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns the many ways of writing a formula into one; takes units off its end. */
final class MathsText {
  static final int MAX_LENGTH = 1000;

  /** What is written and what it means; the order matters where one is the start of another. */
  private static final List<List<String>> PLAIN =
      List.of(
          List.of("\\\\", "\\newline "),
          List.of("\\leqslant", "\\le "),
          List.of("\\geqslant", "\\ge "),
          List.of("\\langle", "("),
          List.of("\\rangle", ")"),
          List.of("⟨", "("),
          List.of("⟩", ")"),
          List.of("\\lvert", "|"),
          List.of("\\rvert", "|"),
          List.of("\\vert", "|"),
          List.of("\\lbrace", "\\{"),
          List.of("\\rbrace", "\\}"),
          List.of("\\bigcup", "\\cup "),
          List.of("\\mathbb{R}", "(-\\infty,\\infty)"),
          List.of("\\mathbb R", "(-\\infty,\\infty)"),
          List.of("ℝ", "(-\\infty,\\infty)"),
          List.of("\\textnormal", "\\text"),
          List.of("\\colon", ":"),
          List.of("∶", ":"),
          List.of("!=", "\\ne "),
          List.of("≈", "\\approx "),
          List.of("−", "-"),
          List.of("–", "-"),
          List.of("‐", "-"),
          List.of("‑", "-"),
          List.of("×", "*"),
          List.of("·", "*"),
          List.of("⋅", "*"),
          List.of("∙", "*"),
          List.of("÷", "/"),
          List.of("⁄", "/"),
          List.of("≤", "\\le "),
          List.of("≥", "\\ge "),
          List.of("≠", "\\ne "),
          List.of("∈", "\\in "),
          List.of("∪", "\\cup "),
          List.of("∞", "\\infty "),
          List.of("π", "\\pi "),
          List.of("θ", "\\theta "),
          List.of("√", "\\sqrt "),
          List.of("±", "\\pm "),
          List.of("∓", "\\mp "),
          List.of("∅", "\\emptyset "),
          List.of("°", "\\degree "),
          List.of("^{\\prime}", "'"),
          List.of("½", "\\frac{1}{2}"),
          List.of("⅓", "\\frac{1}{3}"),
          List.of("⅔", "\\frac{2}{3}"),
          List.of("¼", "\\frac{1}{4}"),
          List.of("¾", "\\frac{3}{4}"),
          List.of("²", "^{2}"),
          List.of("³", "^{3}"),
          List.of("⁴", "^{4}"),
          List.of("\u00a0", " "),
          List.of("\u2009", " "),
          List.of("\u202f", " "),
          List.of("\\dfrac", "\\frac"),
          List.of("\\tfrac", "\\frac"),
          List.of("\\cfrac", "\\frac"),
          List.of("\\dbinom", "\\binom"),
          List.of("\\tbinom", "\\binom"),
          List.of("**", "^"),
          List.of("{,}", ""),
          List.of(",\\! ", ""),
          List.of(",\\!", ""),
          List.of("\\!", ""),
          List.of("\\,", " "),
          List.of("\\;", " "),
          List.of("\\:", " "),
          List.of("\\ ", " "),
          List.of("\\%", "%"),
          List.of("~", " "),
          List.of("\\(", ""),
          List.of("\\)", ""),
          List.of("\\[", ""),
          List.of("\\]", ""));

  /** Commands that only say how something is set. */
  private static final Pattern SETTING =
      Pattern.compile(
          "\\\\(?:left|right|middle|[bB]ig[lrg]?|[bB]igg[lr]?|displaystyle|textstyle|limits"
              + "|qquad|quad)"
              + "(?![a-zA-Z])\\.?");

  private static final Pattern MONEY = Pattern.compile("^-?\\s*(?:\\\\\\$|[$€£])");
  private static final Pattern MONEY_AFTER = Pattern.compile("(?<=\\d)\\s*(?:\\\\\\$|[$€£])$");
  private static final Pattern MARK = Pattern.compile("(?<!\\\\)\\$");
  private static final Pattern DEGREE =
      Pattern.compile("\\^\\s*(?:\\\\circ|\\{\\s*\\\\circ\\s*\\})");
  private static final Pattern ABOUT = Pattern.compile("^\\\\approx(?![a-zA-Z])\\s*");

  /** {@code 1 234 567}, and nothing else. */
  private static final Pattern SPACED_GROUPS =
      Pattern.compile("-?[1-9]\\d{0,2}(?: \\d{3}){1,10}(?:\\.\\d+)?");

  /** {@code 0.1\overline{6}}. */
  private static final Pattern REPEATING =
      Pattern.compile(
          "(\\d{0,30})\\.(\\d{0,30})\\\\(?:overline|bar|dot)\\s*\\{\\s*(\\d{1,30})\\s*\\}");

  /** Fonts and marks over letters; what they hold is a formula. */
  private static final Pattern FONT =
      Pattern.compile(
          "\\\\(?:boldsymbol|bm|pmb|vec|bar|hat|tilde|overline|underline|overrightarrow)(?![a-zA-Z])"
              + "|\\\\(?:mathbf|mathit|mathsf)\\s*"
              + "(?=\\{\\s*(?:[A-Za-z]\\s*\\}|[^{}]*[\\d\\\\+=^-]))"
              + "|\\\\(?:textbf|textit)\\s*(?=\\{[^{}]*[\\d\\\\])"
              + "|\\\\(?:text|mathrm|textrm|mbox)\\s*(?=\\{\\s*(?:[ei]|[-\\d.,%\\s]+)\\s*\\})");

  private static final String TEXT = "\\\\(?:text|mathrm|textrm|mbox|textbf|mathbf|textit|rm)\\s*";

  /** {@code \text{ cm}^2} at the end. */
  private static final Pattern SET_UNIT =
      Pattern.compile("\\s*" + TEXT + "\\{([^{}]*)\\}\\s*(?:\\^\\s*\\{?([23])\\}?)?$");

  /** Words after a number: {@code 5 cm}, {@code 5cm^2}, {@code 10 red apples}, {@code 60 km/h}. */
  private static final Pattern PLAIN_UNIT =
      Pattern.compile("(?<=[0-9)}])(\\s*)([A-Za-zµ][A-Za-zµ/ ]*)(?:\\^\\{?([23])\\}?)?$");

  /** The letter of an option of several. */
  private static final Pattern OPTION = Pattern.compile(TEXT + "\\{ *\\(?([A-Z])\\)? *\\}");

  /** Words only, one of them of three letters or more. */
  private static final Pattern WORDS = Pattern.compile("[A-Za-z]+(?:[ '-][A-Za-z]+)*\\.?");

  private static final Pattern LONG_WORD = Pattern.compile("[A-Za-z]{3,}");

  /** Between anything but digits and letters, which a space keeps apart. */
  private static final Pattern LOOSE_SPACE =
      Pattern.compile("(?<![0-9A-Za-z])\\s+|\\s+(?![0-9A-Za-z])");

  /** {@code 10\,000} and its like are one number. */
  private static final Pattern THIN_GROUP =
      Pattern.compile("(?<=\\d)(?:\\\\[,;]|[\u00a0\u2009\u202f])(?=\\d{3}(?!\\d))");

  private static final Pattern SPACES = Pattern.compile("\\s+");

  private MathsText() {}

  /**
   * A formula and the unit after it.
   *
   * @param unit as it was written; empty if there is none
   */
  record Measured(String body, String unit) {}

  /** In plain signs, without marks of formulas around it and without commands of setting. */
  static String clean(String text) {
    String clean = THIN_GROUP.matcher(AnswerText.bare(text)).replaceAll("");
    clean = withoutMarks(clean);
    for (List<String> pair : PLAIN) {
      clean = clean.replace(pair.getFirst(), pair.getLast());
    }
    clean = DEGREE.matcher(clean).replaceAll("\\\\degree ");
    clean = SETTING.matcher(clean).replaceAll("");
    clean = REPEATING.matcher(clean).replaceAll(MathsText::repeating);
    Matcher option = OPTION.matcher(clean);
    if (option.matches()) {
      return option.group(1);
    }
    clean = FONT.matcher(clean).replaceAll("");
    clean = SPACES.matcher(clean).replaceAll(" ").strip();
    clean = ABOUT.matcher(clean).replaceFirst("");
    return SPACED_GROUPS.matcher(clean).matches() ? clean.replace(" ", "") : clean;
  }

  /** Several formulas, {@code $1$ and $2$}, without their marks; a single one is of money. */
  private static String withoutMarks(String text) {
    Matcher mark = MARK.matcher(text);
    return text.startsWith("$") && mark.results().count() % 2 == 0 ? mark.replaceAll("") : text;
  }

  /** As a fraction: the digits up to the first period less those before it, over 9…90…0. */
  private static String repeating(MatchResult decimal) {
    String before = decimal.group(1) + decimal.group(2);
    String period = decimal.group(3);
    BigInteger above =
        new BigInteger(before + period).subtract(new BigInteger(before.isEmpty() ? "0" : before));
    String below = "9".repeat(period.length()) + "0".repeat(decimal.group(2).length());
    return Matcher.quoteReplacement("\\frac{%s}{%s}".formatted(above, below));
  }

  /**
   * Takes a unit off.
   *
   * @param plain whether a unit may stand without {@code \text}: not where letters may be variables
   */
  static Measured measured(String clean, boolean plain) {
    Matcher money = MONEY.matcher(clean);
    if (money.find()) {
      return new Measured(
          (clean.startsWith("-") ? "-" : "") + clean.substring(money.end()).strip(), "dollars");
    }
    Matcher moneyAfter = MONEY_AFTER.matcher(clean);
    if (moneyAfter.find()) {
      return new Measured(clean.substring(0, moneyAfter.start()), "dollars");
    }
    Matcher set = SET_UNIT.matcher(clean);
    if (set.find() && set.start() > 0 && !isJoint(set.group(1))) {
      return new Measured(clean.substring(0, set.start()), unit(set.group(1), set.group(2)));
    }
    Matcher words = PLAIN_UNIT.matcher(clean);
    if (plain && words.find() && (words.group(2).equals("in") || !isMaths(words.group(2)))) {
      String unit = unit(words.group(2), words.group(3));
      boolean known = Units.find(unit).isPresent();
      if (known || (!words.group(1).isEmpty() && LONG_WORD.matcher(unit).find())) {
        return new Measured(clean.substring(0, words.start()), unit);
      }
    }
    return new Measured(clean, "");
  }

  private static String unit(String words, String power) {
    return words.strip() + (power == null ? "" : "^" + power);
  }

  private static boolean isJoint(String words) {
    return SPACES
        .splitAsStream(words.strip())
        .anyMatch(w -> w.equals("or") || w.equals("and") || w.equals("to"));
  }

  private static boolean isMaths(String words) {
    return isJoint(words) || SPACES.splitAsStream(words.strip()).anyMatch(MathsLexer::isKnownWord);
  }

  /** What is written in words, without {@code \text}; empty if it is a formula. */
  static Optional<String> words(String clean) {
    String inner = clean.replaceAll(TEXT + "\\{([^{}]*)\\}", "$1").strip();
    boolean words =
        WORDS.matcher(inner).matches()
            && (!inner.equals(clean) || LONG_WORD.matcher(inner).find())
            && !MathsLexer.isKnownWord(inner);
    return words ? Optional.of(plainWords(inner)) : Optional.empty();
  }

  private static String plainWords(String text) {
    String lower = text.toLowerCase(Locale.ROOT).replace(".", "").strip();
    return lower.replaceFirst("^(?:the|an?) ", "");
  }

  /** For texts that cannot be read as formulas: equal but for spaces and brackets of grouping. */
  static String skeleton(String clean) {
    return LOOSE_SPACE
        .matcher(clean.replaceAll("[{}]", ""))
        .replaceAll("")
        .toLowerCase(Locale.ROOT);
  }
}
