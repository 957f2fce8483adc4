package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.text.ReasoningParser.Answer;
import io.tiefsee.text.ReasoningParser.Reasoning;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Where thoughts and answers go. */
class ThinkingTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private void print(boolean terminal, boolean showThinking) {
    Streams streams =
        new Streams(
            InputStream.nullInputStream(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            terminal,
            false);
    AnswerPrinter printer = new AnswerPrinter(streams, showThinking);
    assertThat(printer.print(new Reasoning("Let me "))).isTrue();
    printer.print(new Reasoning("see."));
    printer.print(new Answer("It is \u001b[31m42"));
    printer.end();
    assertThat(printer.reasoning()).isEqualTo("Let me see.");
    assertThat(printer.answer()).isEqualTo("It is \u001b[31m42");
  }

  @Test
  void aPipeGetsTheAnswerAsItIs() {
    print(false, false);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("It is \u001b[31m42\n");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void wantedThoughtsGoToTheErrorStream() {
    print(false, true);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("It is \u001b[31m42\n");
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("Let me see.");
  }

  @Test
  void aTerminalGetsBothAndNoControlCharacters() {
    print(true, true);
    assertThat(out.toString(StandardCharsets.UTF_8).replaceAll("\u001b\\[[02]m|</?think>", ""))
        .matches("\\s*Let me see\\.\\s+It is \\[31m42\n");
  }
}
