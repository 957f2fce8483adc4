package io.tiefsee.recipe;

import io.tiefsee.kernel.GradientKernels;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.KvCache;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import io.tiefsee.train.AdamW;
import io.tiefsee.train.ExpertLoad;
import io.tiefsee.train.LogProbs;
import io.tiefsee.train.MtpLoss;
import io.tiefsee.train.PackedBatch;
import io.tiefsee.train.Tape;
import io.tiefsee.train.TapedOps;
import io.tiefsee.train.TrainableModel;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A model with all that it takes to train it. One step is any number of micro-batches, then the
 * optimiser:
 *
 * <pre>
 * for each micro-batch:  batch().clear(); batch().add(…);
 *                        LogProbs p = forward();
 *                        p.gradient(…) or p.crossEntropyGradient(…); backward();
 * step(rate, clip)
 * </pre>
 *
 * <p>Gradients add up over the micro-batches, so their weights must be shares of the whole step.
 * One thread calls; the results depend neither on the number of threads nor on how sequences are
 * packed, but for the order of the sum over micro-batches.
 */
public final class Learner implements AutoCloseable {
  /**
   * How to learn.
   *
   * @param adamW of the optimiser
   * @param balance how far the correction bias of an expert moves a step (γ of DeepSeek-V3, section
   *     2.1.2); 0 leaves the biases alone
   * @param batchTokens room of one micro-batch, in tokens; each sequence takes whole pages of
   *     {@link KvLayer#PAGE}
   */
  public record Options(AdamW.Config adamW, float balance, int batchTokens) {}

  /**
   * What a step did.
   *
   * @param gradientNorm before clipping
   * @param maxViolation visits of the fullest expert over its share, less 1, of the worst layer
   *     (MaxVio of Wang et al., 2024); 0 for a dense model
   */
  public record Step(double gradientNorm, double maxViolation) {}

  private final TrainableModel model;
  private final Options options;
  private final Arena arena = Arena.ofShared();
  private final Parallel parallel;
  private final Tape tape;
  private final TapedOps ops;
  private final KvCache cache;
  private final PackedBatch batch;
  private final AdamW adamW;
  private Optional<Pass> pass = Optional.empty();

  /** What the last forward pass left: [tokens, dim] and [targets, vocab]. */
  private record Pass(Tensor hidden, Tensor logits) {}

  /**
   * @param model what learns; stays the caller's to close
   * @param isa the best instruction set that may be used
   */
  public Learner(TrainableModel model, Options options, Isa isa, int threads) {
    this.model = model;
    this.options = options;
    ModelSpec spec = model.spec();
    parallel = new Parallel(threads);
    tape = new Tape(isa, parallel, model.parameters());
    ops = new TapedOps(tape, spec);
    int pages = Math.max(1, Math.ceilDiv(options.batchTokens, KvLayer.PAGE));
    cache = new KvCache(spec, QuantType.F32, pages, arena);
    batch = new PackedBatch(cache);
    adamW =
        new AdamW(
            options.adamW, model.parameters(), GradientKernels.forIsa(isa).ops(), parallel, arena);
  }

  /** The micro-batch, to be filled anew before each forward pass. */
  public PackedBatch batch() {
    return batch;
  }

  /**
   * Runs what is in {@link #batch} through the model.
   *
   * @return of the batch's targets, in their order; holds until the next forward pass
   * @throws BadInput if the weights give no numbers
   */
  public LogProbs forward() {
    return numbers(() -> {
      Tensor hidden = model.transformer().hidden(batch.batch(), cache, ops);
      Tensor logits = model.transformer().logits(hidden, ops);
      pass = Optional.of(new Pass(hidden, logits));
      return LogProbs.of(tape, logits, batch.targets());
    });
  }

  /** What a pass gives; where it meets what is no number, a line for the user. */
  private static <T> T numbers(Supplier<T> compute) {
    try {
      return compute.get();
    } catch (IllegalStateException e) {
      throw new BadInput(
          e.getMessage() + "; go on from the last checkpoint with a smaller learning rate", e);
    }
  }

  /**
   * Goes on from {@link #forward} with multi-token prediction, whose loss can be added before
   * {@link #backward}.
   *
   * @throws java.util.NoSuchElementException if the model has none
   * @throws BadInput if the weights give no numbers
   */
  public MtpLoss mtp() {
    Pass p = pass.orElseThrow();
    return numbers(() -> MtpLoss.of(tape, ops, model.transformer(), p.hidden, p.logits, batch));
  }

  /** Adds to the parameters' gradients, from what was left at the log-probabilities. */
  public void backward() {
    tape.backward();
  }

  /** Cross-entropy of {@link #batch} under its weights, its gradient added to the parameters'. */
  public double crossEntropy() {
    return crossEntropy(0).next();
  }

  /**
   * Cross-entropies of a batch.
   *
   * @param next of the next tokens
   * @param second of the tokens after those (see {@link MtpLoss}); 0 where it was left out
   */
  public record Losses(double next, double second) {
    Losses plus(Losses other) {
      return new Losses(next + other.next, second + other.second);
    }
  }

  /**
   * As {@link #crossEntropy()}, the gradient with {@code lambda} times the loss of multi-token
   * prediction (see {@link MtpLoss}); 0 leaves the module out.
   */
  public Losses crossEntropy(float lambda) {
    LogProbs p = forward();
    p.crossEntropyGradient(batch.weights());
    double second = 0;
    if (lambda > 0) {
      MtpLoss mtp = mtp();
      mtp.gradient(lambda);
      second = mtp.crossEntropy();
    }
    backward();
    return new Losses(p.crossEntropy(batch.weights()), second);
  }

  /**
   * Takes a step along the gradients, clears them, and moves the experts' correction biases.
   *
   * @param clip largest norm of the gradient
   * @throws BadInput if the gradient is not finite; the weights are then untouched
   */
  public Step step(double learningRate, double clip) {
    model.parameters().gather();
    double norm = adamW.step(learningRate, clip);
    if (!Double.isFinite(norm)) {
      throw new BadInput(
          "the gradient is "
              + norm
              + ", so the weights were left as they are; go on from the last checkpoint with a"
              + " smaller learning rate");
    }
    model.refresh();
    double worst = maxViolation();
    if (options.balance > 0) {
      ops.load().balance(model.transformer().weights(), options.balance);
    } else {
      ops.load().reset();
    }
    return new Step(norm, worst);
  }

  private double maxViolation() {
    double worst = 0;
    for (int i = 0; i < model.spec().blocks(); i++) {
      worst = Math.max(worst, ops.load().maxViolation(i));
    }
    return worst;
  }

  /** Visits of the experts since the last step; passes that only measure should reset it. */
  public ExpertLoad load() {
    return ops.load();
  }

  /** Room of a micro-batch, in tokens. */
  public int batchTokens() {
    return options.batchTokens;
  }

  public TrainableModel model() {
    return model;
  }

  /** The optimiser, whose state belongs into checkpoints. */
  public AdamW adamW() {
    return adamW;
  }

  @Override
  public void close() {
    tape.close();
    parallel.close();
    arena.close();
  }
}
