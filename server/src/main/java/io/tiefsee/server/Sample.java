package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.engine.TextGeneration;
import io.tiefsee.engine.Usage;
import io.tiefsee.text.ReasoningParser;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One answer in the making, of possibly several to a request. Read by one thread. */
public final class Sample {
  /**
   * What has arrived.
   *
   * @param tokens that it was made of, with log-probabilities where they were asked for
   */
  public record Delta(AnswerPart part, List<Generation.Token> tokens) {}

  private final int index;
  private final TextGeneration text;
  private final ArrayDeque<AnswerPart> parts = new ArrayDeque<>();
  private int tokensGiven;
  private boolean ended;

  Sample(int index, TextGeneration text) {
    this.index = index;
    this.text = text;
  }

  /** Which of the request's answers it is. */
  public int index() {
    return index;
  }

  /** What comes next; waits for it. Empty at the end. */
  public Optional<Delta> next() {
    while (parts.isEmpty() && !ended) {
      Optional<ReasoningParser.Piece> piece = text.next();
      if (piece.isEmpty()) {
        ended = true;
      } else {
        parts.add(
            switch (piece.get()) {
              case ReasoningParser.Reasoning r -> new AnswerPart.Thought(r.text());
              case ReasoningParser.Answer a -> new AnswerPart.Text(a.text());
            });
      }
    }
    return Optional.ofNullable(parts.poll()).map(part -> new Delta(part, newTokens()));
  }

  /** The tokens read since the last call. */
  private List<Generation.Token> newTokens() {
    List<Generation.Token> tokens = new ArrayList<>();
    try {
      for (; tokensGiven < text.tokensRead(); tokensGiven++) {
        text.generation().token(tokensGiven).ifPresent(tokens::add);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return tokens;
  }

  public int reasoningTokens() {
    return text.reasoningTokens();
  }

  /** What it took; final after the last part. */
  public Usage usage() {
    return text.usage();
  }

  /** Why it ended; {@code CANCELLED} while it goes on. */
  public FinishReason finishReason() {
    return text.finishReason().orElse(FinishReason.CANCELLED);
  }

  /** Waits until the engine is done with it, so that {@link #usage} is final. */
  void settle() throws InterruptedException {
    int[] ignored = text.generation().await();
  }

  /** Stops it. */
  public void cancel() {
    text.cancel();
  }
}
