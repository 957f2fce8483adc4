package io.tiefsee.format;

/** Text from a file, made fit for one line of a message. */
final class Quote {
  private static final int LONGEST = 120;

  private Quote() {}

  static String of(String text) {
    String s = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    StringBuilder line = new StringBuilder(s.length());
    s.codePoints().forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return line.toString();
  }
}
