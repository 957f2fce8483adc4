package io.tiefsee.tensor;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

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

  /** What an exception of the file system means, in words: its own message is often only a path. */
  public static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException a -> "permission denied";
      case NoSuchFileException n -> "there is no such file or folder";
      case FileAlreadyExistsException f -> "a file of that name is in the way";
      case DirectoryNotEmptyException d -> "the folder is not empty";
      case FileSystemException f when f.getReason() != null -> String.valueOf(f.getReason());
      default -> String.valueOf(e.getMessage());
    };
  }
}
