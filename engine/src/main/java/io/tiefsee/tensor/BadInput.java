package io.tiefsee.tensor;

/**
 * Something the user gave cannot be used: a broken file, an impossible option, a prompt that does
 * not fit. The message is one line that says what is wrong and what to do; programs print it
 * without a stack trace and exit with status 2.
 */
public final class BadInput extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadInput(String message) {
    super(message);
  }

  public BadInput(String message, Throwable cause) {
    super(message, cause);
  }
}
