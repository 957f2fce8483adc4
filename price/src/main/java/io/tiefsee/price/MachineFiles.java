package io.tiefsee.price;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where Linux describes the machine; tests put a made-up one there.
 *
 * @param sys usually /sys
 * @param proc usually /proc
 */
public record MachineFiles(Path sys, Path proc) {
  /** This machine. */
  public static final MachineFiles REAL = new MachineFiles(Path.of("/sys"), Path.of("/proc"));

  /** A file's only line. */
  static String line(Path file) throws IOException {
    return Files.readString(file).strip();
  }

  /**
   * A file's only number.
   *
   * @throws IOException if it cannot be read or is none
   */
  static long number(Path file) throws IOException {
    String text = line(file);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(file + " holds no number: " + text, e);
    }
  }

  /** What is in a folder, by name; nothing if it is not there. */
  static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
