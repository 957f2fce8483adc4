package io.tiefsee.cli;

import io.tiefsee.text.ReasoningParser.Answer;
import io.tiefsee.text.ReasoningParser.Piece;
import io.tiefsee.text.ReasoningParser.Reasoning;
import java.io.PrintStream;

/**
 * Prints an answer while it is made. On a terminal the thoughts come first, dimmed; into a pipe
 * goes the answer alone, and the thoughts, if they are wanted, to the error stream.
 */
final class AnswerPrinter {
  private static final String FAINT = "\u001b[2m";
  private static final String RESET = "\u001b[0m";

  private final Streams streams;
  private final boolean showThinking;
  private final PrintStream thoughts;
  private final boolean colours;
  private final StringBuilder reasoning = new StringBuilder();
  private final StringBuilder answer = new StringBuilder();
  private boolean thinking;

  AnswerPrinter(Streams streams, boolean showThinking) {
    this.streams = streams;
    this.showThinking = showThinking;
    thoughts = streams.outTerminal() ? streams.out() : streams.err();
    colours = streams.outTerminal() ? streams.outColours() : streams.errColours();
  }

  /** Prints a piece; false if nobody reads the output any more. */
  boolean print(Piece piece) {
    switch (piece) {
      case Reasoning r -> {
        reasoning.append(r.text());
        if (showThinking) {
          if (!thinking) {
            thinking = true;
            thoughts.print(colours ? FAINT : "<think>\n");
          }
          thoughts.print(printable(r.text(), streams.errTerminal()));
          thoughts.flush();
        }
      }
      case Answer a -> {
        endThinking("\n\n");
        answer.append(a.text());
        streams.out().print(printable(a.text(), streams.outTerminal()));
      }
    }
    return !streams.out().checkError();
  }

  /** Ends the last line. */
  void end() {
    endThinking("\n");
    if (!answer.isEmpty() && answer.charAt(answer.length() - 1) != '\n') {
      streams.out().println("");
    }
    streams.out().flush();
  }

  private void endThinking(String gap) {
    if (thinking) {
      thinking = false;
      thoughts.print((colours ? RESET : "\n</think>") + gap);
      thoughts.flush();
    }
  }

  /** A model may write anything; a terminal must not obey it. */
  private static String printable(String text, boolean terminal) {
    return terminal ? text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "") : text;
  }

  String reasoning() {
    return reasoning.toString();
  }

  String answer() {
    return answer.toString();
  }
}
