package io.tiefsee.engine;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * An answer in the making: the engine's thread offers tokens, any other thread reads them. Reading
 * waits for the next token. Thread-safe.
 */
public final class Generation {
  /** Why a generation ended. */
  public enum FinishReason {
    /** The model ended it, or a stop string did. */
    STOP,
    /** The token limit or the end of the context was reached. */
    LENGTH,
    /** The caller cancelled it, or the engine was closed. */
    CANCELLED,
    /** The request's time was over. */
    TIMEOUT
  }

  /** What the engine did to an answer beyond choosing tokens. */
  public enum Note {
    /** The thoughts were closed because their budget was spent. */
    THINKING_BUDGET,
    /** The thoughts were closed to leave room for the answer. */
    THINKING_ROOM,
    /** The thoughts were closed because they repeated themselves. */
    THINKING_LOOP,
    /** The answer was ended because it repeated itself. */
    ANSWER_LOOP
  }

  /** A token with its natural log-probability under the model, before any sampling option. */
  public record LogProb(int id, float logProb) {}

  /**
   * @param id token id
   * @param logProb natural log-probability; NaN where none were asked for
   * @param top the most probable tokens at this place; empty where none were asked for
   */
  public record Token(int id, float logProb, List<LogProb> top) {}

  private final int promptTokens;
  private int[] ids = new int[64];
  private float[] logProbs = new float[0];
  private LogProb[][] tops = {};
  private int count;
  private Optional<FinishReason> reason = Optional.empty();
  private Optional<RuntimeException> failure = Optional.empty();
  private Usage usage;
  private final Set<Note> notes = EnumSet.noneOf(Note.class);

  /** Who waits for the end sleeps through the tokens. */
  private final CountDownLatch ended = new CountDownLatch(1);

  private volatile boolean cancelled;
  private volatile int promptDone;
  private volatile int queuePosition = 1;
  private final Runnable wake;

  Generation(int promptTokens, Runnable wake) {
    this.promptTokens = promptTokens;
    this.usage = new Usage(promptTokens, 0, 0, 0, 0, 0);
    this.wake = wake;
  }

  synchronized void offer(int id) {
    if (count == ids.length) {
      ids = Arrays.copyOf(ids, 2 * count);
    }
    ids[count++] = id;
    notifyAll();
  }

  synchronized void offer(int id, float logProb, LogProb[] top) {
    if (count >= logProbs.length) {
      int n = Math.max(64, 2 * count);
      logProbs = Arrays.copyOf(logProbs, n);
      tops = Arrays.copyOf(tops, n);
    }
    logProbs[count] = logProb;
    tops[count] = top;
    offer(id);
  }

  synchronized void finish(FinishReason why, Usage used) {
    reason = Optional.of(why);
    usage = used;
    queuePosition = 0;
    notifyAll();
    ended.countDown();
  }

  synchronized void fail(RuntimeException e) {
    failure = Optional.of(e);
    queuePosition = 0;
    reason = Optional.of(FinishReason.CANCELLED);
    notifyAll();
    ended.countDown();
  }

  synchronized void note(Note note) {
    notes.add(note);
  }

  /** What the engine did to the answer so far. */
  public synchronized Set<Note> notes() {
    return Set.copyOf(notes);
  }

  void queuePosition(int position) {
    queuePosition = position;
  }

  /** The place in the queue, from 1; 0 once it is being worked on, and after its end. */
  public int queuePosition() {
    return queuePosition;
  }

  void promptDone(int tokens) {
    promptDone = Math.min(tokens, promptTokens);
  }

  /** Tokens of the prompt that are computed so far, for a progress bar. */
  public int promptDone() {
    return promptDone;
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** Asks the engine to stop; tokens that were already chosen stay readable. */
  public void cancel() {
    cancelled = true;
    wake.run();
  }

  public int promptTokens() {
    return promptTokens;
  }

  /**
   * The token at {@code index} of the answer; waits for it. Empty if the answer ends before.
   *
   * @throws RuntimeException what made the engine fail
   */
  public synchronized Optional<Token> token(int index) throws InterruptedException {
    while (index >= count && reason.isEmpty()) {
      wait();
    }
    if (index < count) {
      return Optional.of(at(index));
    }
    if (failure.isPresent()) {
      throw failure.get();
    }
    return Optional.empty();
  }

  private Token at(int index) {
    if (index >= logProbs.length || tops[index] == null) {
      return new Token(ids[index], Float.NaN, List.of());
    }
    return new Token(ids[index], logProbs[index], List.of(tops[index]));
  }

  /** Waits for the end; all token ids of the answer. */
  public int[] await() throws InterruptedException {
    ended.await();
    synchronized (this) {
      if (failure.isPresent()) {
        throw failure.get();
      }
      return Arrays.copyOf(ids, count);
    }
  }

  /**
   * Natural log-probabilities of the tokens so far, without waiting; NaN where none were asked for.
   */
  public synchronized float[] logProbs() {
    float[] all = new float[count];
    for (int i = 0; i < count; i++) {
      all[i] = i < logProbs.length && tops[i] != null ? logProbs[i] : Float.NaN;
    }
    return all;
  }

  /** Empty while it goes on. */
  public synchronized Optional<FinishReason> finishReason() {
    return reason;
  }

  /** Final only when {@link #finishReason()} is there. */
  public synchronized Usage usage() {
    return usage;
  }
}
