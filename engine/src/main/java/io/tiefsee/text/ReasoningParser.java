package io.tiefsee.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits what a reasoning model writes into its thoughts and its answer while the text arrives:
 * {@code <think>thoughts</think>answer}.
 *
 * <p>The rules, which are those of DeepSeek's API: only the first block counts, and only at the
 * very start of the text (white space before it goes); a later tag is plain text. Newlines and
 * blanks around the thoughts and before the answer go; of the answer's end nothing is taken. Text
 * without a tag is all answer. Characters that may belong to a tag, or may be white space at an
 * end, are held back until it is clear, so the pieces put together do not depend on how the text
 * was cut.
 *
 * <p>Not thread-safe; one parser an answer.
 */
public final class ReasoningParser {
  /** A part of what the model said. */
  public sealed interface Piece {
    String text();
  }

  /** A part of the thoughts. */
  public record Reasoning(String text) implements Piece {}

  /** A part of the answer. */
  public record Answer(String text) implements Piece {}

  private enum State {
    /** Nothing but white space so far: a block may open. */
    START,
    /** Inside of the block. */
    THINKING,
    /** Behind the block, before the answer's first character. */
    BETWEEN,
    ANSWERING
  }

  private final String open;
  private final String close;
  private final StringBuilder held = new StringBuilder();
  private State state;
  private boolean someReasoning;

  /**
   * @param open the tag before the thoughts
   * @param close the tag behind them
   * @param opened whether the prompt ended in the open tag, so that the text starts with thoughts
   */
  public ReasoningParser(String open, String close, boolean opened) {
    if (open.isEmpty() || close.isEmpty()) {
      throw new IllegalArgumentException("a tag cannot be empty");
    }
    this.open = open;
    this.close = close;
    this.state = opened ? State.THINKING : State.START;
  }

  /** A parser for {@code <think>} that sees from the prompt whether the template opened it. */
  public static ReasoningParser forPrompt(String prompt) {
    return new ReasoningParser("<think>", "</think>", opens(prompt, "<think>"));
  }

  /** A parser of a text without thoughts: all of it is answer, tags too. */
  public static ReasoningParser none() {
    ReasoningParser parser = new ReasoningParser("<think>", "</think>", false);
    parser.state = State.ANSWERING;
    return parser;
  }

  /** Whether a prompt ends in an open tag; white space may follow it. */
  public static boolean opens(String prompt, String open) {
    return prompt.stripTrailing().endsWith(open);
  }

  /** Takes more of the text; gives what became certain, which may be nothing. */
  public List<Piece> feed(String text) {
    held.append(text);
    List<Piece> pieces = new ArrayList<>();
    State before;
    do {
      before = state;
      step(pieces);
    } while (state != before);
    return pieces;
  }

  private void step(List<Piece> pieces) {
    switch (state) {
      case START -> {
        int first = firstVisible();
        String rest = held.substring(first);
        if (rest.startsWith(open)) {
          held.delete(0, first + open.length());
          state = State.THINKING;
        } else if (!open.startsWith(rest)) { // an empty rest may still become the tag
          state = State.ANSWERING;
        }
      }
      case THINKING -> think(pieces);
      case BETWEEN -> {
        held.delete(0, firstVisible());
        if (!held.isEmpty()) {
          state = State.ANSWERING;
        }
      }
      case ANSWERING -> {
        if (!held.isEmpty()) {
          pieces.add(new Answer(held.toString()));
          held.setLength(0);
        }
      }
    }
  }

  private void think(List<Piece> pieces) {
    if (!someReasoning) {
      held.delete(0, firstVisible());
    }
    int end = held.indexOf(close);
    int certain = end >= 0 ? end : held.length() - partOfClose();
    while (certain > 0 && isBlank(held.charAt(certain - 1))) {
      certain--;
    }
    if (certain > 0) {
      pieces.add(new Reasoning(held.substring(0, certain)));
      held.delete(0, certain);
      someReasoning = true;
    }
    if (end >= 0) {
      held.delete(0, end - certain + close.length());
      state = State.BETWEEN;
    }
  }

  /** How many characters at the end may be the start of the close tag. */
  private int partOfClose() {
    for (int n = Math.min(close.length() - 1, held.length()); n > 0; n--) {
      if (close.startsWith(held.substring(held.length() - n))) {
        return n;
      }
    }
    return 0;
  }

  private int firstVisible() {
    int i = 0;
    while (i < held.length() && isBlank(held.charAt(i))) {
      i++;
    }
    return i;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  /** The end of the text: gives what was still held back. */
  public List<Piece> finish() {
    String rest = held.toString();
    held.setLength(0);
    return switch (state) {
      case THINKING -> {
        String thoughts = (someReasoning ? rest : rest.strip()).stripTrailing();
        yield thoughts.isEmpty() ? List.of() : List.of(new Reasoning(thoughts));
      }
      case BETWEEN -> List.of();
      case START, ANSWERING -> rest.isEmpty() ? List.of() : List.of(new Answer(rest));
    };
  }

  /** Whether the text is inside of the thoughts. */
  public boolean thinking() {
    return state == State.THINKING;
  }
}
