package io.tiefsee.engine;

import io.tiefsee.kernel.KvLayer;
import java.util.Arrays;

/**
 * A request on its way: tokens known so far, how many of them are in the cache, and the pages that
 * hold them. Owned by the engine's thread.
 */
final class Sequence {
  final Generation generation;
  final SamplingParams params;
  final TokenGuide guide;
  final long seed;
  final int promptLength;
  final long submitted = System.nanoTime();

  private int[] tokens;
  private int length;
  private int computed;
  private int cached;
  private int[] pages = new int[8];
  private int pageCount;
  private int remembered;
  private long chain = KvPages.ROOT;
  private long started;
  private long firstToken;
  private long lastToken;

  Sequence(
      Generation generation, int[] prompt, SamplingParams params, TokenGuide guide, long seed) {
    this.generation = generation;
    this.params = params;
    this.guide = guide;
    this.seed = seed;
    this.promptLength = prompt.length;
    this.tokens = Arrays.copyOf(prompt, prompt.length + 64);
    this.length = prompt.length;
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

  void addPage(int page) {
    if (pageCount == pages.length) {
      pages = Arrays.copyOf(pages, 2 * pageCount);
    }
    pages[pageCount++] = page;
  }

  /** Takes over pages that already hold the beginning of the prompt. */
  void sharePrefix(KvPages from) {
    // At least one token has to be computed: its logits are wanted.
    while ((pageCount + 1) * KvLayer.PAGE < length) {
      int page = from.share(chain, tokens, pageCount * KvLayer.PAGE);
      if (page < 0) {
        break;
      }
      chain = KvPages.chain(chain, tokens, pageCount * KvLayer.PAGE);
      addPage(page);
      remembered++;
      computed += KvLayer.PAGE;
    }
    cached = computed;
  }

  void start() {
    started = started == 0 ? System.nanoTime() : started;
  }

  void advance(int n) {
    computed += n;
  }

  /** Makes pages that the step has filled known to others. */
  void rememberPages(KvPages in) {
    generation.promptDone(computed);
    while ((remembered + 1) * KvLayer.PAGE <= computed) {
      chain = in.remember(pages[remembered], chain, tokens, remembered * KvLayer.PAGE);
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
    chain = KvPages.ROOT;
  }

  Usage usage() {
    long now = System.nanoTime();
    long begin = started == 0 ? now : started;
    long first = firstToken == 0 ? now : firstToken;
    return new Usage(
        promptLength,
        Math.min(cached, promptLength),
        generated(),
        begin - submitted,
        first - begin,
        firstToken == 0 ? 0 : lastToken - firstToken);
  }
}
