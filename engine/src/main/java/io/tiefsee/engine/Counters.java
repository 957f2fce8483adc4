package io.tiefsee.engine;

import java.util.concurrent.TimeUnit;

/** What an engine has done so far: its thread counts, any thread reads. */
final class Counters {
  private static final int SECONDS = 10;

  private final int slots;
  private final int pagesTotal;

  // A ring of whole seconds and the tokens in each; the second that is under way is in it too.
  private final long[] second = new long[SECONDS + 1];
  private final long[] promptIn = new long[SECONDS + 1];
  private final long[] generatedIn = new long[SECONDS + 1];
  private int running;
  private int pagesFree;
  private long promptTokens;
  private long generatedTokens;
  private long hits;
  private long misses;
  private long requests;
  private long finished;
  private long preemptions;
  private long diskHits;

  Counters(int slots, int pagesTotal) {
    this.slots = slots;
    this.pagesTotal = pagesTotal;
    this.pagesFree = pagesTotal;
  }

  synchronized void submitted() {
    requests++;
  }

  synchronized void admitted() {
    running++;
  }

  /** A prompt is done: so many of its tokens were there, so many were computed. */
  synchronized void promptDone(int cached, int missed) {
    hits += cached;
    misses += missed;
  }

  synchronized void finished(boolean wasRunning, int nowFree) {
    pagesFree = nowFree;
    finished++;
    running -= wasRunning ? 1 : 0;
  }

  synchronized void preempted() {
    preemptions++;
    running--;
  }

  synchronized void fromDisk(int tokens) {
    diskHits += tokens;
  }

  /** Tokens of a step. */
  synchronized void computed(int prompt, int generated, long nanoTime) {
    promptTokens += prompt;
    generatedTokens += generated;
    long now = TimeUnit.NANOSECONDS.toSeconds(nanoTime);
    int at = (int) Math.floorMod(now, second.length);
    if (second[at] != now) {
      second[at] = now;
      promptIn[at] = 0;
      generatedIn[at] = 0;
    }
    promptIn[at] += prompt;
    generatedIn[at] += generated;
  }

  synchronized void pagesFree(int now) {
    pagesFree = now;
  }

  synchronized EngineStatus status(long nanoTime, long diskBytes) {
    long now = TimeUnit.NANOSECONDS.toSeconds(nanoTime);
    double prompt = 0;
    double generated = 0;
    for (int i = 0; i < second.length; i++) {
      if (second[i] < now && second[i] >= now - SECONDS) {
        prompt += promptIn[i];
        generated += generatedIn[i];
      }
    }
    return new EngineStatus(
        running,
        (int) (requests - finished - running),
        slots,
        pagesTotal,
        pagesFree,
        prompt / SECONDS,
        generated / SECONDS,
        promptTokens,
        generatedTokens,
        hits,
        misses,
        requests,
        finished,
        preemptions,
        diskBytes,
        diskHits);
  }
}
