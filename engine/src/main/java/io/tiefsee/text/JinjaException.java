package io.tiefsee.text;

/**
 * What went wrong while a chat template was parsed or rendered. Internal to the package: {@link
 * ChatTemplate} turns it into a {@link io.tiefsee.tensor.BadInput} that names the line.
 */
final class JinjaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The template said no by itself: {@code raise_exception('...')}. */
  private final boolean raisedByTemplate;

  /** 1-based line of the template; 0 where the place of the failure is not known. */
  private final int line;

  JinjaException(String message) {
    this(message, 0, false);
  }

  JinjaException(String message, int line) {
    this(message, line, false);
  }

  private JinjaException(String message, int line, boolean raisedByTemplate) {
    super(message, null, false, false);
    this.line = line;
    this.raisedByTemplate = raisedByTemplate;
  }

  static JinjaException raised(String message) {
    return new JinjaException(message, 0, true);
  }

  /** The same failure placed at {@code line}, unless it has a place already. */
  JinjaException at(int line) {
    return this.line > 0 ? this : new JinjaException(getMessage(), line, raisedByTemplate);
  }

  int line() {
    return line;
  }

  boolean raisedByTemplate() {
    return raisedByTemplate;
  }
}
