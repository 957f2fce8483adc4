package io.tiefsee.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What a command reads from and writes to; UTF-8, whatever the locale says.
 *
 * @param in standard input
 * @param out answers and results only
 * @param err everything else: progress, receipts, errors
 * @param inTerminal whether a person types the input
 * @param outTerminal whether a person reads the output
 * @param errTerminal whether a person reads the messages
 */
record Streams(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean inTerminal,
    boolean outTerminal,
    boolean errTerminal) {

  private static final String FAINT = "\u001b[2m";
  private static final String RESET = "\u001b[0m";

  /** The streams of the process, as the launcher describes them. */
  static Streams ofProcess() {
    PrintStream out = utf8(new FileOutputStream(FileDescriptor.out));
    PrintStream err = utf8(standardError());
    System.setErr(err);
    return new Streams(System.in, out, err, isTerminal(0), isTerminal(1), isTerminal(2));
  }

  private static PrintStream utf8(FileOutputStream to) {
    return new PrintStream(new BufferedOutputStream(to, 8192), false, StandardCharsets.UTF_8) {
      @Override
      public void println(String line) {
        super.println(line);
        flush();
      }
    };
  }

  /** Whether descriptor 0, 1 or 2 is a terminal; false where the launcher was not used. */
  private static boolean isTerminal(int descriptor) {
    return System.getProperty("tiefsee.terminals", "").contains(String.valueOf(descriptor));
  }

  /**
   * The descriptor in {@code tiefsee.stderr}. The JVM's own standard error is closed by the
   * launcher, because the JVM would open every run with a warning that the Vector API incubates.
   */
  private static FileOutputStream standardError() {
    Integer descriptor = Integer.getInteger("tiefsee.stderr");
    if (descriptor == null) {
      return new FileOutputStream(FileDescriptor.err);
    }
    try {
      var constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
      constructor.setAccessible(true);
      return new FileOutputStream(constructor.newInstance(descriptor));
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalStateException("this JDK has no way to open descriptor " + descriptor, e);
    }
  }

  /** Whether colours are welcome on a terminal (no-color.org, dumb terminals). */
  private static boolean colours() {
    return System.getenv().getOrDefault("NO_COLOR", "").isEmpty()
        && !"dumb".equals(System.getenv("TERM"));
  }

  boolean outColours() {
    return outTerminal && colours();
  }

  boolean errColours() {
    return errTerminal && colours();
  }

  /** Dimmed, where that can be seen. */
  static String faint(String text, boolean colours) {
    return colours ? FAINT + text + RESET : text;
  }

  /** A line of the kind that one may overlook, on {@link #err}. */
  void note(String line) {
    err.println(faint(line, errColours()));
  }

  /** All of the standard input as UTF-8. */
  String readAll() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }
}
