package io.tiefsee.engine;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.KvCache;
import java.time.Duration;
import java.util.Arrays;

/**
 * A request on its way: tokens known so far, how many of them are in the cache, and the pages that
 * hold them. Made by the caller's thread, then owned by the engine's.
 */
final class Sequence {
  /** Tokens of a page that are worth copying, and waiting for, where not all of it fits. */
  private static final int WORTH_COPYING = 16;

  final Generation generation;
  final SamplingParams params;
  final RequestOptions options;
  final TokenGuide guide;
  final long seed;
  final int promptLength;
  final long submitted = System.nanoTime();

  /** {@link #admission} of a sequence that waits. */
  static final long NOT_RUNNING = -1;

  /** Place in the order of admission; a later one gives way first. */
  long admission = NOT_RUNNING;

  /** When its prompt should be done, counted in prompt tokens that the engine computes. */
  long due;

  /** Tokens of it in the current step. */
  int inStep;

  private int[] tokens;
  private int length;
  private int computed;
  private int cached;
  private int[] pages = new int[8];
  private int pageCount;
  private int remembered;

  /** chains[i] is the chain value of the first i pages; known as far as {@link #chainCount}. */
  private long[] chains;

  private int chainCount = 1;
  private final long timeoutNanos;
  private boolean preempted;
  private long started;
  private long firstToken;
  private long lastToken;

  Sequence(
      Generation generation,
      int[] prompt,
      SamplingParams params,
      RequestOptions options,
      TokenGuide guide,
      long seed) {
    this.generation = generation;
    this.params = params;
    this.options = options;
    this.guide = guide;
    this.seed = seed;
    this.promptLength = prompt.length;
    this.tokens = Arrays.copyOf(prompt, prompt.length + 64);
    this.length = prompt.length;
    this.chains = new long[prompt.length / KvLayer.PAGE + 2];
    this.chains[0] = KvPages.root(options.scope());
    this.timeoutNanos = options.timeout().map(Sequence::nanos).orElse(Long.MAX_VALUE);
  }

  private static long nanos(Duration d) {
    return d.getSeconds() > Integer.MAX_VALUE ? Long.MAX_VALUE : d.toNanos();
  }

  int[] tokens() {
    return tokens;
  }

  int length() {
    return length;
  }

  /** Tokens whose keys and values are in the cache, or will be after the current step. */
  int computed() {
    return computed;
  }

  int remaining() {
    return length - computed;
  }

  int generated() {
    return length - promptLength;
  }

  int[] pages() {
    return pages;
  }

  int slot(int position) {
    return pages[position / KvLayer.PAGE] * KvLayer.PAGE + position % KvLayer.PAGE;
  }

  /** Pages that are missing for {@code positions} tokens. */
  int pagesMissing(int positions) {
    return Math.max(0, Math.ceilDiv(positions, KvLayer.PAGE) - pageCount);
  }

  /** Chain value of the first {@code n} pages, which have to be full of known tokens. */
  long chain(int n) {
    while (chainCount <= n) {
      if (chainCount == chains.length) {
        chains = Arrays.copyOf(chains, 2 * chainCount);
      }
      int from = (chainCount - 1) * KvLayer.PAGE;
      chains[chainCount] = KvPages.chain(chains[chainCount - 1], tokens, from);
      chainCount++;
    }
    return chains[n];
  }

  void addPage(int page) {
    if (pageCount == pages.length) {
      pages = Arrays.copyOf(pages, 2 * pageCount);
    }
    pages[pageCount++] = page;
  }

  /** Whether the next token to be computed is the first of a page. */
  boolean atPageStart() {
    return computed % KvLayer.PAGE == 0;
  }

  /**
   * Takes over pages that already hold what comes next, where it stands at the start of a page. At
   * least one token is left to be computed: its logits are wanted.
   */
  void sharePrefix(KvPages from) {
    while (atPageStart() && computed + KvLayer.PAGE < length) {
      int n = computed / KvLayer.PAGE;
      int page = from.share(chain(n), chain(n + 1), tokens, computed);
      if (page < 0) {
        return;
      }
      addPage(page);
      remembered++;
      skip(KvLayer.PAGE);
    }
  }

  /** Takes a page whose contents came from elsewhere, and makes it known to others. */
  void addRestored(int page, KvPages in) {
    int n = computed / KvLayer.PAGE;
    addPage(page);
    in.remember(page, chain(n), chain(n + 1), tokens, computed);
    remembered++;
    skip(KvLayer.PAGE);
  }

  /** Names the {@code n}th page, which has to be full of known tokens, on disk. */
  PrefixFile.Key key(int n, byte[] scope) {
    int from = n * KvLayer.PAGE;
    int[] own = Arrays.copyOfRange(tokens, from, from + KvLayer.PAGE);
    return new PrefixFile.Key(scope, n, chain(n), chain(n + 1), own);
  }

  private void skip(int n) {
    computed += n;
    if (!preempted) {
      cached = Math.min(computed, promptLength);
    }
  }

  /**
   * How many of the tokens of the page that this sequence is about to start another one has in its
   * own page, or is putting there; all tokens before are the same. 0 if too few to be worth it.
   */
  int sharedWith(Sequence other) {
    int page = computed / KvLayer.PAGE;
    if (other == this || other.computed <= computed || other.chain(page) != chain(page)) {
      return 0;
    }
    return common(other.tokens, computed, Math.min(other.length, computed + KvLayer.PAGE));
  }

  /** As {@link #sharedWith}, with a page of these tokens behind the same prefix. */
  int sharedWith(int[] contents) {
    return common(contents, 0, KvLayer.PAGE);
  }

  /** One token is left to be computed: its logits are wanted. */
  private int common(int[] others, int from, int to) {
    int end = Math.min(length - 1, computed + KvLayer.PAGE);
    int same = Arrays.mismatch(tokens, computed, end, others, from, to);
    int n = same < 0 ? end - computed : same;
    return n < WORTH_COPYING ? 0 : n;
  }

  /** Tokens from {@code position} that are computed, but for those of the current step. */
  int computedFrom(int position) {
    return Math.max(0, computed - inStep - position);
  }

  /** Takes the first {@code n} tokens of the page to be started from a page that has them. */
  void copyFrom(int page, int n, KvCache cache, KvPages from) {
    int own = from.take();
    cache.copyPage(page, own);
    addPage(own);
    skip(n);
  }

  void start() {
    started = started == 0 ? System.nanoTime() : started;
    generation.queuePosition(0);
  }

  /** Whether it was worked on before. */
  boolean wasStarted() {
    return started != 0;
  }

  boolean isOver(long now) {
    return generation.isCancelled() || isLate(now);
  }

  boolean isLate(long now) {
    return now - submitted >= timeoutNanos;
  }

  void advance(int n) {
    computed += n;
    inStep = n;
  }

  /** Makes pages that the step has filled known to others. */
  void stepDone(KvPages in) {
    inStep = 0;
    generation.promptDone(computed);
    while ((remembered + 1) * KvLayer.PAGE <= computed) {
      int from = remembered * KvLayer.PAGE;
      in.remember(pages[remembered], chain(remembered), chain(remembered + 1), tokens, from);
      remembered++;
    }
  }

  void append(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length);
    }
    tokens[length++] = token;
    lastToken = System.nanoTime();
    if (firstToken == 0) {
      firstToken = lastToken;
    }
  }

  /** Gives all pages back; the tokens stay and can be computed again. */
  void releasePages(KvPages to) {
    // The end first: beginnings are more likely to be shared again, and pages go oldest first.
    for (int i = pageCount - 1; i >= 0; i--) {
      to.release(pages[i]);
    }
    pageCount = 0;
    remembered = 0;
    computed = 0;
    inStep = 0;
    preempted = started != 0;
    cached = preempted ? cached : 0;
  }

  /** Prompt tokens whose keys and values were there already. */
  int cached() {
    return cached;
  }

  Usage usage() {
    long now = System.nanoTime();
    long begin = started == 0 ? now : started;
    long first = firstToken == 0 ? now : firstToken;
    return new Usage(
        promptLength,
        cached,
        generated(),
        begin - submitted,
        first - begin,
        firstToken == 0 ? 0 : lastToken - firstToken);
  }
}
