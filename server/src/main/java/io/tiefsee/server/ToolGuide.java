package io.tiefsee.server;

import io.tiefsee.engine.TokenGuide;
import io.tiefsee.grammar.TokenMatcher;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.Tokenizer;

/**
 * Lets the model say what it likes until it begins to call functions; then calls obey a grammar.
 */
final class ToolGuide implements TokenGuide {
  private final String trigger;
  private final TokenMatcher.Cursor cursor;
  private final Tokenizer.Decoder decoder;
  private final ReasoningParser thoughts;
  private final StringBuilder tail = new StringBuilder();
  private boolean calling;
  private int read;

  /**
   * @param trigger behind which the grammar begins
   * @param thoughts of this answer; what is said in them triggers nothing
   */
  ToolGuide(String trigger, TokenMatcher matcher, Tokenizer tokenizer, ReasoningParser thoughts) {
    this.trigger = trigger;
    this.cursor = matcher.start();
    this.decoder = tokenizer.decoder();
    this.thoughts = thoughts;
  }

  @Override
  public void guide(int[] tokens, int promptLength, int length, float[] logits) {
    while (promptLength + read < length) {
      accept(tokens[promptLength + read]);
      read++;
    }
    if (calling) {
      cursor.mask(logits);
    }
  }

  private void accept(int token) {
    if (calling) {
      cursor.accept(token);
      return;
    }
    for (ReasoningParser.Piece piece : thoughts.feed(decoder.accept(token))) {
      if (piece instanceof ReasoningParser.Answer answer) {
        tail.append(answer.text());
      }
    }
    int at = tail.indexOf(trigger);
    if (at >= 0) {
      // Where the first token goes beyond the trigger in a way of its own, the model stays free.
      calling = cursor.accept(tail.substring(at + trigger.length()));
      tail.setLength(0);
    } else if (tail.length() > trigger.length()) {
      tail.delete(0, tail.length() - trigger.length());
    }
  }
}
