package io.tiefsee.engine;

/**
 * How an engine stands at a moment.
 *
 * @param running requests that are being worked on
 * @param waiting requests that wait for a slot, for pages or for a prefix from disk
 * @param slots requests that can be worked on at once
 * @param pagesTotal pages of the KV cache, of {@link io.tiefsee.kernel.KvLayer#PAGE} tokens each
 * @param pagesFree those that no request holds; most of them still hold prefixes
 * @param promptTokensPerSecond prompt tokens computed, mean of the last ten seconds
 * @param tokensPerSecond tokens generated, mean of the last ten seconds
 * @param promptTokens prompt tokens computed since the start, those computed again included
 * @param generatedTokens tokens generated since the start
 * @param prefixHitTokens prompt tokens whose keys and values were there already
 * @param prefixMissTokens prompt tokens of admitted requests that were not
 * @param requests submitted since the start
 * @param finished of them, for whatever reason
 * @param preemptions times that a running request had to give way
 * @param diskBytes bytes of the prefix cache's folder, as far as known; 0 without one
 * @param diskHitTokens those of {@code prefixHitTokens} that came from disk
 */
public record EngineStatus(
    int running,
    int waiting,
    int slots,
    int pagesTotal,
    int pagesFree,
    double promptTokensPerSecond,
    double tokensPerSecond,
    long promptTokens,
    long generatedTokens,
    long prefixHitTokens,
    long prefixMissTokens,
    long requests,
    long finished,
    long preemptions,
    long diskBytes,
    long diskHitTokens) {}
