package io.tiefsee.engine;

import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.Batch;
import io.tiefsee.model.KvCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Decides which tokens the next step computes. There are no phases: every running sequence has some
 * tokens that are known but not yet in the cache. Sequences that lack only one (they are answering)
 * come first, so that a long prompt does not stall them; then prompts are computed in chunks, as
 * many tokens as the {@link Pacer} allows.
 *
 * <p>Among prompts of one priority the one goes first whose end is due first: a prompt of n tokens
 * is due when the engine has computed n more prompt tokens than at its admission. So short prompts
 * overtake long ones, and a long one is overtaken for as long as itself at most.
 *
 * <p>Where several sequences have the same beginning, one computes it and the others wait at the
 * start of a page until they can take the page over, or the part of it that is theirs too.
 *
 * <p>When pages or slots run out, a sequence of the lowest priority, among these the one that came
 * last, gives its pages back and waits; its tokens are computed again later, with the same result.
 * What is in a step never gives way in it, so each step makes progress and there is no deadlock.
 * Owned by the engine's thread.
 */
final class Scheduler {
  private final KvPages pages;
  private final KvCache cache;
  private final int contextLength;
  private final int slots;
  private final IntPredicate endOfGeneration;
  private final Pacer pacer;
  private final Counters counters;
  private final RequestQueue queue = new RequestQueue();
  private final List<Sequence> running = new ArrayList<>();

  /** A copy of {@link #running} to walk through while that changes. */
  private final List<Sequence> turn = new ArrayList<>();

  private final List<Sequence> scheduled = new ArrayList<>();
  private final List<Sequence> logitOwners = new ArrayList<>();
  private int answering;
  private long admissions;
  private long promptTokens;

  Scheduler(
      KvPages pages,
      KvCache cache,
      int contextLength,
      EngineOptions options,
      Pacer pacer,
      IntPredicate endOfGeneration,
      Counters counters) {
    this.pages = pages;
    this.cache = cache;
    this.contextLength = contextLength;
    this.slots = options.maxSequences();
    this.endOfGeneration = endOfGeneration;
    this.pacer = pacer;
    this.counters = counters;
  }

  void add(Sequence s) {
    queue.add(s);
  }

  boolean isIdle() {
    return queue.size() == 0 && running.isEmpty();
  }

  int waiting() {
    return queue.size();
  }

  /** Fills {@code batch} with the next step's tokens; it stays empty if there is nothing to do. */
  void next(Batch batch) {
    batch.clear();
    scheduled.clear();
    logitOwners.clear();
    dropOver();
    admit();
    turn.clear();
    turn.addAll(running);
    for (int i = 0; i < turn.size(); i++) {
      Sequence s = turn.get(i);
      if (s.remaining() == 1 && s.admission >= 0) {
        schedule(batch, s, 1);
      }
    }
    answering = scheduled.size();
    int room = pacer.promptTokens(answering);
    Sequence s;
    while (room > 0 && (s = nextPrompt()) != null) {
      room -= schedule(batch, s, room);
    }
  }

  /** Lets waiting sequences in, in their order, as long as there are slots and pages. */
  private void admit() {
    Optional<Sequence> first;
    while ((first = queue.first()).isPresent() && makeRoom(first.get())) {
      Sequence s = first.get();
      queue.removeFirst();
      s.admission = admissions++;
      s.due = promptTokens + s.remaining();
      s.start();
      running.add(s);
      counters.admitted();
    }
    queue.tellPlaces();
  }

  /** Whether a slot and the pages for all known tokens and one more can be had. */
  private boolean makeRoom(Sequence s) {
    s.sharePrefix(pages);
    while (running.size() >= slots || s.pagesMissing(s.length() + 1) > pages.free() - promised()) {
      Optional<Sequence> victim = victim();
      if (victim.isEmpty() || victim.get().options.priority() >= s.options.priority()) {
        s.releasePages(pages);
        return false;
      }
      preempt(victim.get());
    }
    return true;
  }

  /** Pages that running sequences still lack for the tokens they have. */
  private int promised() {
    int n = 0;
    for (int i = 0; i < running.size(); i++) {
      Sequence s = running.get(i);
      n += s.pagesMissing(s.length() + 1);
    }
    return n;
  }

  /** Who gives way first: the lowest priority, then who came last; nobody of the current step. */
  private Optional<Sequence> victim() {
    Sequence victim = null;
    for (int i = 0; i < running.size(); i++) {
      Sequence s = running.get(i);
      if (s.inStep == 0
          && (victim == null
              || s.options.priority() < victim.options.priority()
              || (s.options.priority() == victim.options.priority()
                  && s.admission > victim.admission))) {
        victim = s;
      }
    }
    return Optional.ofNullable(victim);
  }

  private void preempt(Sequence s) {
    running.remove(s);
    s.admission = Sequence.NOT_RUNNING;
    s.releasePages(pages);
    queue.addAgain(s);
    counters.preempted();
  }

  /**
   * The prompt to go on with; null if none can. Takes over pages where another sequence has
   * computed them, and passes over prompts that wait for such pages.
   */
  private Sequence nextPrompt() {
    Sequence best = null;
    for (int i = 0; i < running.size(); i++) {
      Sequence s = running.get(i);
      if (s.inStep == 0 && s.remaining() > 0 && before(s, best) && !waitsForPage(s)) {
        best = s;
      }
    }
    return best;
  }

  private static boolean before(Sequence s, Sequence other) {
    if (other == null) {
      return true;
    }
    int a = s.options.priority();
    int b = other.options.priority();
    return a > b || (a == b && s.due < other.due);
  }

  /** Takes over what is there already; true if more of it is about to come. */
  private boolean waitsForPage(Sequence s) {
    if (!s.atPageStart()) {
      return false;
    }
    s.sharePrefix(pages);
    Sequence source = null;
    int most = 0;
    for (int i = 0; i < running.size(); i++) {
      int n = s.sharedWith(running.get(i));
      if (n > most) {
        most = n;
        source = running.get(i);
      }
    }
    int page = pages.behind(s.chain(s.computed() / KvLayer.PAGE));
    int known = page < 0 ? 0 : s.sharedWith(pages.contents(page));
    if (source != null && most > known) {
      if (source.computedFrom(s.computed()) < most) {
        return true;
      }
      page = source.pages()[s.computed() / KvLayer.PAGE];
      known = most;
    }
    if (known > 0) {
      copy(s, page, known);
    }
    return false;
  }

  private void copy(Sequence s, int page, int n) {
    pages.own(page);
    if (pages.free() > 0) {
      s.copyFrom(page, n, cache, pages);
    }
    pages.release(page);
  }

  /**
   * Puts up to {@code most} tokens of a running sequence into the batch.
   *
   * @return how many; 0 if the sequence had to leave {@link #running} for lack of pages
   */
  private int schedule(Batch batch, Sequence s, int most) {
    int n = Math.min(s.remaining(), most);
    int end = s.computed() + n;
    while (s.pagesMissing(end) > pages.free()) {
      Sequence victim = victim().orElseThrow(); // s itself, if there is no other
      preempt(victim);
      if (victim == s) {
        return 0;
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
    return n;
  }

  /** The sequences that the rows of logits belong to, in the order of the rows. */
  List<Sequence> logitOwners() {
    return logitOwners;
  }

  /** The sequences of the current step. */
  List<Sequence> scheduled() {
    return scheduled;
  }

  /** The sequence whose prompt the current step computes, if the step has no other. */
  Optional<Sequence> onlyPrompt() {
    return scheduled.size() == 1 && scheduled.getFirst().generated() == 0
        ? Optional.of(scheduled.getFirst())
        : Optional.empty();
  }

  /** Whether nobody wants the current step's result any more. */
  boolean stepIsInVain() {
    long now = System.nanoTime();
    for (int i = 0; i < scheduled.size(); i++) {
      if (!scheduled.get(i).isOver(now)) {
        return false;
      }
    }
    return true;
  }

  /** The step is done: remembers full pages. Then {@link #accept} takes the chosen tokens. */
  void stepDone(int batchTokens, long nanos) {
    int prompts = batchTokens - answering;
    pacer.learn(answering, prompts, nanos);
    promptTokens += prompts;
    counters.computed(prompts, logitOwners.size(), System.nanoTime());
    for (int i = 0; i < scheduled.size(); i++) {
      scheduled.get(i).stepDone(pages);
    }
  }

  /** Appends a chosen token; ends the sequence where it has to. */
  void accept(Sequence s, int token) {
    s.append(token);
    if (s.generated() == 1) {
      counters.promptDone(s.cached(), s.promptLength - s.cached());
    }
    if (endOfGeneration.test(token) && !s.params.ignoreEos()) {
      finish(s, FinishReason.STOP);
    } else if (s.generated() >= s.params.maxTokens()
        || s.length() >= contextLength
        || s.guide.ends(s.tokens(), s.promptLength, s.length())) {
      finish(s, FinishReason.LENGTH);
    }
  }

  /** Ends what was cancelled or has run out of time. */
  private void dropOver() {
    long now = System.nanoTime();
    for (int i = running.size() - 1; i >= 0; i--) {
      if (running.get(i).isOver(now)) {
        finish(running.get(i), reasonOfOver(running.get(i)));
      }
    }
    if (queue.size() > 0) {
      for (Sequence s : queue.removeIf(s -> s.isOver(now))) {
        finish(s, reasonOfOver(s));
      }
    }
  }

  private static FinishReason reasonOfOver(Sequence s) {
    return s.generation.isCancelled() ? FinishReason.CANCELLED : FinishReason.TIMEOUT;
  }

  private void finish(Sequence s, FinishReason reason) {
    leave(s);
    s.generation.finish(reason, s.usage());
  }

  /** Ends one sequence that cannot go on. */
  void fail(Sequence s, RuntimeException why) {
    leave(s);
    s.generation.fail(why);
  }

  private void leave(Sequence s) {
    boolean wasRunning = running.remove(s);
    s.releasePages(pages);
    counters.finished(wasRunning, pages.free());
  }

  /** Lets sequences give way until so many pages are free, or nobody is left. */
  void freePages(int wanted) {
    Optional<Sequence> victim;
    while (pages.free() < wanted && (victim = victim()).isPresent()) {
      preempt(victim.get());
    }
  }

  /** Ends everything, because the engine closes or has failed. */
  void abort(RuntimeException why) {
    scheduled.clear();
    for (Sequence s : List.copyOf(running)) {
      fail(s, why);
    }
    for (Sequence s : queue.removeIf(s -> true)) {
      fail(s, why);
    }
  }
}
