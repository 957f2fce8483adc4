package io.tiefsee.train;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.Batch;
import io.tiefsee.model.KvCache;
import io.tiefsee.tensor.BadInput;
import java.util.Arrays;

/**
 * Whole sequences one after the other in one batch; each sees only itself. A token is a target
 * where its weight is not 0, and is predicted by the row before it; only those rows get logits.
 */
public final class PackedBatch {
  /**
   * What multi-token prediction learns: row {@code rows[i]} has token i, is given the next one and
   * predicts the one after that.
   *
   * @param tokens next token of each row of the batch; the last of a sequence has its own
   * @param rows that have a target
   * @param targets token two on, [rows]
   * @param weights of the targets, [rows]
   */
  public record Next(int[] tokens, int[] rows, int[] targets, float[] weights) {}

  private final KvCache cache;
  private final Batch batch = new Batch();
  private int nextPage;
  private int[] targets = new int[16];
  private float[] weights = new float[16];
  private int count;
  private float[] tokenWeights = new float[16];

  /**
   * @param cache f32; its pages are handed out anew for every batch
   */
  public PackedBatch(KvCache cache) {
    this.cache = cache;
  }

  /** Begins a new batch. */
  public void clear() {
    batch.clear();
    nextPage = 0;
    count = 0;
  }

  /** Pages of the cache that a sequence takes. */
  public static int pages(int tokens) {
    return Math.ceilDiv(tokens, KvLayer.PAGE);
  }

  /** True if a sequence of so many tokens still fits. */
  public boolean fits(int tokens) {
    return nextPage + pages(tokens) <= cache.pages();
  }

  /**
   * Adds a sequence.
   *
   * @param tokens ids
   * @param targetWeights by token, 0 for what is not to be learnt; that of the first counts nothing
   */
  public void add(int[] tokens, float[] targetWeights) {
    if (!fits(tokens.length)) {
      throw new BadInput(
          "a sequence of "
              + tokens.length
              + " tokens does not fit into the rest of a training batch of "
              + cache.pages() * KvLayer.PAGE
              + " tokens: use smaller batches or allow larger ones");
    }
    int[] table = new int[pages(tokens.length)];
    for (int i = 0; i < table.length; i++) {
      table[i] = nextPage++;
    }
    batch.sequence(table);
    for (int p = 0; p < tokens.length; p++) {
      tokenWeight(targetWeights[p]);
      boolean wanted = p + 1 < tokens.length && targetWeights[p + 1] != 0;
      batch.add(tokens[p], p, table[p / KvLayer.PAGE] * KvLayer.PAGE + p % KvLayer.PAGE, wanted);
      if (wanted) {
        target(tokens[p + 1], targetWeights[p + 1]);
      }
    }
  }

  private void tokenWeight(float weight) {
    if (batch.size() == tokenWeights.length) {
      tokenWeights = Arrays.copyOf(tokenWeights, 2 * tokenWeights.length);
    }
    tokenWeights[batch.size()] = weight;
  }

  private void target(int token, float weight) {
    if (count == targets.length) {
      targets = Arrays.copyOf(targets, 2 * count);
      weights = Arrays.copyOf(weights, 2 * count);
    }
    targets[count] = token;
    weights[count++] = weight;
  }

  public Batch batch() {
    return batch;
  }

  /** Target of each row of the logits, in the order of the sequences. */
  public int[] targets() {
    return Arrays.copyOf(targets, count);
  }

  /** Weight of each target. */
  public float[] weights() {
    return Arrays.copyOf(weights, count);
  }

  /**
   * The same targets for multi-token prediction, which leaves out a sequence's first two tokens.
   */
  public Next next() {
    int n = batch.size();
    int[] tokens = Arrays.copyOf(batch.tokens(), n);
    int[] sequences = batch.sequences();
    int[] rows = new int[n];
    int[] ids = new int[n];
    float[] given = new float[n];
    int wanted = 0;
    for (int t = 0; t + 1 < n; t++) {
      if (sequences[t + 1] == sequences[t]) {
        tokens[t] = batch.tokens()[t + 1];
      }
      if (t + 2 < n && sequences[t + 2] == sequences[t] && tokenWeights[t + 2] != 0) {
        rows[wanted] = t;
        ids[wanted] = batch.tokens()[t + 2];
        given[wanted++] = tokenWeights[t + 2];
      }
    }
    return new Next(
        tokens,
        Arrays.copyOf(rows, wanted),
        Arrays.copyOf(ids, wanted),
        Arrays.copyOf(given, wanted));
  }
}
