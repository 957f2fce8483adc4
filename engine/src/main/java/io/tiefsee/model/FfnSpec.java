package io.tiefsee.model;

/** Shape of one layer's feed-forward part. */
public sealed interface FfnSpec {
  /** SwiGLU over {@code hidden} numbers. */
  record Dense(int hidden) implements FfnSpec {}

  /**
   * Mixture of experts (DeepSeekMoE; DeepSeek-V3, section 2.1.2).
   *
   * @param experts routed experts
   * @param used routed experts that a token visits
   * @param hidden hidden numbers of a routed expert
   * @param sharedHidden hidden numbers of all shared experts together, 0 without
   * @param gate how router logits become scores
   * @param normalise the chosen scores are divided by their sum
   * @param scale factor of the routed experts' weights
   * @param groups groups of experts; 1 without group limit
   * @param groupsUsed groups that a token may visit
   */
  record Moe(
      int experts,
      int used,
      int hidden,
      int sharedHidden,
      Gate gate,
      boolean normalise,
      float scale,
      int groups,
      int groupsUsed)
      implements FfnSpec {}

  /** Scoring function of a router. */
  enum Gate {
    SOFTMAX,
    SIGMOID
  }
}
