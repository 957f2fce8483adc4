package io.tiefsee.recipe;

import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.KvCache;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.train.LogProbs;
import io.tiefsee.train.PackedBatch;
import io.tiefsee.train.Tape;
import io.tiefsee.train.TapedOps;
import io.tiefsee.train.TrainableModel;
import java.lang.foreign.Arena;
import java.util.Arrays;

/** A model that stands still and says how probable others' answers are. */
final class Reference implements AutoCloseable {
  private final TrainableModel model;
  private final Arena arena = Arena.ofShared();
  private final Parallel parallel;
  private final Tape tape;
  private final TapedOps ops;
  private final KvCache cache;
  private final PackedBatch batch;

  /**
   * @param model becomes the reference's own
   * @param batchTokens room for the longest sequence at least
   */
  Reference(TrainableModel model, int batchTokens, Isa isa, int threads) {
    this.model = model;
    parallel = new Parallel(threads);
    tape = new Tape(isa, parallel, model.parameters());
    ops = new TapedOps(tape, model.spec());
    cache =
        new KvCache(model.spec(), QuantType.F32, Math.ceilDiv(batchTokens, KvLayer.PAGE), arena);
    batch = new PackedBatch(cache);
  }

  TrainableModel model() {
    return model;
  }

  /**
   * Log-probabilities of the answers' tokens, [examples][answer].
   *
   * @param prompts token ids, [examples]
   * @param answers token ids, [examples]
   */
  float[][] logProbs(int[][] prompts, int[][] answers) {
    float[][] found = new float[prompts.length][];
    for (int from = 0; from < prompts.length; ) {
      batch.clear();
      int to = from;
      while (to < prompts.length
          && (to == from || batch.fits(prompts[to].length + answers[to].length))) {
        int[] prompt = prompts[to];
        int[] all = Arrays.copyOf(prompt, prompt.length + answers[to].length);
        System.arraycopy(answers[to], 0, all, prompt.length, answers[to].length);
        float[] weights = new float[all.length];
        Arrays.fill(weights, prompt.length, all.length, 1);
        batch.add(all, weights);
        to++;
      }
      float[] values =
          LogProbs.of(tape, model.transformer().forward(batch.batch(), cache, ops), batch.targets())
              .values();
      for (int row = 0; from < to; from++) {
        found[from] = Arrays.copyOfRange(values, row, row + answers[from].length);
        row += answers[from].length;
      }
    }
    return found;
  }

  @Override
  public void close() {
    tape.close();
    parallel.close();
    arena.close();
    model.close();
  }
}
