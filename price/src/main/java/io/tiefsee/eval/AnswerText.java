package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds in an answer the places where the final answer may stand. Looks at the last {@value
 * #MAX_LENGTH} characters only, in time that grows with their number.
 */
final class AnswerText {
  static final int MAX_LENGTH = 4000;

  /** What may stand before the final answer in its line. */
  private static final Pattern LABEL =
      Pattern.compile(
          "\\**(?:(?:so|thus|therefore|hence),? )?(?:the )?(?:final"
              + " )?(?:correct )?(?:answer|result|solution|sorted list|order|option|choice)(?: is:|:| is)\\** *",
          Pattern.CASE_INSENSITIVE);

  /** Words and signs after which a number in the same line is no plain statement. */
  private static final Pattern HEDGE =
      Pattern.compile(
          "\\b(?:or|nor|not|either|neither|maybe|perhaps|wrong|incorrect|about|approximately|roughly"
              + "|between|cannot|unless|except|than|if)\\b|n['’]t\\b|[<>≈≠≤≥±√~^%!?_\\\\]",
          Pattern.CASE_INSENSITIVE);

  /** What may stand between two boxes that hold one answer together. */
  private static final Pattern JOINT =
      Pattern.compile(
          "[\\s$]*(?:\\\\q?quad\\s*)*(?:\\\\text\\{)?[\\s$]*(?:,|;|,?\\s*\\b(?:and|or)\\b)"
              + "[\\s$]*\\}?[\\s$]*(?:\\\\q?quad\\s*)*[\\s$]*");

  private static final int MAX_JOINT = 60;
  private static final int MAX_BOXES = 20;

  /** What models add that were taught by examples that end so; it says nothing. */
  private static final String HOPE = "I hope it is correct.";

  private static final String RUN = "0123456789+-−–*×·⋅÷/().,= ";

  private AnswerText() {}

  /** The last lines of the answer, without LaTeX's commands where they have a plain meaning. */
  static String tail(String answer) {
    return Latex.plain(lastLines(answer).replace('\u00a0', ' '));
  }

  private static String lastLines(String answer) {
    String tail = answer;
    if (answer.length() > MAX_LENGTH) {
      // Whole lines only: half a number would be another number.
      int line = answer.indexOf('\n', answer.length() - MAX_LENGTH);
      tail = line < 0 ? "" : answer.substring(line);
    }
    String end = tail.stripTrailing();
    return end.endsWith(HOPE) ? end.substring(0, end.length() - HOPE.length()) : tail;
  }

  /** The last lines as they stand but for marks of formulas, for readers that know LaTeX. */
  static String latexTail(String answer) {
    String text = lastLines(answer).replace('\u00a0', ' ');
    for (String mark : List.of("\\(", "\\)", "\\[", "\\]")) {
      text = text.replace(mark, "");
    }
    return text.replace("\\fbox{", Latex.BOX).replace("\\boxed {", Latex.BOX);
  }

  /**
   * What the last {@code \boxed{…}} holds, after a comma what the boxes hold that a comma, "and" or
   * "or" joins to it; empty if there is none that is closed.
   */
  static Optional<String> lastBox(String text) {
    int box = text.lastIndexOf(Latex.BOX);
    Optional<String> last = box < 0 ? Optional.empty() : inBox(text, box);
    if (last.isEmpty()) {
      return last;
    }
    List<String> joined = new ArrayList<>(List.of(last.get()));
    while (joined.size() < MAX_BOXES) {
      int from = text.lastIndexOf(Latex.BOX, box - 1);
      Optional<String> before = from < 0 ? Optional.empty() : inBox(text, from);
      int end = from + Latex.BOX.length() + before.map(String::length).orElse(0) + 1;
      boolean joins =
          before.isPresent()
              && end <= box
              && box - end <= MAX_JOINT
              && JOINT.matcher(text.substring(end, box)).matches();
      if (!joins) {
        break;
      }
      joined.addFirst(before.get());
      box = from;
    }
    return Optional.of(String.join(", ", joined));
  }

  private static Optional<String> inBox(String text, int box) {
    return Latex.group(text, box + Latex.BOX.length() - 1);
  }

  /**
   * Where a lenient reader of formulas, words or letters may look, the best place first: the last
   * {@code \boxed{…}}; else what follows the last label such as {@code The answer is}; the last
   * line's last formula; the last lines' numbers, as in {@link #lenient}.
   */
  static List<String> lenientLatex(String text) {
    if (text.contains(Latex.BOX)) {
      return lastBox(text).map(AnswerText::bare).stream().toList();
    }
    List<String> places = new ArrayList<>(labelled(text));
    String stripped = text.strip();
    String last = stripped.substring(stripped.lastIndexOf('\n') + 1);
    int close = last.lastIndexOf('$');
    int open = last.lastIndexOf('$', close - 1);
    boolean isLast = last.substring(close + 1).chars().noneMatch(c -> c >= '0' && c <= '9');
    if (open >= 0 && close > open + 1 && isLast && !HEDGE.matcher(last.substring(0, open)).find()) {
      places.add(last.substring(open + 1, close).strip());
    }
    places.addAll(lenient(text));
    return places;
  }

  /**
   * The text where the final answer must stand: in the last {@code \boxed{…}} of the last line,
   * else that line itself, after a label such as {@code Answer:}. Empty if there is no text, or if
   * the box is not closed.
   */
  static Optional<String> strict(String answer) {
    String last = answer.strip();
    last = last.substring(last.lastIndexOf('\n') + 1).strip();
    if (last.contains(Latex.BOX)) {
      return lastBox(last).map(AnswerText::bare);
    }
    String line = bare(last);
    Matcher label = LABEL.matcher(line);
    String rest = label.lookingAt() ? bare(line.substring(label.end())) : line;
    return rest.isEmpty() ? Optional.empty() : Optional.of(rest);
  }

  /** What follows the last label, such as {@code The answer is}, in the last line that has one. */
  static List<String> labelled(String text) {
    for (String line : text.lines().toList().reversed()) {
      Matcher label = LABEL.matcher(line);
      Optional<String> rest = Optional.empty();
      while (label.find()) {
        rest = Optional.of(bare(line.substring(label.end())));
      }
      if (rest.isPresent()) {
        return List.of(rest.get());
      }
    }
    return List.of();
  }

  /** Whether a line does not plainly state one thing. */
  static boolean hedges(String line) {
    return HEDGE.matcher(line).find();
  }

  /** The final answer of a text whose question is not known; see {@link Vote#finalAnswer}. */
  static String finalAnswer(String answer) {
    String text = latexTail(answer);
    if (text.contains(Latex.BOX)) {
      return lastBox(text).map(AnswerText::bare).orElse("");
    }
    String last = text.strip();
    last = bare(last.substring(last.lastIndexOf('\n') + 1));
    Matcher label = LABEL.matcher(last);
    if (label.lookingAt()) {
      return bare(last.substring(label.end()));
    }
    return lenient(last).stream().findFirst().orElse(last);
  }

  /** Without the marks of bold text, code and formulas around it, and without a full stop. */
  static String bare(String text) {
    String before;
    String bare = text.strip();
    do {
      before = bare;
      if (bare.endsWith(".") || bare.endsWith(";") || bare.endsWith("。")) {
        bare = bare.substring(0, bare.length() - 1).strip();
      }
      for (String mark : List.of("**", "__", "`", "$", "\"")) {
        if (bare.length() > 2 * mark.length() && bare.startsWith(mark) && bare.endsWith(mark)) {
          String inner = bare.substring(mark.length(), bare.length() - mark.length()).strip();
          // $1$ and $2$ are two formulas.
          bare =
              mark.equals("$") && inner.indexOf('$') >= 0 && !bare.startsWith("$$") ? bare : inner;
        }
      }
    } while (!bare.equals(before));
    return bare;
  }

  /**
   * Runs of numbers and operators, the last first, that a lenient reader may take for the answer. A
   * run that touches letters or other signs ends the search, and so does a line with a hedge in it
   * ("7 or 8", "not 7"): better no answer than one that was not meant.
   */
  static List<String> lenient(String answer) {
    List<String> runs = new ArrayList<>();
    if (answer.contains(Latex.BOX)) {
      return lastBox(answer).map(AnswerText::bare).stream().toList();
    }
    String[] lines = answer.split("\n", -1);
    for (int i = lines.length - 1; i >= 0; i--) {
      String line = lines[i].replace("**", "").replace("__", "").replace("`", "").replace("$", "");
      boolean hasNumber = line.chars().anyMatch(c -> c >= '0' && c <= '9');
      if (hasNumber && (HEDGE.matcher(line).find() || !addRuns(line, runs))) {
        return runs;
      }
    }
    return runs;
  }

  /** Adds the line's runs, the last first; false if one of them touches what it should not. */
  private static boolean addRuns(String line, List<String> into) {
    int end = line.length();
    while (end > 0) {
      int start = end;
      while (start > 0 && RUN.indexOf(line.charAt(start - 1)) >= 0) {
        start--;
      }
      String run = line.substring(start, end);
      if (run.chars().anyMatch(c -> c >= '0' && c <= '9')) {
        if (isGlued(line, start, end)) {
          return false;
        }
        into.add(trim(run));
      }
      end = start == end ? end - 1 : start;
    }
    return true;
  }

  /** Whether a letter or digit of any script, or what may join digits, touches the run. */
  private static boolean isGlued(String line, int start, int end) {
    boolean before =
        start > 0 && joins(line.charAt(start - 1)) && " =".indexOf(line.charAt(start)) < 0;
    boolean after = end < line.length() && joins(line.charAt(end)) && line.charAt(end - 1) != ' ';
    return before || after;
  }

  private static boolean joins(char c) {
    return Character.isLetterOrDigit(c)
        || Character.isSurrogate(c)
        || "'’\u2009\u202f".indexOf(c) >= 0;
  }

  /** Without what ends a sentence, and without the equals sign that follows a name. */
  private static String trim(String run) {
    String trimmed = run.strip();
    while (trimmed.endsWith(".") || trimmed.endsWith(",") || trimmed.endsWith("=")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1).strip();
    }
    while (trimmed.startsWith("=") || trimmed.startsWith(",") || trimmed.startsWith(".")) {
      trimmed = trimmed.substring(1).strip();
    }
    return trimmed;
  }

  /** Parts of an equation, stripped; one if it has no equals sign. */
  static List<String> sides(String text) {
    List<String> sides = new ArrayList<>();
    for (String side : text.split("=", -1)) {
      sides.add(side.strip());
    }
    return sides;
  }

  /** Whether the text is the name of an unknown: a single letter. */
  static boolean isName(String text) {
    return text.length() == 1 && Character.isLetter(text.charAt(0));
  }
}
