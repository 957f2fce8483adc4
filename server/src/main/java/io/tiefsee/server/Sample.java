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
import java.util.Set;

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
  private final Optional<ToolCallParser> calls;
  private final ArrayDeque<AnswerPart> parts = new ArrayDeque<>();
  private int tokensGiven;
  private boolean ended;

  /**
   * @param calls finds calls of functions, where there may be some
   */
  Sample(int index, TextGeneration text, Optional<ToolCallParser> calls) {
    this.index = index;
    this.text = text;
    this.calls = calls;
  }

  /** The tokens beneath. */
  Generation generation() {
    return text.generation();
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
        calls.ifPresent(c -> parts.addAll(c.finish()));
      } else {
        switch (piece.get()) {
          case ReasoningParser.Reasoning r -> parts.add(new AnswerPart.Thought(r.text()));
          case ReasoningParser.Answer a -> answer(a.text());
        }
      }
    }
    return Optional.ofNullable(parts.poll()).map(part -> new Delta(part, newTokens()));
  }

  private void answer(String more) {
    if (calls.isPresent()) {
      parts.addAll(calls.get().feed(more));
    } else {
      parts.add(new AnswerPart.Text(more));
    }
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

  /** The stop string that ended it. */
  public Optional<String> stopString() {
    return text.stopString();
  }

  /** What the engine did to it beyond choosing tokens. */
  public Set<Generation.Note> notes() {
    return text.generation().notes();
  }

  /** Its place in the queue, from 1; 0 while it is being worked on. */
  public int queuePosition() {
    return text.generation().queuePosition();
  }

  /** How much of the prompt is computed, 0 to 1. */
  public double promptProgress() {
    Generation generation = text.generation();
    return (double) generation.promptDone() / generation.promptTokens();
  }

  /** Waits until the engine is done with it, so that {@link #usage} is final. */
  void settle() throws InterruptedException {
    try {
      int[] ignored = text.generation().await();
    } catch (RuntimeException e) {
      // Its reader has heard of it; what it took until then counts.
      return;
    }
  }

  /** Stops it. */
  public void cancel() {
    text.cancel();
  }
}
