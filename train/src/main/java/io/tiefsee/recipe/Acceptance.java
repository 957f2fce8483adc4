package io.tiefsee.recipe;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.KvCache;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import io.tiefsee.train.MtpLoss;
import io.tiefsee.train.PackedBatch;
import io.tiefsee.train.Tape;
import io.tiefsee.train.TapedOps;
import io.tiefsee.train.TrainableModel;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/**
 * How good the guesses of multi-token prediction are on answers that the model gave: the share that
 * equals what the model itself likes best one token later (see {@link MtpLoss#accepted}).
 */
final class Acceptance implements AutoCloseable {
  private static final int ROOM = 2048;

  private final Transformer model;
  private final Arena arena = Arena.ofShared();
  private final Parallel parallel;
  private final Tape tape;
  private final TapedOps ops;
  private final KvCache cache;
  private final PackedBatch batch;
  private long guesses;
  private long accepted;

  private Acceptance(TrainableModel trained, Isa isa, int threads) {
    model = trained.transformer();
    parallel = new Parallel(threads);
    tape = new Tape(isa, parallel, trained.parameters());
    ops = new TapedOps(tape, trained.spec());
    int pages = PackedBatch.pages(Math.max(ROOM, trained.spec().context()));
    cache = new KvCache(trained.spec(), QuantType.F32, pages, arena);
    batch = new PackedBatch(cache);
  }

  /**
   * The share on the first answer to each question; 0 where there is nothing to guess.
   *
   * @param model with multi-token prediction
   */
  static double of(TrainableModel model, List<Rollout.Group> groups, Isa isa, int threads) {
    try (Acceptance a = new Acceptance(model, isa, threads)) {
      groups.forEach(g -> a.add(g.question().prompt(), g.rollouts().getFirst().tokens()));
      a.flush();
      return a.guesses == 0 ? 0 : (double) a.accepted / a.guesses;
    }
  }

  private void add(int[] prompt, int[] answer) {
    int[] all = Arrays.copyOf(prompt, prompt.length + answer.length);
    System.arraycopy(answer, 0, all, prompt.length, answer.length);
    if (!batch.fits(all.length)) {
      flush();
    }
    float[] weights = new float[all.length];
    Arrays.fill(weights, prompt.length, all.length, 1);
    batch.add(all, weights);
  }

  private void flush() {
    if (batch.batch().size() == 0) {
      return;
    }
    Tensor hidden = model.hidden(batch.batch(), cache, ops);
    MtpLoss mtp = MtpLoss.of(tape, ops, model, hidden, model.logits(hidden, ops), batch);
    guesses += mtp.guesses();
    accepted += mtp.accepted();
    batch.clear();
  }

  @Override
  public void close() {
    tape.close();
    parallel.close();
    arena.close();
  }
}
