package io.tiefsee.eval;

import java.util.List;
import java.util.Optional;

/** The little of LaTeX that answers to sums contain, turned into plain text. */
final class Latex {
  static final String BOX = "\\boxed{";
  private static final int MAX_FRACTIONS = 50;

  /** Command and meaning; the order matters where one is the start of another. */
  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("\\left", ""),
          List.of("\\right", ""),
          List.of("\\times", "*"),
          List.of("\\cdot", "*"),
          List.of("\\div", "/"),
          List.of("{,}", ","),
          List.of("\\quad", " "),
          List.of("\\,", ""),
          List.of("\\!", ""),
          List.of("\\;", " "),
          List.of("\\:", " "),
          List.of("\\ ", " "),
          List.of("\\(", ""),
          List.of("\\)", ""),
          List.of("\\[", ""),
          List.of("\\]", ""),
          List.of("\\fbox{", BOX),
          List.of("\\dfrac", "\\frac"),
          List.of("\\tfrac", "\\frac"));

  private Latex() {}

  /** The text with those commands replaced; others stay, so that no reader takes them for sums. */
  static String plain(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    String plain = text;
    for (List<String> command : COMMANDS) {
      plain = plain.replace(command.getFirst(), command.getLast());
    }
    return unwrap(fractions(plain));
  }

  /** {@code \frac{a}{b}} becomes {@code ((a)/(b))}. */
  private static String fractions(String text) {
    String command = "\\frac{";
    String plain = text;
    for (int i = 0; i < MAX_FRACTIONS; i++) {
      int at = plain.lastIndexOf(command);
      if (at < 0) {
        break;
      }
      int open = at + command.length() - 1;
      Optional<String> above = group(plain, open);
      int next = open + 2 + above.map(String::length).orElse(0);
      Optional<String> below =
          above.isPresent() && plain.startsWith("{", next) ? group(plain, next) : Optional.empty();
      if (below.isEmpty()) {
        break;
      }
      plain =
          plain.substring(0, at)
              + "(("
              + above.get()
              + ")/("
              + below.get()
              + "))"
              + plain.substring(next + 2 + below.get().length());
    }
    return plain;
  }

  /** {@code \text{…}} becomes what is in it. */
  private static String unwrap(String text) {
    String command = "\\text{";
    int at = text.lastIndexOf(command);
    Optional<String> inner = at < 0 ? Optional.empty() : group(text, at + command.length() - 1);
    return inner.isEmpty()
        ? text
        : text.substring(0, at)
            + inner.get()
            + text.substring(at + command.length() + inner.get().length() + 1);
  }

  /** What stands between the brace at {@code open} and its partner; empty if there is none. */
  static Optional<String> group(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      if (text.charAt(i) == '{') {
        depth++;
      } else if (text.charAt(i) == '}' && --depth == 0) {
        return Optional.of(text.substring(open + 1, i));
      }
    }
    return Optional.empty();
  }
}
