package io.tiefsee.engine;

import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.ReasoningParser.Piece;
import io.tiefsee.text.Tokenizer;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * An answer as text, while it is made: thoughts first, where the model thinks, then the answer.
 * Iterating waits for the next piece; half characters and half tags never appear. Ends early where
 * a stop string of the {@link SamplingParams} comes up outside the thoughts; the string and what
 * follows it are not part of the answer.
 *
 * <p>Used by one thread. {@link #close} cancels what is still running.
 */
public final class TextGeneration implements Iterable<Piece>, AutoCloseable {
  private final Generation generation;
  private final Tokenizer tokenizer;
  private final Tokenizer.Decoder decoder;
  private final ReasoningParser parser;
  private final StopStrings stops;
  private final ArrayDeque<Piece> ready = new ArrayDeque<>();
  private int index;
  private int reasoningTokens;
  private boolean ended;

  /**
   * @param parser splits the text; it knows whether the prompt opened the thoughts
   * @param stop strings that end the answer
   */
  public TextGeneration(
      Generation generation, Tokenizer tokenizer, ReasoningParser parser, List<String> stop) {
    this.generation = generation;
    this.tokenizer = tokenizer;
    this.decoder = tokenizer.decoder();
    this.parser = parser;
    this.stops = new StopStrings(stop);
  }

  /** The next piece; waits for it. Empty at the end. */
  public Optional<Piece> next() {
    while (ready.isEmpty() && !ended) {
      read();
    }
    return Optional.ofNullable(ready.poll());
  }

  private void read() {
    Optional<Generation.Token> token;
    try {
      token = generation.token(index);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      generation.cancel();
      ended = true;
      return;
    }
    if (token.isEmpty()) {
      parser.feed(decoder.flush()).forEach(this::offer);
      parser.finish().forEach(this::offer);
      offerAnswer(stops.finish());
      ended = true;
      return;
    }
    index++;
    if (parser.thinking()) {
      reasoningTokens++;
    }
    int id = token.get().id();
    if (tokenizer.endOfGeneration().contains(id)) {
      return;
    }
    parser.feed(decoder.accept(id)).forEach(this::offer);
    if (stops.hit().isPresent()) {
      ended = true;
      generation.cancel();
    }
  }

  private void offer(Piece piece) {
    switch (piece) {
      case ReasoningParser.Reasoning r -> ready.add(r);
      case ReasoningParser.Answer a -> offerAnswer(stops.feed(a.text()));
    }
  }

  private void offerAnswer(String text) {
    if (!text.isEmpty()) {
      ready.add(new ReasoningParser.Answer(text));
    }
  }

  @Override
  public Iterator<Piece> iterator() {
    return new Iterator<>() {
      private Optional<Piece> next = TextGeneration.this.next();

      @Override
      public boolean hasNext() {
        return next.isPresent();
      }

      @Override
      public Piece next() {
        Piece piece = next.orElseThrow(NoSuchElementException::new);
        next = TextGeneration.this.next();
        return piece;
      }
    };
  }

  /** Stops the answer; what was already made can still be read. */
  public void cancel() {
    generation.cancel();
  }

  /** Why it ended; empty while it goes on. A stop string counts as {@link FinishReason#STOP}. */
  public Optional<FinishReason> finishReason() {
    return stops.hit().isPresent() ? Optional.of(FinishReason.STOP) : generation.finishReason();
  }

  /** The stop string that ended it. */
  public Optional<String> stopString() {
    return stops.hit();
  }

  /** What it took; final after the last piece. */
  public Usage usage() {
    return generation.usage();
  }

  /** Tokens that the pieces so far were made of, and those held back for the next. */
  public int tokensRead() {
    return index;
  }

  /** Tokens of the thoughts so far, their tags included. */
  public int reasoningTokens() {
    return reasoningTokens;
  }

  /** The tokens beneath. */
  public Generation generation() {
    return generation;
  }

  @Override
  public void close() {
    generation.cancel();
  }
}
