package io.tiefsee.recipe;

/**
 * Names of the metrics that the terminal view and the reports know; a stage may have others too.
 */
public final class Metrics {
  /** Mean cross-entropy of the step's targets, nats a token. */
  public static final String LOSS = "loss";

  /** The same of the tokens after those, by multi-token prediction. */
  public static final String SECOND_LOSS = "mtp_loss";

  /**
   * Share of held-out answers' tokens where the guess of multi-token prediction is what the model
   * itself likes best one token later.
   */
  public static final String ACCEPTANCE = "mtp_acceptance";

  /** Mean reward of the step's answers. */
  public static final String REWARD = "reward";

  /** Share of the step's own answers that are right. */
  public static final String ACCURACY = "accuracy";

  /** Share of held-out problems whose first sampled answer is right, the mean over samples. */
  public static final String PASS_1 = "pass@1";

  /** Share of held-out problems whose most frequent answer among k samples is right. */
  public static final String MAJORITY = "majority@k";

  /** Mean tokens of an answer, thoughts included. */
  public static final String LENGTH = "length";

  /** Share of answers that the limit of tokens cut. */
  public static final String TRUNCATED = "truncated";

  /** Mean entropy of the sampled distributions, nats a token. */
  public static final String ENTROPY = "entropy";

  /** Mean KL divergence to the reference model, nats a token (k3). */
  public static final String KL = "kl";

  /** Share of tokens whose ratio was clipped. */
  public static final String CLIPPED = "clipped";

  /** Norm of the gradient before clipping. */
  public static final String GRADIENT_NORM = "gradient_norm";

  /** Learning rate of the step. */
  public static final String LEARNING_RATE = "learning_rate";

  /** Tokens that the step read or wrote in training and sampling. */
  public static final String TOKENS = "tokens";

  /** The above, by the step's wall time; the runner adds it. */
  public static final String TOKENS_PER_SECOND = "tokens/s";

  /** Wall time of the step; the runner adds it. */
  public static final String SECONDS = "seconds";

  /** Visits of the fullest expert over its share, less 1 (MaxVio). */
  public static final String MAX_VIOLATION = "max_violation";

  /** Mean judgements an answer; see {@link SelfChecks}. */
  public static final String VERDICTS = "verdicts";

  /** Mean checks an answer. */
  public static final String CHECKS = "checks";

  /** Mean restarts an answer. */
  public static final String RESTARTS = "restarts";

  private Metrics() {}
}
