package io.tiefsee.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/** What the launcher says about the standard streams. */
final class Streams {
  private Streams() {}

  /** Whether descriptor 0, 1 or 2 is a terminal; false where the launcher was not used. */
  static boolean isTerminal(int descriptor) {
    return System.getProperty("tiefsee.terminals", "").contains(String.valueOf(descriptor));
  }

  /**
   * Sends {@code System.err} to the descriptor in {@code tiefsee.stderr}. The JVM's own standard
   * error is closed by the launcher, because the JVM would open every run with a warning that the
   * Vector API incubates.
   */
  static void restoreStandardError() {
    Integer descriptor = Integer.getInteger("tiefsee.stderr");
    if (descriptor == null) {
      return;
    }
    try {
      var constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
      constructor.setAccessible(true);
      var error = new FileOutputStream(constructor.newInstance(descriptor));
      System.setErr(new PrintStream(error, true, System.err.charset()));
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalStateException("this JDK has no way to open descriptor " + descriptor, e);
    }
  }
}
