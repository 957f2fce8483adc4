package io.tiefsee.sandbox;

/**
 * Rewrites two things of today's JavaScript that Rhino does not read, and that are in every other
 * answer: {@code for (const x of …)} becomes {@code for (let x of …)}, and a call with a spread,
 * {@code Math.max(...list)}, becomes {@code Math.max.apply(Math, [...list])}. Strings, comments and
 * regular expressions stay as they are.
 */
final class Dialect {
  private static final String BEFORE_REGEX = "(,=:[!&|?{};+-*%<>~^\n";
  private static final int MAX_CALLS = 500;

  private final StringBuilder text;

  private Dialect(String source) {
    text = new StringBuilder(source);
  }

  static String adapt(String source) {
    Dialect dialect = new Dialect(source);
    int calls = 0;
    for (int at = 0; at < dialect.text.length(); ) {
      int end = dialect.opaque(at);
      if (end > at) {
        at = end;
        continue;
      }
      dialect.constToLet(at);
      if (dialect.text.charAt(at) == '(' && calls < MAX_CALLS && dialect.spread(at)) {
        calls++;
      }
      at++;
    }
    return dialect.text.toString();
  }

  /** {@code for (const} at this place. */
  private void constToLet(int at) {
    if (!isWord("for", at)) {
      return;
    }
    int open = skipSpace(at + 3);
    int word = skipSpace(open + 1);
    if (open < text.length() && text.charAt(open) == '(' && isWord("const", word)) {
      text.replace(word, word + 5, "let");
    }
  }

  /**
   * The call whose bracket opens here, if it has a spread among its arguments and its function is
   * named plainly.
   */
  private boolean spread(int open) {
    int close = close(open);
    int start = calleeStart(open);
    if (close < 0 || start == open || !hasSpread(open, close)) {
      return false;
    }
    int next = skipSpace(close + 1);
    boolean definition = isNext("=>", next) || isNext("{", next);
    String callee = text.substring(start, open);
    if (definition || isAfterWord("function", start) || isAfterWord("new", start)) {
      return false;
    }
    int dot = callee.lastIndexOf('.');
    String self = dot < 0 ? "null" : callee.substring(0, dot);
    text.insert(close, "]");
    text.replace(open, open + 1, ".apply(" + self + ", [");
    return true;
  }

  /** Where the dotted name before the bracket starts; the bracket itself if there is none. */
  private int calleeStart(int open) {
    int start = open;
    while (start > 0 && (isName(text.charAt(start - 1)) || text.charAt(start - 1) == '.')) {
      start--;
    }
    boolean plain =
        start < open
            && text.charAt(start) != '.'
            && !Character.isDigit(text.charAt(start))
            && text.charAt(open - 1) != '.';
    String name = text.substring(start, open);
    boolean keyword = name.matches("if|for|while|switch|catch|return|typeof|function|super");
    return plain && !keyword ? start : open;
  }

  private boolean isAfterWord(String word, int at) {
    int end = at;
    while (end > 0 && Character.isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    int start = end - word.length();
    return start >= 0 && isWord(word, start) && end < at;
  }

  private boolean hasSpread(int open, int close) {
    int depth = 0;
    for (int i = open + 1; i < close; ) {
      int end = opaque(i);
      if (end > i) {
        i = end;
        continue;
      }
      char c = text.charAt(i);
      depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
      if (depth == 0 && isNext("...", i)) {
        return true;
      }
      i++;
    }
    return false;
  }

  /** The bracket's partner; -1 if it has none. */
  private int close(int open) {
    int depth = 0;
    for (int i = open; i < text.length(); ) {
      int end = opaque(i);
      if (end > i) {
        i = end;
        continue;
      }
      char c = text.charAt(i);
      depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
      if (depth == 0) {
        return i;
      }
      i++;
    }
    return -1;
  }

  /** The end of the string, comment or regular expression that begins here; else the place. */
  private int opaque(int at) {
    char c = text.charAt(at);
    if (c == '"' || c == '\'' || c == '`') {
      return quoted(at, c);
    }
    if (c != '/') {
      return at;
    }
    char next = at + 1 < text.length() ? text.charAt(at + 1) : 0;
    if (next == '/') {
      return end(text.indexOf("\n", at), 0);
    }
    if (next == '*') {
      return end(text.indexOf("*/", at + 2), 2);
    }
    int before = at - 1;
    while (before >= 0 && text.charAt(before) == ' ') {
      before--;
    }
    boolean regex =
        before < 0
            || BEFORE_REGEX.indexOf(text.charAt(before)) >= 0
            || isAfterWord("return", before + 2);
    return regex ? quoted(at, '/') : at;
  }

  private int end(int found, int length) {
    return found < 0 ? text.length() : found + length;
  }

  private int quoted(int at, char quote) {
    boolean inClass = false;
    for (int i = at + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '\n' && quote != '`') {
        return i;
      } else if (c == quote && !inClass) {
        return i + 1;
      } else if (quote == '/') {
        inClass = c == '[' || (inClass && c != ']');
      }
    }
    return text.length();
  }

  private int skipSpace(int at) {
    int next = at;
    while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
      next++;
    }
    return next;
  }

  private boolean isWord(String word, int at) {
    return isNext(word, at)
        && (at == 0 || !isName(text.charAt(at - 1)))
        && (at + word.length() >= text.length() || !isName(text.charAt(at + word.length())));
  }

  private boolean isNext(String what, int at) {
    return text.length() - at >= what.length()
        && what.contentEquals(text.subSequence(at, at + what.length()));
  }

  private static boolean isName(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$';
  }
}
