package io.tiefsee.server;

/** Finds where a JSON object ends in a text that arrives in pieces. */
final class JsonSpan {
  private int depth;
  private boolean inString;
  private boolean escaped;
  private boolean complete;

  /**
   * Reads on from {@code from}, where the object begins or goes on.
   *
   * @return the index behind the object's last brace; the text's length if it goes on
   */
  int read(CharSequence text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (escaped) {
        escaped = false;
      } else if (inString) {
        escaped = c == '\\';
        inString = c != '"';
      } else if (c == '"') {
        inString = true;
      } else if (c == '{' || c == '[') {
        depth++;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        complete = true;
        return i + 1;
      }
    }
    return text.length();
  }

  boolean isComplete() {
    return complete;
  }
}
