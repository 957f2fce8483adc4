package io.tiefsee.cli;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Text files that a user names. */
final class TextInput {
  private TextInput() {}

  /**
   * All of a UTF-8 file.
   *
   * @throws BadInput if it is not there or is no text
   */
  static String ofFile(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new BadInput("there is no file " + file, e);
    } catch (CharacterCodingException e) {
      throw new BadInput(file + " is not UTF-8 text", e);
    } catch (IOException e) {
      throw new BadInput(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
