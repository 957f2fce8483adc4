package io.tiefsee.engine;

import io.tiefsee.kernel.RowOps;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Chooses the next tokens of all sequences of a step; the threads share the rows. Owned by the
 * engine's thread. A step allocates nothing unless log-probabilities are asked for.
 */
final class Chooser {
  private static final int NONE = -1;

  private final Parallel parallel;
  private final Sampler[] samplers;
  private final Parallel.Body body = this::choose;
  private Tensor logits;
  private List<Sequence> sequences = List.of();
  private int[] tokens = new int[16];
  private float[] logProbs = new float[16];
  private Generation.LogProb[][] tops = new Generation.LogProb[16][];

  /** Why no token could be chosen, in rows whose token is {@link #NONE}. */
  private RuntimeException[] failures = new RuntimeException[16];

  /**
   * @param none any tensor
   */
  Chooser(Parallel parallel, RowOps ops, int vocab, Tensor none) {
    this.parallel = parallel;
    this.logits = none;
    this.samplers = new Sampler[parallel.threads()];
    Arrays.setAll(samplers, i -> new Sampler(ops, vocab));
  }

  /**
   * Chooses a token for each row.
   *
   * @param rows [sequences, vocab]
   * @param owners whose rows they are
   */
  void run(Tensor rows, List<Sequence> owners) {
    int n = owners.size();
    if (tokens.length < n) {
      tokens = new int[2 * n];
      logProbs = new float[2 * n];
      tops = new Generation.LogProb[2 * n][];
      failures = new RuntimeException[2 * n];
    }
    logits = rows;
    sequences = owners;
    parallel.run(n, 1, body);
  }

  private void choose(int from, int to, int thread) {
    Sampler sampler = samplers[thread];
    for (int row = from; row < to; row++) {
      Sequence s = sequences.get(row);
      try {
        tokens[row] =
            sampler.sample(
                logits, row, s.params, s.guide, s.seed, s.tokens(), s.length(), s.promptLength);
      } catch (BadInput e) {
        tokens[row] = NONE;
        failures[row] = e;
        continue;
      }
      if (s.params.logProbs() >= 0) {
        logProbs[row] = sampler.logProb(logits, row, tokens[row]);
        tops[row] = sampler.top(logits, row, s.params.logProbs());
      }
    }
  }

  /** Whether the guide of a row's sequence gave up. */
  boolean failed(int row) {
    return tokens[row] == NONE;
  }

  /** What a guide that gave up said. */
  RuntimeException failure(int row) {
    return failures[row];
  }

  /** The token chosen for a row; it is offered to the sequence's reader. */
  int offer(int row) {
    Sequence s = sequences.get(row);
    if (s.params.logProbs() < 0) {
      s.generation.offer(tokens[row]);
    } else {
      s.generation.offer(tokens[row], logProbs[row], tops[row]);
    }
    return tokens[row];
  }
}
