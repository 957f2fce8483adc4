package io.tiefsee.engine;

import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.model.Batch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Decides which tokens the next step computes. There are no phases: every running sequence has some
 * tokens that are known but not yet in the cache. Sequences that lack only one (they are answering)
 * come first, so that a long prompt does not stall them; what is left of the step goes to prompts,
 * in chunks, in the order of arrival.
 *
 * <p>When pages run out, the sequence that came last gives its pages back and waits; its tokens are
 * computed again later, with the same result. Owned by the engine's thread.
 */
final class Scheduler {
  private final KvPages pages;
  private final int contextLength;
  private final int maxBatchTokens;
  private final IntPredicate endOfGeneration;
  private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
  private final List<Sequence> running = new ArrayList<>();
  private final List<Sequence> scheduled = new ArrayList<>();
  private final List<Sequence> logitOwners = new ArrayList<>();

  Scheduler(KvPages pages, int contextLength, int maxBatchTokens, IntPredicate endOfGeneration) {
    this.pages = pages;
    this.contextLength = contextLength;
    this.maxBatchTokens = maxBatchTokens;
    this.endOfGeneration = endOfGeneration;
  }

  void add(Sequence s) {
    waiting.addLast(s);
  }

  boolean isIdle() {
    return waiting.isEmpty() && running.isEmpty();
  }

  /** Fills {@code batch} with the next step's tokens; it stays empty if there is nothing to do. */
  void next(Batch batch) {
    batch.clear();
    logitOwners.clear();
    dropCancelled();
    int i = 0;
    while (i < running.size()) {
      Sequence s = running.get(i);
      i += s.remaining() != 1 || schedule(batch, s, 1) ? 1 : 0;
    }
    i = 0;
    while (i < running.size() && batch.size() < maxBatchTokens) {
      Sequence s = running.get(i);
      i += s.remaining() == 0 || schedule(batch, s, maxBatchTokens - batch.size()) ? 1 : 0;
    }
    while (batch.size() < maxBatchTokens && !waiting.isEmpty() && admit(waiting.peekFirst())) {
      Sequence s = waiting.removeFirst();
      running.add(s);
      schedule(batch, s, maxBatchTokens - batch.size());
    }
  }

  /** Whether the pages for the whole prompt and a first token can be had. */
  private boolean admit(Sequence s) {
    s.sharePrefix(pages);
    if (s.pagesMissing(s.length() + 1) > pages.free()) {
      s.releasePages(pages);
      return false;
    }
    s.start();
    return true;
  }

  /**
   * Puts up to {@code most} tokens of a running sequence into the batch.
   *
   * @return false if the sequence had to leave {@link #running} for lack of pages
   */
  private boolean schedule(Batch batch, Sequence s, int most) {
    int n = Math.min(s.remaining(), most);
    int end = s.computed() + n;
    while (s.pagesMissing(end) > pages.free()) {
      // The sequence that came last makes room, but none whose tokens are in this batch already.
      Sequence last = running.getLast();
      if (last != s && scheduled.contains(last)) {
        last = s;
      }
      running.remove(last);
      last.releasePages(pages);
      waiting.addFirst(last);
      if (last == s) {
        return false;
      }
    }
    while (s.pagesMissing(end) > 0) {
      s.addPage(pages.take());
    }
    batch.sequence(s.pages());
    for (int p = s.computed(); p < end; p++) {
      boolean wanted = p == s.length() - 1;
      batch.add(s.tokens()[p], p, s.slot(p), wanted);
      if (wanted) {
        logitOwners.add(s);
      }
    }
    s.advance(n);
    scheduled.add(s);
    return true;
  }

  /** The sequences that the rows of logits belong to, in the order of the rows. */
  List<Sequence> logitOwners() {
    return logitOwners;
  }

  /** The sequence whose prompt the current step computes, if the step has no other. */
  Optional<Sequence> onlyPrompt() {
    return scheduled.size() == 1 && scheduled.getFirst().generated() == 0
        ? Optional.of(scheduled.getFirst())
        : Optional.empty();
  }

  /** The step is done: remembers full pages. Then {@link #accept} takes the chosen tokens. */
  void stepDone() {
    for (int i = 0; i < scheduled.size(); i++) {
      scheduled.get(i).rememberPages(pages);
    }
    scheduled.clear();
  }

  /** Appends a chosen token; ends the sequence where it has to. */
  void accept(Sequence s, int token) {
    s.append(token);
    if (endOfGeneration.test(token) && !s.params.ignoreEos()) {
      finish(s, FinishReason.STOP);
    } else if (s.generated() >= s.params.maxTokens() || s.length() >= contextLength) {
      finish(s, FinishReason.LENGTH);
    }
  }

  private void dropCancelled() {
    for (int i = running.size() - 1; i >= 0; i--) {
      if (running.get(i).generation.isCancelled()) {
        finish(running.get(i), FinishReason.CANCELLED);
      }
    }
    for (Iterator<Sequence> it = waiting.iterator(); it.hasNext(); ) {
      Sequence s = it.next();
      if (s.generation.isCancelled()) {
        it.remove();
        s.generation.finish(FinishReason.CANCELLED, s.usage());
      }
    }
  }

  private void finish(Sequence s, FinishReason reason) {
    running.remove(s);
    s.releasePages(pages);
    s.generation.finish(reason, s.usage());
  }

  /** Ends one sequence that cannot go on. */
  void fail(Sequence s, RuntimeException why) {
    running.remove(s);
    s.releasePages(pages);
    s.generation.fail(why);
  }

  /** Ends everything, because the engine closes or has failed. */
  void abort(RuntimeException why) {
    for (Sequence s : running) {
      s.generation.fail(why);
    }
    for (Sequence s : waiting) {
      s.generation.fail(why);
    }
    for (Sequence s : running) {
      s.releasePages(pages);
    }
    running.clear();
    waiting.clear();
    scheduled.clear();
  }
}
