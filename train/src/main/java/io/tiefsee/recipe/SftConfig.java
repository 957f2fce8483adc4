package io.tiefsee.recipe;

/**
 * Tables {@code [sft]} (cold start) and {@code [sft2]} (after rejection sampling): learning from
 * demonstrations, with the loss on the answer alone.
 *
 * @param steps optimiser steps
 * @param batch sequences a step
 * @param data a file of JSON lines to learn from; empty: demonstrations made from the tasks. Where
 *     the run itself keeps rows, as before {@code [sft2]}, these go before it
 * @param share of the sequences that come from {@code data} (in {@code [sft2]}: from what rejection
 *     sampling kept), the rest being demonstrations
 * @param nextTokenWeight of the loss of multi-token prediction, where the model has such a head
 * @param optimiser how the weights move
 */
public record SftConfig(
    int steps,
    int batch,
    String data,
    double share,
    double nextTokenWeight,
    OptimiserConfig optimiser) {
  public static final SftConfig DEFAULTS =
      new SftConfig(1000, 16, "", 0.75, 0.3, OptimiserConfig.SUPERVISED);

  public SftConfig {
    Limits.atLeast("steps", steps, 0);
    Limits.atLeast("batch", batch, 1);
    Limits.within("share", share, 0, 1);
    Limits.within("next_token_weight", nextTokenWeight, 0, 10);
  }
}
