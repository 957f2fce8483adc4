package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.AdamW;
import io.tiefsee.train.Schedule;

/**
 * How a stage moves the weights: table {@code optimiser} within that of a stage.
 *
 * @param learningRate at its peak
 * @param warmup steps of warm-up
 * @param floor share of the peak that is left at the end
 * @param shape of the way down
 * @param clip largest norm of the gradient
 * @param beta1 decay of AdamW's first moment
 * @param beta2 of the second
 * @param eps added to the root of the second
 * @param decay of matrices, times the learning rate a step
 * @param balance how far the experts' correction biases move a step (γ); 0: not at all
 * @param microTokens room of a micro-batch, in tokens; changes the memory and the speed
 */
public record OptimiserConfig(
    double learningRate,
    int warmup,
    double floor,
    Schedule.Shape shape,
    double clip,
    double beta1,
    double beta2,
    double eps,
    double decay,
    double balance,
    int microTokens) {
  /** For learning from demonstrations. */
  public static final OptimiserConfig SUPERVISED =
      new OptimiserConfig(
          1.2e-3, 20, 0.1, Schedule.Shape.COSINE, 1, 0.9, 0.95, 1e-8, 0.1, 1e-3, 4096);

  /** For learning from rewards. */
  public static final OptimiserConfig REINFORCED =
      new OptimiserConfig(3e-4, 5, 1, Schedule.Shape.CONSTANT, 1, 0.9, 0.95, 1e-8, 0, 1e-4, 4096);

  public OptimiserConfig {
    Limits.above("learning_rate", learningRate, 0);
    Limits.within("learning_rate", learningRate, 0, 1);
    Limits.atLeast("warmup", warmup, 0);
    Limits.within("floor", floor, 0, 1);
    Limits.above("clip", clip, 0);
    Limits.within("beta1", beta1, 0, 0.9999999);
    Limits.within("beta2", beta2, 0, 0.9999999);
    Limits.above("eps", eps, 1e-37); // in f32 what is less may be 0, and 0/0 no number
    Limits.within("decay", decay, 0, 10);
    if (learningRate * decay > 1) {
      throw new BadInput(
          "decay times learning_rate is at most 1, not "
              + learningRate * decay
              + ": weights would change their sign");
    }
    Limits.within("balance", balance, 0, 1);
    Limits.atLeast("micro_tokens", microTokens, 16);
  }

  /** The rates over {@code steps} optimiser steps. */
  public Schedule schedule(int steps) {
    return new Schedule(learningRate, Math.min(warmup, steps), steps, floor, shape);
  }

  public AdamW.Config adamW() {
    return new AdamW.Config((float) beta1, (float) beta2, (float) eps, (float) decay);
  }
}
