package io.tiefsee.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Lines that somebody types, with editing and history, or that a script pipes in. */
sealed interface LineInput extends AutoCloseable {
  /** Ctrl-C while a line was typed. */
  final class Interrupted extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean emptyLine;

    Interrupted(boolean emptyLine) {
      this.emptyLine = emptyLine;
    }

    /** Whether there was nothing to give up. */
    boolean emptyLine() {
      return emptyLine;
    }
  }

  /**
   * The next line; empty at the end of the input.
   *
   * @throws Interrupted if the user gave the line up
   */
  Optional<String> read(String prompt) throws Interrupted;

  @Override
  void close();

  /** Line editing where both ends are terminals, else plain lines without a prompt. */
  static LineInput of(Streams streams) {
    return streams.inTerminal() && streams.outTerminal() ? new Typed() : new Piped(streams);
  }

  /** A script. */
  final class Piped implements LineInput {
    private final BufferedReader reader;

    Piped(Streams streams) {
      reader = new BufferedReader(new InputStreamReader(streams.in(), StandardCharsets.UTF_8));
    }

    @Override
    public Optional<String> read(String prompt) {
      try {
        return Optional.ofNullable(reader.readLine());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      // The standard input is not ours to close.
    }
  }

  /** A person. */
  final class Typed implements LineInput {
    private final Terminal terminal;
    private final LineReader reader;

    Typed() {
      try {
        terminal =
            TerminalBuilder.builder()
                .system(true)
                .dumb(true)
                .nativeSignals(false)
                .encoding(StandardCharsets.UTF_8)
                .build();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      // What people write to a model is prose: quotes and backslashes mean nothing.
      DefaultParser prose = new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]);
      reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .appName("tiefsee")
              .parser(prose)
              .variable(LineReader.HISTORY_FILE, historyFile())
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .option(LineReader.Option.HISTORY_INCREMENTAL, true)
              .build();
    }

    /** By the XDG base directory specification. */
    private static Path historyFile() {
      String state = System.getenv().getOrDefault("XDG_STATE_HOME", "");
      Path base =
          state.isEmpty()
              ? Path.of(System.getProperty("user.home"), ".local", "state")
              : Path.of(state);
      Path folder = base.resolve("tiefsee");
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        return Path.of("/dev/null"); // no history then, but a chat all the same
      }
      return folder.resolve("chat_history");
    }

    @Override
    public Optional<String> read(String prompt) throws Interrupted {
      try {
        return Optional.of(reader.readLine(prompt));
      } catch (EndOfFileException e) {
        return Optional.empty();
      } catch (UserInterruptException e) {
        boolean ignored = Thread.interrupted(); // else the next line would be given up at once
        throw new Interrupted(e.getPartialLine().isEmpty());
      }
    }

    @Override
    public void close() {
      try {
        terminal.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
