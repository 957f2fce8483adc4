package io.tiefsee.train;

import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.Tensor;

/**
 * The loss of multi-token prediction (DeepSeek-V3, section 2.2.2): the cross-entropy of the token
 * after the next, with the weights that the targets of the batch have; the whole loss is that of
 * the next tokens plus λ times this one. Its gradient goes through the hidden states into the model
 * itself.
 *
 * <pre>
 * Tensor hidden = model.hidden(batch.batch(), cache, ops);
 * Tensor logits = model.logits(hidden, ops);
 * LogProbs p = LogProbs.of(tape, logits, batch.targets());
 * MtpLoss mtp = MtpLoss.of(tape, ops, model, hidden, logits, batch);
 * p.crossEntropyGradient(batch.weights());
 * mtp.gradient(lambda);
 * tape.backward();
 * </pre>
 */
public final class MtpLoss {
  private final PackedBatch batch;
  private final PackedBatch.Next next;
  private final Tensor modelLogits;
  private final Tensor logits;
  private final LogProbs logProbs;

  private MtpLoss(
      PackedBatch batch,
      PackedBatch.Next next,
      Tensor modelLogits,
      Tensor logits,
      LogProbs logProbs) {
    this.batch = batch;
    this.next = next;
    this.modelLogits = modelLogits;
    this.logits = logits;
    this.logProbs = logProbs;
  }

  /**
   * Goes on with a pass.
   *
   * @param model with multi-token prediction
   * @param hidden of {@code batch}, [tokens, dim]
   * @param modelLogits of all its targets, [targets, vocab]
   */
  public static MtpLoss of(
      Tape tape,
      TapedOps ops,
      Transformer model,
      Tensor hidden,
      Tensor modelLogits,
      PackedBatch batch) {
    PackedBatch.Next next = batch.next();
    Tensor logits = model.mtp(hidden, next.tokens(), next.rows(), next.rows().length, ops);
    LogProbs logProbs = LogProbs.of(tape, logits, next.targets());
    return new MtpLoss(batch, next, modelLogits, logits, logProbs);
  }

  /** −Σ weight · log-probability of the tokens after the next. */
  public double crossEntropy() {
    return logProbs.crossEntropy(next.weights());
  }

  /**
   * Leaves the gradient of λ times {@link #crossEntropy} on the tape.
   *
   * @param lambda 0.3 for the first 10 T tokens of DeepSeek-V3, then 0.1
   */
  public void gradient(float lambda) {
    float[] weights = next.weights().clone();
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= lambda;
    }
    logProbs.crossEntropyGradient(weights);
  }

  /** How many tokens after the next there are to guess. */
  public int guesses() {
    return next.rows().length;
  }

  /**
   * How often the module's best guess is the model's own: the number of {@link #guesses} where the
   * token after the next that the module likes best is the one that the model, one token later,
   * likes best. On texts that the model wrote greedily this is what speculative decoding keeps of
   * them (DeepSeek-V3, section 5.4.3).
   */
  public int accepted() {
    int kept = 0;
    int row = 0;
    int[] logitRows = batch.batch().logitRows();
    for (int i = 0; i < next.rows().length; i++) {
      while (logitRows[row] != next.rows()[i] + 1) {
        row++;
      }
      kept += best(logits, i) == best(modelLogits, row) ? 1 : 0;
    }
    return kept;
  }

  private static int best(Tensor logits, int row) {
    int best = 0;
    for (int i = 1; i < logits.cols(); i++) {
      if (logits.get(row, i) > logits.get(row, best)) {
        best = i;
      }
    }
    return best;
  }
}
